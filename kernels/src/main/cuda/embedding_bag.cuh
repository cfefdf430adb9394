// embedding_bag: pools the rows of every bag of every sparse feature, in one launch.
//
//   features [gridDim.y]  one BagFeature a sparse feature, see below
//
// blockIdx.y is the feature, so that the blocks of one table run side by side and share its hot
// rows in L2. One thread makes one 16-byte piece of pooled vectors: it walks a bag's rows in their
// order, some loads ahead of the additions (prefetch.cuh), and so adds exactly as a loop over the
// bag does. Neighbouring threads take neighbouring pieces, then the next bag; the grid strides over
// the bags. Any blockDim up to the entry's and any gridDim.x will do.
//
// Features with one id a bag need no pooling: dot_interaction and concatenate gather those
// themselves. They may come here all the same, with offsets null.
#pragma once

#include "prefetch.cuh"

// A sparse feature of a batch, 56 bytes. Pooling can run over distinct instances (users, items)
// instead of rows: count is then the number of instances, and what reads the pooled vectors maps
// rows to instances.
struct BagFeature {
    const void* table;   // [num_embeddings, table_stride] rows; elements past dim are zero
    const int* ids;      // [offsets[*count]] row ids that check_ids let pass
    const int* offsets;  // [*count + 1] where each bag starts in ids; null: one id a bag
    const int* count;    // [1] number of bags
    void* pooled;        // [*count, pooled_stride] pooled vectors; 16-byte aligned
    int table_stride;    // elements a row: dim, rounded up to 16 bytes
    int pooled_stride;   // elements from one pooled vector to the next; a multiple of 16 bytes
    int mean;            // 0: sum; 1: the sum divided by the bag's length. Empty bags give zeros
    int range_shift;     // id >> range_shift is the row's range, below 8 (by_range.cuh)

    __device__ __forceinline__ int first(unsigned bag) const {
        return offsets == nullptr ? static_cast<int>(bag) : __ldg(offsets + bag);
    }
    __device__ __forceinline__ int last(unsigned bag) const {
        return offsets == nullptr ? static_cast<int>(bag) + 1 : __ldg(offsets + bag + 1);
    }
};
static_assert(sizeof(BagFeature) == 56, "the host writes this layout");

struct InDeviceMemory {
    template <typename T>
    static __device__ __forceinline__ T load(const T* pointer) {
        return __ldg(pointer);
    }
};

// A bag's rows as a thread sees them that makes one 16-byte piece. Ids tells where their ids lie.
template <typename Row, typename Ids = InDeviceMemory>
struct PiecesOfRows : Ids {
    using Raw = uint4;
    static constexpr int kIdsALoad = 4;

    const unsigned char* table;  // the piece of the first row
    const int* ids;
    unsigned row_bytes;

    __device__ __forceinline__ int id(int at) const { return Ids::load(ids + at); }

    __device__ __forceinline__ const uint4* row(int id) const {
        return reinterpret_cast<const uint4*>(
            table + static_cast<unsigned long long>(static_cast<unsigned>(id)) * row_bytes);
    }

    __device__ __forceinline__ uint4 load(int id) const { return __ldg(row(id)); }

    __device__ __forceinline__ void add(float (&sum)[RowPiece<Row>::kValues], const uint4& piece,
                                        int) const {
        RowPiece<Row>::add(sum, piece);
    }
};

template <int kValues>
__device__ __forceinline__ void divide(float (&sum)[kValues], int length) {
    if (length > 0) {
#pragma unroll
        for (int i = 0; i < kValues; i++) {
            sum[i] = sum[i] / static_cast<float>(length);
        }
    }
}

// Writes a piece of a bag's pooled vector.
template <typename Pooled, int kValues>
__device__ __forceinline__ void store_pooled(const BagFeature& feature, unsigned bag,
                                             unsigned piece, const float (&sum)[kValues]) {
    store_elements(static_cast<Pooled*>(feature.pooled) +
                       static_cast<unsigned long long>(bag) *
                           static_cast<unsigned>(feature.pooled_stride) +
                       piece * kValues,
                   sum);
}

template <typename Row, typename Pooled, typename Prefetch>
__device__ __forceinline__ void embedding_bag(const BagFeature* __restrict__ features) {
    using Piece = RowPiece<Row>;
    const BagFeature& feature = features[blockIdx.y];
    const unsigned pieces = feature.table_stride / Piece::kValues;
    const unsigned width = pieces < blockDim.x ? pieces : blockDim.x;  // threads a bag
    const unsigned bags = blockDim.x / width;                          // bags a block
    const unsigned count = static_cast<unsigned>(*feature.count);
    if (threadIdx.x >= bags * width) {
        return;
    }
#pragma unroll 1
    for (unsigned piece = threadIdx.x % width; piece < pieces; piece += width) {
        const PiecesOfRows<Row> rows{
            {}, static_cast<const unsigned char*>(feature.table) + piece * 16, feature.ids,
            static_cast<unsigned>(feature.table_stride * sizeof(Row))};
#pragma unroll 1
        for (unsigned bag = blockIdx.x * bags + threadIdx.x / width; bag < count;
             bag += gridDim.x * bags) {
            float sum[Piece::kValues] = {};
            Prefetch::add(sum, rows, feature.first(bag), feature.last(bag));
            if (feature.mean) {
                divide(sum, feature.last(bag) - feature.first(bag));
            }
            store_pooled<Pooled>(feature, bag, piece, sum);
        }
    }
}

#define EMBEDDING_BAG(entry, Row, Pooled, Prefetch, threads, blocks_an_sm)      \
    extern "C" __global__ void __launch_bounds__(threads, blocks_an_sm) entry( \
        const BagFeature* features) {                                          \
        embedding_bag<Row, Pooled, Prefetch>(features);                        \
    }
