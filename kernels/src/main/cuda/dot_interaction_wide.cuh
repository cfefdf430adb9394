// dot_interaction_wide: dot_interaction for more vectors than a warp can hold, 33 to 768.
//
// Parameters are those of dot_interaction. One block a row of the batch: it gathers the vectors to
// shared memory, takes their products 16 x 16 a warp, and lays them side by side in `result`, as
// many rows of pairs as fit, before it writes them out. kWideThreads threads a block and
// dot_interaction_wide_shared bytes of dynamic shared memory; any number of blocks.
#pragma once

#include "operand.cuh"
#include "pairs.cuh"

constexpr int kWideThreads = 256;
constexpr int kWideResults = 12288;  // 16 rows of pairs of 768 vectors

__host__ __device__ constexpr int dot_interaction_wide_shared(int vectors, int dim,
                                                              int element_bytes) {
    return divide_up(vectors, 16) * 16 * vector_pitch(dim, element_bytes) +
           kWideResults * static_cast<int>(sizeof(float)) + divide_up(vectors, 2) * 16;
}

// Calls pair(i, j, product) for vectors i0 .. i0 + 15 against j0 .. j0 + 15.
template <typename Pair>
__device__ __forceinline__ void multiply_block(const Vectors& vectors, const __nv_bfloat16*,
                                               int pieces, int i0, int j0, int lane, Pair pair) {
    float sums[2][4] = {};
    for (int piece = 0; piece < pieces; piece += 2) {
        unsigned left[4];
        unsigned right[4];
        load_matrices(left, vectors.piece(i0 + lane % 16, piece + lane / 16));
        load_matrices(right, vectors.piece(j0 + lane % 16, piece + lane / 16));
        multiply_16x8x16<__nv_bfloat16>(sums[0], left, right[0], right[2]);
        multiply_16x8x16<__nv_bfloat16>(sums[1], left, right[1], right[3]);
    }
#pragma unroll
    for (int n = 0; n < 2; n++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            pair(i0 + lane / 4 + i / 2 * 8, j0 + n * 8 + lane % 4 * 2 + i % 2, sums[n][i]);
        }
    }
}

template <typename Pair>
__device__ __forceinline__ void multiply_block(const Vectors& vectors, const float*, int pieces,
                                               int i0, int j0, int lane, Pair pair) {
    float sums[2][4] = {};
    for (int piece = 0; piece < pieces; piece++) {
        float4 left[2];
#pragma unroll
        for (int m = 0; m < 2; m++) {
            left[m] =
                *reinterpret_cast<const float4*>(vectors.piece(i0 + 8 * m + lane / 4, piece));
        }
#pragma unroll
        for (int n = 0; n < 4; n++) {
            const float4 right =
                *reinterpret_cast<const float4*>(vectors.piece(j0 + 4 * n + lane % 4, piece));
#pragma unroll
            for (int m = 0; m < 2; m++) {
                sums[m][n] = fmaf(left[m].x, right.x, sums[m][n]);
                sums[m][n] = fmaf(left[m].y, right.y, sums[m][n]);
                sums[m][n] = fmaf(left[m].z, right.z, sums[m][n]);
                sums[m][n] = fmaf(left[m].w, right.w, sums[m][n]);
            }
        }
    }
#pragma unroll
    for (int m = 0; m < 2; m++) {
#pragma unroll
        for (int n = 0; n < 4; n++) {
            pair(i0 + 8 * m + lane / 4, j0 + 4 * n + lane % 4, sums[m][n]);
        }
    }
}

template <typename Element, typename Operand, typename Pairs>
__device__ __forceinline__ void dot_interaction_wide(const VectorSource* __restrict__ sources,
                                                     int vectors, int dim, int prefix,
                                                     void* __restrict__ matrix,
                                                     const int* __restrict__ rows, float scale,
                                                     unsigned* overflow) {
    const int count = *rows;
    const int thread = static_cast<int>(threadIdx.x);
    const int lane = thread % 32;
    const int warp = thread / 32;
    const int columns = prefix + vectors * (vectors - 1) / 2;
    const int k_blocks = divide_up(columns, kTileColumns);
    const int blocks = divide_up(vectors, 16);  // of 16 vectors
    const int pieces = divide_up(dim * static_cast<int>(sizeof(Element)), 16);
    const Vectors gathered{shared_memory(), vector_pitch(dim, sizeof(Element))};
    const int gathered_bytes = blocks * 16 * gathered.pitch;
    float* result = reinterpret_cast<float*>(shared_memory() + gathered_bytes);
    const unsigned char** addresses = reinterpret_cast<const unsigned char**>(result + kWideResults);

    // What no copy writes is zero.
    for (int i = thread; i < gathered_bytes / 16; i += kWideThreads) {
        reinterpret_cast<uint4*>(gathered.base)[i] = make_uint4(0, 0, 0, 0);
    }

    for (int row = static_cast<int>(blockIdx.x); row < count; row += static_cast<int>(gridDim.x)) {
        __syncthreads();
        for (int v = thread; v < vectors; v += kWideThreads) {
            addresses[v] = static_cast<const unsigned char*>(
                sources[v].vector(sources[v].index(row), static_cast<int>(sizeof(Element))));
        }
        __syncthreads();
        for (int at = thread; at < vectors * pieces; at += kWideThreads) {
            const int vector = at / pieces;
            const int piece = at - vector * pieces;
            copy_16_async(gathered.piece(vector, piece), addresses[vector] + piece * 16);
        }
        commit_copies();
        wait_copies<0>();
        __syncthreads();

        for (int i = thread; i < prefix; i += kWideThreads) {
            constexpr int kValues = 16 / sizeof(Element);
            result[i] = element_value(
                reinterpret_cast<const Element*>(gathered.piece(0, i / kValues))[i % kValues]);
        }
        int base = 0;  // column of result[0], the first of a chunk
        for (int first = 0; first < blocks;) {
            // Rows of pairs [16 * first, 16 * last) fit; the first row of none begins past the end.
            const auto end_column = [&](int block) {
                return block < blocks ? prefix + Pairs::first_column(16 * block, vectors) : columns;
            };
            int last = first + 1;
            while (last < blocks && end_column(last + 1) - base <= kWideResults) {
                last++;
            }
            for (int block = warp; block < (last - first) * blocks; block += kWideThreads / 32) {
                const int i0 = (first + block / blocks) * 16;
                const int j0 = block % blocks * 16;
                if (Pairs::contains(i0 + 15, j0) || Pairs::contains(i0, j0 + 15)) {
                    multiply_block(gathered, static_cast<const Element*>(nullptr), pieces, i0, j0,
                                   lane, [&](int i, int j, float product) {
                                       if (i < vectors && j < vectors && Pairs::contains(i, j)) {
                                           result[prefix + Pairs::column(i, j, vectors) - base] =
                                               product;
                                       }
                                   });
                }
            }
            int end = end_column(last);
            if (last == blocks) {
                for (int column = columns + thread; column < k_blocks * kTileColumns;
                     column += kWideThreads) {
                    result[column - base] = 0.0f;
                }
                end = k_blocks * kTileColumns;
            }
            __syncthreads();
            const int next = end / kChunk * kChunk;
            for (int at = thread * kChunk; at < next - base; at += kWideThreads * kChunk) {
                float values[kChunk];
#pragma unroll
                for (int i = 0; i < kChunk; i++) {
                    values[i] = result[at + i];
                }
                store_chunk<Operand>(matrix, k_blocks, row, (base + at) / kChunk, values, scale,
                               overflow);
            }
            // A chunk that is not full yet moves to the front.
            const float carried = thread < kChunk ? result[next - base + thread] : 0.0f;
            __syncthreads();
            if (thread < kChunk) {
                result[thread] = carried;
            }
            __syncthreads();
            base = next;
            first = last;
        }
    }
}

#define DOT_INTERACTION_WIDE(entry, Element, Operand, Pairs)                                 \
    extern "C" __global__ void __launch_bounds__(kWideThreads, 1)                            \
        entry(const VectorSource* sources, int vectors, int dim, int prefix, void* matrix,   \
              const int* rows, float scale, unsigned* overflow) {                            \
        dot_interaction_wide<Element, Operand, Pairs>(sources, vectors, dim, prefix, matrix, \
                                                      rows, scale, overflow);                \
    }

//                   entry                            vectors        operand   pairs
DOT_INTERACTION_WIDE(dot_interaction_wide_lower_bf16, __nv_bfloat16, F16,      LowerPairs)
DOT_INTERACTION_WIDE(dot_interaction_wide_upper_bf16, __nv_bfloat16, F16,      UpperPairs)
DOT_INTERACTION_WIDE(dot_interaction_wide_lower_f32,  float,         SplitF16, LowerPairs)
DOT_INTERACTION_WIDE(dot_interaction_wide_upper_f32,  float,         SplitF16, UpperPairs)
