// embedding_bag_staged: pools as embedding_bag does, by warps that stay for all tables and have the
// ids of their next bags copied to shared memory while they walk.
//
//   features [tables]  one BagFeature a sparse feature (embedding_bag.cuh)
//   tables             how many
//
// The bags of all tables stand in one line, a table's side by side. A warp takes one bag of fp32 rows or
// two of rows of 2 bytes an element, then goes on by all warps of the grid, so that all get as many bags
// whatever a table has. It takes 256 ids of a bag at a time, arranged by the policy Order
// (by_range.cuh). A thread makes one 16-byte piece of a pooled vector; where rows have more pieces than
// a bag has threads, the bag is walked again for the next ones. Any gridDim.x will do; a grid of whole
// tables, or of as many blocks as the device holds at once, keeps bags of a table together.
#pragma once

#include "by_range.cuh"

struct InSharedMemory {
    template <typename T>
    static __device__ __forceinline__ T load(const T* pointer) {
        return *pointer;
    }
};

// What a warp walks at a time.
struct Portion {
    int table;  // number of the feature
    int bag;    // the warp's first
    int piece;  // the bag's first thread's
    int from;   // so many of each bag's ids come before
};

template <typename Row>
struct StagedBags {
    static constexpr int kWarps = 8;
    static constexpr int kBags = 4 / sizeof(Row);  // a warp
    static constexpr int kWidth = 32 / kBags;      // threads a bag
    static constexpr int kMostIds = 256;           // of a bag, in a portion

    // The ids of a portion that are under way to shared memory.
    struct Copied {
        int counts[kBags];
        int longest;  // ids of the longest bag, those of other portions too

        __device__ __forceinline__ int of(int bag) const {  // counts[bag] would lie in local memory
            int count = counts[0];
#pragma unroll
            for (int b = 1; b < kBags; b++) {
                count = b == bag ? counts[b] : count;
            }
            return count;
        }
    };

    using Ids = int[kBags][kMostIds];

    const BagFeature* features;
    int tables;

    __device__ __forceinline__ Portion first() const {
        const int warp = static_cast<int>(blockIdx.x * kWarps + threadIdx.x / 32);
        return with_bags({0, warp * kBags, 0, 0});
    }

    // The portion after one whose longest bag has so many ids. One that begins a bag, or another
    // piece of it, has from = 0.
    __device__ __forceinline__ Portion after(Portion portion, int longest) const {
        portion.from += kMostIds;
        if (portion.from < longest) {
            return portion;
        }
        portion.from = 0;
        portion.piece += kWidth;
        if (portion.piece < pieces(features[portion.table])) {
            return portion;
        }
        portion.piece = 0;
        portion.bag += static_cast<int>(gridDim.x) * kWarps * kBags;
        return with_bags(portion);
    }

    __device__ __forceinline__ Copied begin_copies(const Portion& portion, Ids& to) const {
        Copied copied{};
        if (portion.table < tables) {
            const BagFeature& feature = features[portion.table];
            const int count = *feature.count;
#pragma unroll
            for (int b = 0; b < kBags; b++) {
                if (portion.bag + b < count) {
                    const int first = feature.first(portion.bag + b);
                    const int length = feature.last(portion.bag + b) - first;
                    const int ids = min(max(length - portion.from, 0), kMostIds);
                    for (int i = threadIdx.x % 32; i < ids; i += 32) {
                        copy_async<4>(&to[b][i], feature.ids + first + portion.from + i);
                    }
                    copied.counts[b] = ids;
                    copied.longest = max(copied.longest, length);
                }
            }
        }
        commit_copies();
        return copied;
    }

    static __device__ __forceinline__ int pieces(const BagFeature& feature) {
        return feature.table_stride / RowPiece<Row>::kValues;
    }

  private:
    // The portion, its bag counted from the table's first, or from that of the table that has it.
    __device__ __forceinline__ Portion with_bags(Portion portion) const {
        while (portion.table < tables) {
            const int places = (*features[portion.table].count + kBags - 1) / kBags * kBags;
            if (portion.bag < places) {
                break;
            }
            portion.bag -= places;
            portion.table++;
        }
        return portion;
    }
};

template <typename Row, typename Pooled, typename Order, typename Prefetch>
__device__ __forceinline__ void embedding_bag_staged(const BagFeature* __restrict__ features,
                                                     int tables) {
    using Piece = RowPiece<Row>;
    using Bags = StagedBags<Row>;
    __shared__ __align__(16) typename Bags::Ids ids[Bags::kWarps][2];
    __shared__ typename Order::Scratch scratch[Bags::kWarps];
    const int warp = threadIdx.x / 32;
    const int mine = threadIdx.x % 32 / Bags::kWidth;  // which of the warp's bags
    const Bags bags{features, tables};
    Portion now = bags.first();
    int side = 0;
    typename Bags::Copied copied = bags.begin_copies(now, ids[warp][side]);
    float sum[Piece::kValues] = {};
#pragma unroll 1
    while (now.table < tables) {
        const BagFeature& feature = features[now.table];
        wait_copies<0>();
        __syncwarp();
#pragma unroll
        for (int b = 0; b < Bags::kBags; b++) {
            Order::arrange(ids[warp][side][b], copied.counts[b], feature.range_shift,
                           scratch[warp]);
        }
        const Portion next = bags.after(now, copied.longest);
        const auto next_copied = bags.begin_copies(next, ids[warp][side ^ 1]);

        const int piece = now.piece + static_cast<int>(threadIdx.x) % Bags::kWidth;
        const int bag = now.bag + mine;
        if (piece < Bags::pieces(feature) && bag < *feature.count) {
            const PiecesOfRows<Row, InSharedMemory> rows{
                {}, static_cast<const unsigned char*>(feature.table) + piece * 16,
                ids[warp][side][mine], static_cast<unsigned>(feature.table_stride * sizeof(Row))};
            Prefetch::add(sum, rows, 0, copied.of(mine));
            if (next.from == 0) {
                if (feature.mean) {
                    divide(sum, feature.last(bag) - feature.first(bag));
                }
                store_pooled<Pooled>(feature, bag, piece, sum);
#pragma unroll
                for (int i = 0; i < Piece::kValues; i++) {
                    sum[i] = 0;
                }
            }
        }
        __syncwarp();  // before others overwrite the ids that this thread walks
        now = next;
        copied = next_copied;
        side ^= 1;
    }
}

#define EMBEDDING_BAG_STAGED(entry, Row, Pooled, Order, Prefetch, blocks_an_sm) \
    extern "C" __global__ void __launch_bounds__(256, blocks_an_sm) entry(      \
        const BagFeature* features, int tables) {                               \
        embedding_bag_staged<Row, Pooled, Order, Prefetch>(features, tables);   \
    }
