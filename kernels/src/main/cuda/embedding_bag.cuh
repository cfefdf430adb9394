// embedding_bag: pools the rows of every bag of every sparse feature, in one launch.
//
//   features [gridDim.y]  one BagFeature a sparse feature, see below
//
// blockIdx.y is the feature, so that the blocks of one table run side by side and share its hot
// rows in L2. One thread makes one 16-byte piece of pooled vectors: it walks a bag's rows in their
// order, kRowsInFlight loads ahead of the additions, and so adds exactly as a loop over the bag
// does. Neighbouring threads take neighbouring pieces, then the next bag; the grid strides over
// the bags. Any blockDim up to 256 and any gridDim.x will do.
//
// Features with one id a bag need no pooling: dot_interaction and concatenate gather those
// themselves. They may come here all the same, with offsets null.
#pragma once

#include "elements.cuh"

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
    int reserved;
};
static_assert(sizeof(BagFeature) == 56, "the host writes this layout");

// A table's element type: how many fit 16 bytes, and how those are added to fp32 sums.
template <typename T>
struct RowPiece;

template <>
struct RowPiece<float> {
    static constexpr int kValues = 4;
    static __device__ __forceinline__ void add(float (&sum)[4], const uint4& piece) {
        sum[0] += __uint_as_float(piece.x);
        sum[1] += __uint_as_float(piece.y);
        sum[2] += __uint_as_float(piece.z);
        sum[3] += __uint_as_float(piece.w);
    }
};

template <>
struct RowPiece<__nv_bfloat16> {
    static constexpr int kValues = 8;
    static __device__ __forceinline__ void add(float (&sum)[8], const uint4& piece) {
        const unsigned words[4] = {piece.x, piece.y, piece.z, piece.w};
#pragma unroll
        for (int i = 0; i < 4; i++) {
            sum[2 * i] += __uint_as_float(words[i] << 16);
            sum[2 * i + 1] += __uint_as_float(words[i] & 0xffff0000u);
        }
    }
};

template <>
struct RowPiece<__half> {
    static constexpr int kValues = 8;
    static __device__ __forceinline__ void add(float (&sum)[8], const uint4& piece) {
        const unsigned words[4] = {piece.x, piece.y, piece.z, piece.w};
#pragma unroll
        for (int i = 0; i < 4; i++) {
            sum[2 * i] += __half2float(__ushort_as_half(static_cast<unsigned short>(words[i])));
            sum[2 * i + 1] +=
                __half2float(__ushort_as_half(static_cast<unsigned short>(words[i] >> 16)));
        }
    }
};

// What one thread does with one 16-byte piece of a feature's pooled vectors.
template <typename Row, typename Pooled, int kRowsInFlight>
struct EmbeddingBag {
    static constexpr int kValues = RowPiece<Row>::kValues;

    const BagFeature& feature;
    const unsigned char* rows;  // this piece of the table's first row
    Pooled* pooled;             // and of the first pooled vector

    __device__ __forceinline__ uint4 load(int id) const {
        const unsigned stride = static_cast<unsigned>(feature.table_stride) * sizeof(Row);
        return __ldg(reinterpret_cast<const uint4*>(
            rows + static_cast<unsigned long long>(static_cast<unsigned>(id)) * stride));
    }

    __device__ __forceinline__ void store(unsigned bag, const float (&sum)[kValues]) const {
        store_elements(pooled + static_cast<unsigned long long>(bag) *
                                  static_cast<unsigned>(feature.pooled_stride),
                     sum);
    }

    // Adds the rows of the next kRows ids, all loaded before the first is added.
    template <int kRows>
    __device__ __forceinline__ void add(float (&sum)[kValues], int& at) const {
        uint4 pieces[kRows];
#pragma unroll
        for (int i = 0; i < kRows; i++) {
            pieces[i] = load(__ldg(feature.ids + at + i));
        }
#pragma unroll
        for (int i = 0; i < kRows; i++) {
            RowPiece<Row>::add(sum, pieces[i]);
        }
        at += kRows;
    }

    // Adds the fewer than kRows ids that are left: half of kRows, a quarter, ...
    template <int kRows>
    __device__ __forceinline__ void add_rest(float (&sum)[kValues], int& at, int last) const {
        if constexpr (kRows > 1) {
            if (at + kRows / 2 <= last) {
                add<kRows / 2>(sum, at);
            }
            add_rest<kRows / 2>(sum, at, last);
        }
    }

    // One bag of any length.
    __device__ __forceinline__ void pool(unsigned bag) const {
        int first = static_cast<int>(bag);
        int last = first + 1;
        if (feature.offsets != nullptr) {
            first = __ldg(feature.offsets + bag);
            last = __ldg(feature.offsets + bag + 1);
        }
        float sum[kValues] = {};
        int at = first;
#pragma unroll 1
        while (at + kRowsInFlight <= last) {
            add<kRowsInFlight>(sum, at);
        }
        add_rest<kRowsInFlight>(sum, at, last);
        if (feature.mean && last > first) {
            const float length = static_cast<float>(last - first);
#pragma unroll
            for (int i = 0; i < kValues; i++) {
                sum[i] = sum[i] / length;
            }
        }
        store(bag, sum);
    }
};

template <typename Row, typename Pooled, int kRowsInFlight>
__device__ __forceinline__ void embedding_bag(const BagFeature* __restrict__ features) {
    const BagFeature feature = features[blockIdx.y];
    constexpr int kValues = RowPiece<Row>::kValues;
    const unsigned pieces = feature.table_stride / kValues;
    const unsigned width = pieces < blockDim.x ? pieces : blockDim.x;  // threads a bag
    const unsigned bags = blockDim.x / width;                          // bags a block
    const unsigned count = static_cast<unsigned>(*feature.count);
    if (threadIdx.x >= bags * width) {
        return;
    }
#pragma unroll 1
    for (unsigned piece = threadIdx.x % width; piece < pieces; piece += width) {
        const EmbeddingBag<Row, Pooled, kRowsInFlight> thread{
            feature, static_cast<const unsigned char*>(feature.table) + piece * 16,
            static_cast<Pooled*>(feature.pooled) + piece * kValues};
#pragma unroll 1
        for (unsigned bag = blockIdx.x * bags + threadIdx.x / width; bag < count;
             bag += gridDim.x * bags) {
            thread.pool(bag);
        }
    }
}

#define EMBEDDING_BAG(entry, Row, Pooled, rows_in_flight)                                    \
    extern "C" __global__ void __launch_bounds__(256, 4) entry(const BagFeature* features) { \
        embedding_bag<Row, Pooled, rows_in_flight>(features);                                \
    }

//            entry                   rows           pooled         rows in flight
EMBEDDING_BAG(embedding_bag_f32_f32,   float,         float,         8)
EMBEDDING_BAG(embedding_bag_f16_f32,   __half,        float,         8)
EMBEDDING_BAG(embedding_bag_bf16_f32,  __nv_bfloat16, float,         8)
EMBEDDING_BAG(embedding_bag_f32_bf16,  float,         __nv_bfloat16, 8)
EMBEDDING_BAG(embedding_bag_f16_bf16,  __half,        __nv_bfloat16, 8)
EMBEDDING_BAG(embedding_bag_bf16_bf16, __nv_bfloat16, __nv_bfloat16, 8)
