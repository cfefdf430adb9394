// group_bags: brings the row ids of every bag into the order of 32 ranges of their table.
//
//   features [gridDim.y]  one BagFeature a sparse feature (embedding_bag.cuh)
//   grouped  [gridDim.y]  the same features, with other ids: what those point to is written
//
// When embedding_bag then walks such bags, the bags of a table that are resident together walk it
// from its first range to its last together: a row that several of them want is in L2, or in the
// multiprocessor's L1, when the next one asks. Within a range ids keep their order, so that sums
// are added in another order than the bag's, but the same from run to run and in any batch.
//
// A warp takes a bag, 256 ids of it at a time; longer bags are grouped 256 by 256. blockDim is 256.
#pragma once

#include "embedding_bag.cuh"

struct GroupBags {
    static constexpr int kRanges = 32;
    static constexpr int kWarps = 8;
    static constexpr int kRounds = 8;
    static constexpr unsigned kAll = 0xffffffffu;

    int (&counts)[kRanges + 1];  // of the warp: ids by range; the last is for lanes without an id
    int (&placed)[32 * kRounds];

    // Groups count <= 256 ids.
    __device__ __forceinline__ void group(int* to, const int* from, int count, int shift) const {
        const int lane = threadIdx.x % 32;
        int ids[kRounds];
        int places[kRounds];  // within the id's range
#pragma unroll
        for (int round = 0; round < kRounds; round++) {
            const int at = round * 32 + lane;
            ids[round] = at < count ? __ldg(from + at) : -1;
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
                placed[counts[range_of(ids[round], shift)] + places[round]] = ids[round];
            }
        }
        __syncwarp();
#pragma unroll
        for (int round = 0; round < kRounds; round++) {
            if (round * 32 + lane < count) {
                to[round * 32 + lane] = placed[round * 32 + lane];
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

extern "C" __global__ void __launch_bounds__(32 * GroupBags::kWarps)
    group_bags(const BagFeature* features, const BagFeature* grouped) {
    __shared__ int counts[GroupBags::kWarps][GroupBags::kRanges + 1];
    __shared__ int placed[GroupBags::kWarps][32 * GroupBags::kRounds];
    const int warp = threadIdx.x / 32;
    const GroupBags bags{counts[warp], placed[warp]};
    const BagFeature& feature = features[blockIdx.y];
    int* const to = const_cast<int*>(grouped[blockIdx.y].ids);
    const int count = *feature.count;
    for (int bag = blockIdx.x * GroupBags::kWarps + warp; bag < count;
         bag += gridDim.x * GroupBags::kWarps) {
        const int last = feature.last(bag);
        for (int first = feature.first(bag); first < last; first += 256) {
            bags.group(to + first, feature.ids + first, min(last - first, 256),
                       feature.range_shift);
        }
    }
}
