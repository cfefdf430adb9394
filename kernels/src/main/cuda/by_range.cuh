// In which order a warp walks a bag's ids that it has in shared memory (embedding_bag_staged.cuh).
//
//   AsGiven   the bag's own
//   ByRange   by 8 ranges of the table: those of its first eighth, of its second, ...
//
// Bags of a table that run at once and go by range, walk the table together, from its first row to
// its last: a row that several of them want is in L2, or in the multiprocessor's L1, when the next
// one asks. Nothing makes them keep step but that: who is ahead misses L2, who is behind catches up.
// Within a range ids keep their order. So sums are added in another order than the bag's, but the
// same from run to run and in any batch.
#pragma once

#include "embedding_bag.cuh"

struct AsGiven {
    struct Scratch {};

    static __device__ __forceinline__ void arrange(int*, int, int, Scratch&) {}
};

struct ByRange {
    static constexpr int kRanges = 8;
    static constexpr int kRounds = 8;
    static constexpr unsigned kAll = 0xffffffffu;

    struct Scratch {
        int counts[32];  // of the warp: ids by range, and of those that are none
    };
    static_assert(kRanges < 32);

    // The warp arranges count <= 256 ids.
    static __device__ __forceinline__ void arrange(int* to, int count, int shift,
                                                   Scratch& scratch) {
        int (&counts)[32] = scratch.counts;
        const int lane = threadIdx.x % 32;
        int ids[kRounds];
        int places[kRounds];  // within the id's range
#pragma unroll
        for (int round = 0; round < kRounds; round++) {
            const int at = round * 32 + lane;
            ids[round] = at < count ? to[at] : -1;
        }
        counts[lane] = 0;
        __syncwarp();
#pragma unroll
        for (int round = 0; round < kRounds; round++) {
            if (round * 32 < count) {
                const int range = range_of(ids[round], shift);
                const unsigned same = __match_any_sync(kAll, range);
                const int before = __popc(same & ((1u << lane) - 1));
                const int earlier = counts[range];
                __syncwarp();
                if (before == 0) {
                    counts[range] = earlier + __popc(same);
                }
                __syncwarp();
                places[round] = earlier + before;
            }
        }
        counts[lane] = sum_of_lower_lanes(counts[lane], lane);
        __syncwarp();
#pragma unroll
        for (int round = 0; round < kRounds; round++) {
            if (round * 32 + lane < count) {
                to[counts[range_of(ids[round], shift)] + places[round]] = ids[round];
            }
        }
        __syncwarp();
    }

  private:
    static __device__ __forceinline__ int range_of(int id, int shift) {
        return id < 0 ? kRanges : min(id >> shift, kRanges - 1);
    }

    static __device__ __forceinline__ int sum_of_lower_lanes(int value, int lane) {
        int sum = value;
#pragma unroll
        for (int distance = 1; distance < 32; distance *= 2) {
            const int lower = __shfl_up_sync(kAll, sum, distance);
            sum += lane >= distance ? lower : 0;
        }
        return sum - value;
    }
};
