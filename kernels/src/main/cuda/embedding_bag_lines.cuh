// embedding_bag_lines: pools as embedding_bag does, a bag by 8 threads.
//
//   features [gridDim.y]  one BagFeature a sparse feature (embedding_bag.cuh)
//
// What L1 sends to the threads of a multiprocessor is 128 bytes a cycle, ids as well as rows. Where 32
// threads share a bag, each of them gets its ids: a row of 512 bytes takes four cycles, and its id one
// more. Here 8 threads do, which load a line of 128 bytes of a row at a time, and one cycle brings the
// ids of several bags. A thread makes 16 bytes of each of up to 4 lines of a pooled vector, 2 where
// elements have 2 bytes: 128 elements either way. Where rows are longer, bags are walked again for the
// next lines. It adds as a loop over the bag does. Any blockDim that is a multiple of 8 and any gridDim.x
// will do.
#pragma once

#include "embedding_bag.cuh"

constexpr unsigned kThreadsALine = 8;

// A bag's rows as a thread sees them that makes a piece of each of so many lines.
template <typename Row, int kLines>
struct LinesOfRows {
    static constexpr int kIdsALoad = 4;
    static constexpr int kValues = RowPiece<Row>::kValues;
    struct Raw {
        uint4 pieces[kLines];
    };

    const unsigned char* table;  // the first line's piece of the first row
    const int* ids;
    unsigned row_bytes;

    __device__ __forceinline__ int id(int at) const { return __ldg(ids + at); }

    __device__ __forceinline__ Raw load(int id) const {
        const uint4* row = reinterpret_cast<const uint4*>(
            table + static_cast<unsigned long long>(static_cast<unsigned>(id)) * row_bytes);
        Raw raw;
#pragma unroll
        for (int line = 0; line < kLines; line++) {
            raw.pieces[line] = __ldg(row + line * kThreadsALine);
        }
        return raw;
    }

    __device__ __forceinline__ void add(float (&sums)[kLines * kValues], const Raw& raw,
                                        int) const {
#pragma unroll
        for (int line = 0; line < kLines; line++) {
            RowPiece<Row>::add(sums + line * kValues, raw.pieces[line]);
        }
    }
};

// Pools the pieces of kLines lines, the first of them `piece`; fewer where the row ends before.
template <typename Row, typename Pooled, typename Prefetch, int kLines>
__device__ __forceinline__ void pool_lines(const BagFeature& feature, unsigned bag, unsigned piece,
                                           unsigned pieces) {
    constexpr int kValues = RowPiece<Row>::kValues;
    if constexpr (kLines > 1) {
        if (piece + (kLines - 1) * kThreadsALine >= pieces) {
            pool_lines<Row, Pooled, Prefetch, kLines - 1>(feature, bag, piece, pieces);
            return;
        }
    }
    const LinesOfRows<Row, kLines> rows{
        static_cast<const unsigned char*>(feature.table) + piece * 16, feature.ids,
        static_cast<unsigned>(feature.table_stride * sizeof(Row))};
    float sums[kLines * kValues] = {};
    Prefetch::add(sums, rows, feature.first(bag), feature.last(bag));
    if (feature.mean) {
        divide(sums, feature.last(bag) - feature.first(bag));
    }
#pragma unroll
    for (int line = 0; line < kLines; line++) {
        float sum[kValues];
#pragma unroll
        for (int i = 0; i < kValues; i++) {
            sum[i] = sums[line * kValues + i];
        }
        store_pooled<Pooled>(feature, bag, piece + line * kThreadsALine, sum);
    }
}

template <typename Row, typename Pooled, typename Prefetch>
__device__ __forceinline__ void embedding_bag_lines(const BagFeature* __restrict__ features) {
    constexpr int kLines = sizeof(Row);
    const BagFeature& feature = features[blockIdx.y];
    const unsigned pieces = feature.table_stride / RowPiece<Row>::kValues;
    const unsigned bags = blockDim.x / kThreadsALine;  // a block
    const unsigned count = static_cast<unsigned>(*feature.count);
#pragma unroll 1
    for (unsigned piece = threadIdx.x % kThreadsALine; piece < pieces;
         piece += kLines * kThreadsALine) {
#pragma unroll 1
        for (unsigned bag = blockIdx.x * bags + threadIdx.x / kThreadsALine; bag < count;
             bag += gridDim.x * bags) {
            pool_lines<Row, Pooled, Prefetch, kLines>(feature, bag, piece, pieces);
        }
    }
}

#define EMBEDDING_BAG_LINES(entry, Row, Pooled, Prefetch, threads, blocks_an_sm) \
    extern "C" __global__ void __launch_bounds__(threads, blocks_an_sm) entry(  \
        const BagFeature* features) {                                           \
        embedding_bag_lines<Row, Pooled, Prefetch>(features);                   \
    }
