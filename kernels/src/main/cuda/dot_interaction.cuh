// dot_interaction: gathers up to 32 vectors a row and takes the dot product of each pair.
//
//   sources  [vectors] one VectorSource a vector, vector 0 the dense one when prefix > 0
//   vectors  2 to 32
//   dim      elements of a vector
//   prefix   elements of vector 0 to put before the pairs: dim, or 0 when there is no dense vector
//   matrix   [*rows, prefix + vectors * (vectors - 1) / 2] operand, padding written: the first
//            prefix elements of vector 0, then the pairs
//   rows     [1] number of rows
//   scale, overflow  as in operand.cuh
//
// A vector is a table's row when its feature has one id a bag, so that such vectors never touch
// device memory between table and pairs; otherwise a pooled vector.
//
// One warp a row (two for fp32): while it multiplies one row's vectors, those of its next row are
// on their way to shared memory. Vectors meet on tensor cores: bf16 ones as they are, fp32 ones as
// three products of tf32, of the high and low parts of their elements. Any number of rows a block,
// up to 256 threads (384 for fp32); a row needs dot_interaction_shared bytes of dynamic shared
// memory.
#pragma once

#include "operand.cuh"
#include "pairs.cuh"

constexpr int kMostVectors = 32;

// The kWarps warps that work on a row. Calls pair(larger, smaller, product) for pairs of all 32
// vectors, larger > smaller and others. kExchange bytes of a row's shared memory are its own.
template <typename Element>
struct PairProducts;

template <>
struct PairProducts<__nv_bfloat16> {
    static constexpr int kWarps = 1;
    static constexpr int kExchange = 0;

    static __device__ __forceinline__ void synchronize() { __syncwarp(); }

    template <typename Pair>
    static __device__ __forceinline__ void run(const Vectors& vectors, int pieces, float*,
                                               Pair pair) {
        const int lane = static_cast<int>(threadIdx.x % 32);
        // sums[m][n]: vectors 16 * m .. + 15 against vectors 8 * n .. + 7. What tensor cores want
        // of the left operand for 16 vectors is what they want of the right one for twice 8.
        float sums[2][4][4] = {};
        const int row = lane % 16;
        for (int piece = 0; piece < pieces; piece += 2) {
            unsigned operand[2][4];
            load_matrices(operand[0], vectors.piece(row, piece + lane / 16));
            load_matrices(operand[1], vectors.piece(row + 16, piece + lane / 16));
#pragma unroll
            for (int m = 0; m < 2; m++) {
#pragma unroll
                for (int n = 0; n < 2 * m + 2; n++) {
                    multiply_16x8x16<__nv_bfloat16>(sums[m][n], operand[m],
                                                    operand[n / 2][n % 2],
                                                    operand[n / 2][n % 2 + 2]);
                }
            }
        }
#pragma unroll
        for (int m = 0; m < 2; m++) {
#pragma unroll
            for (int n = 0; n < 2 * m + 2; n++) {
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    pair(16 * m + lane / 4 + i / 2 * 8, 8 * n + lane % 4 * 2 + i % 2,
                         sums[m][n][i]);
                }
            }
        }
    }
};

template <>
struct PairProducts<float> {
    static constexpr int kWarps = 2;
    static constexpr int kTilesAWarp = 3;  // of 16 x 8 vectors
    static constexpr int kExchange = kWarps * kTilesAWarp * 32 * 4 * sizeof(float);

    static __device__ __forceinline__ void synchronize() {
        synchronize_group<32 * kWarps>(1 + static_cast<int>(threadIdx.x / (32 * kWarps)));
    }

    // Each warp sums over one half of the elements, and then ends one half of the tiles.
    template <typename Pair>
    static __device__ __forceinline__ void run(const Vectors& vectors, int pieces, float* exchange,
                                               Pair pair) {
        // As above, of 16 elements a step: lane l reads elements 4 * (l % 4) .. + 3, which are
        // columns l % 4 and l % 4 + 4 of two products. In which order elements are summed is free,
        // so is which vector is which row: these orders touch all banks.
        const int lane = static_cast<int>(threadIdx.x % 32);
        const int warp = static_cast<int>(threadIdx.x / 32 % kWarps);
        float sums[2 * kTilesAWarp][4] = {};
        for (int piece = warp * 4; piece < pieces; piece += 4 * kWarps) {
            float high[4][4];
            float low[4][4];
#pragma unroll
            for (int group = 0; group < 4; group++) {
                const float4 elements = *reinterpret_cast<const float4*>(
                    vectors.piece(8 * group + vector_of(lane / 4), piece + lane % 4));
                const float values[4] = {elements.x, elements.y, elements.z, elements.w};
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    high[group][i] = rounded_to_tf32(values[i]);
                    low[group][i] = rounded_to_tf32(values[i] - high[group][i]);
                }
            }
            // A step's sums are added up by ordinary arithmetic: see linear_sm90.cuh.
            float step[2 * kTilesAWarp][4] = {};
            const auto add = [&](const float (&a)[4][4], const float (&b)[4][4], int i) {
#pragma unroll
                for (int tile = 0; tile < 2 * kTilesAWarp; tile++) {
                    const int m = row_group(tile);
                    const int n = column_group(tile);
                    multiply_16x8x8(step[tile],
                                    {a[2 * m][i], a[2 * m + 1][i], a[2 * m][i + 1],
                                     a[2 * m + 1][i + 1]},
                                    b[n][i], b[n][i + 1]);
                }
            };
#pragma unroll
            for (int i = 0; i < 4; i += 2) {
                add(high, low, i);
                add(low, high, i);
                add(high, high, i);
            }
#pragma unroll
            for (int i = 0; i < 2 * kTilesAWarp * 4; i++) {
                sums[i / 4][i % 4] += step[i / 4][i % 4];
            }
        }

        float4* shares = reinterpret_cast<float4*>(exchange);  // [tile][lane]
#pragma unroll
        for (int tile = 0; tile < 2 * kTilesAWarp; tile++) {
            if (tile / kTilesAWarp != warp) {
                shares[tile * 32 + lane] =
                    make_float4(sums[tile][0], sums[tile][1], sums[tile][2], sums[tile][3]);
            }
        }
        synchronize();
#pragma unroll
        for (int tile = 0; tile < 2 * kTilesAWarp; tile++) {
            if (tile / kTilesAWarp == warp) {
                const float4 other = shares[tile * 32 + lane];
                const float others[4] = {other.x, other.y, other.z, other.w};
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    pair(16 * row_group(tile) + i / 2 * 8 + vector_of(lane / 4),
                         8 * column_group(tile) + vector_of(lane % 4 * 2 + i % 2),
                         sums[tile][i] + others[i]);
                }
            }
        }
    }

  private:
    // Row r's vector among eight: bits 0 and 2 change places, so that neighbouring rows' pieces
    // lie in different halves of a line.
    static __device__ __forceinline__ int vector_of(int row) {
        return (row & 1) << 2 | (row & 2) | row >> 2;
    }

    // Which vectors meet in a tile: 16 of them and 8 that are no further down.
    static __device__ __forceinline__ constexpr int row_group(int tile) { return tile < 2 ? 0 : 1; }
    static __device__ __forceinline__ constexpr int column_group(int tile) {
        return tile < 2 ? tile : tile - 2;
    }
};

// Bytes of shared memory a row in work.
template <typename Element>
__host__ __device__ constexpr int dot_interaction_shared(int dim, int columns) {
    return 2 * kMostVectors * vector_pitch(dim, sizeof(Element)) +
           divide_up(columns, kTileColumns) * kTileColumns * static_cast<int>(sizeof(float)) +
           PairProducts<Element>::kExchange;
}

template <typename Element, typename Operand, typename Pairs>
__device__ __forceinline__ void dot_interaction(const VectorSource* __restrict__ sources,
                                                int vectors, int dim, int prefix,
                                                void* __restrict__ matrix,
                                                const int* __restrict__ rows, float scale,
                                                unsigned* overflow) {
    using Products = PairProducts<Element>;
    constexpr int kThreads = 32 * Products::kWarps;  // of a row
    const int count = *rows;
    const int lane = static_cast<int>(threadIdx.x % 32);
    const int thread = static_cast<int>(threadIdx.x % kThreads);
    const int team = static_cast<int>(threadIdx.x / kThreads);
    const int teams = static_cast<int>(blockDim.x / kThreads);
    const int columns = prefix + vectors * (vectors - 1) / 2;
    const int k_blocks = divide_up(columns, kTileColumns);
    const int pitch = vector_pitch(dim, sizeof(Element));
    const int pieces = divide_up(dim * static_cast<int>(sizeof(Element)), 16);

    unsigned char* shared = shared_memory() + team * dot_interaction_shared<Element>(dim, columns);
    float* result = reinterpret_cast<float*>(shared + 2 * kMostVectors * pitch);
    float* exchange = result + k_blocks * kTileColumns;

    // What no copy writes is zero: vectors and pieces past the last, and the matrix's padding.
    for (int i = thread; i < 2 * kMostVectors * pitch / 16; i += kThreads) {
        reinterpret_cast<uint4*>(shared)[i] = make_uint4(0, 0, 0, 0);
    }
    for (int i = columns + thread; i < k_blocks * kTileColumns; i += kThreads) {
        result[i] = 0.0f;
    }
    Products::synchronize();

    // Lane v knows where vector v comes from.
    const VectorSource source = sources[lane < vectors ? lane : 0];
    // piece / pieces for fewer than 2048 pieces in all, as a product.
    const unsigned reciprocal = ((1u << 20) + pieces - 1) / pieces;
    const auto fetch = [&](int stage, int index) {
        const Vectors target{shared + stage * kMostVectors * pitch, pitch};
        const auto address = reinterpret_cast<unsigned long long>(
            source.vector(index, static_cast<int>(sizeof(Element))));
        const int total = vectors * pieces;
        for (int base = thread - lane; base < total; base += kThreads) {
            const int at = base + lane < total ? base + lane : total - 1;
            const int vector = static_cast<int>(at * reciprocal >> 20);
            const int piece = at - vector * pieces;
            const unsigned long long from = __shfl_sync(0xffffffffu, address, vector);
            if (base + lane < total) {
                copy_16_async(target.piece(vector, piece),
                              reinterpret_cast<const void*>(from + piece * 16));
            }
        }
    };

    const int step = static_cast<int>(gridDim.x) * teams;
    int row = static_cast<int>(blockIdx.x) * teams + team;
    int stage = 0;
    int index = 0;  // of the next row's vector to fetch
    if (row < count) {
        fetch(0, source.index(row));
        if (row + step < count) {
            index = source.index(row + step);
        }
    }
    commit_copies();
    for (; row < count; row += step, stage ^= 1) {
        if (row + step < count) {
            fetch(stage ^ 1, index);
            if (count - row > 2 * step) {
                index = source.index(row + 2 * step);
            }
        }
        commit_copies();
        wait_copies<1>();
        Products::synchronize();

        const Vectors fetched{shared + stage * kMostVectors * pitch, pitch};
        constexpr int kValues = 16 / sizeof(Element);
        for (int i = thread; i < prefix; i += kThreads) {
            result[i] = element_value(
                reinterpret_cast<const Element*>(fetched.piece(0, i / kValues))[i % kValues]);
        }
        Products::run(fetched, pieces, exchange, [&](int a, int b, float product) {
            if (b < a && a < vectors) {
                result[prefix + Pairs::column_of(a, b, vectors)] = product;
            }
        });
        Products::synchronize();
        for (int chunk = thread; chunk < k_blocks * (kTileColumns / kChunk); chunk += kThreads) {
            float values[kChunk];
#pragma unroll
            for (int i = 0; i < kChunk; i++) {
                values[i] = result[chunk * kChunk + i];
            }
            store_chunk<Operand>(matrix, k_blocks, row, chunk, values, scale, overflow);
        }
        Products::synchronize();
    }
}

#define DOT_INTERACTION(entry, Element, Operand, Pairs, threads, blocks)                      \
    extern "C" __global__ void __launch_bounds__(threads, blocks)                             \
        entry(const VectorSource* sources, int vectors, int dim, int prefix, void* matrix,    \
              const int* rows, float scale, unsigned* overflow) {                             \
        dot_interaction<Element, Operand, Pairs>(sources, vectors, dim, prefix, matrix, rows, \
                                                 scale, overflow);                            \
    }

//              entry                       vectors        operand   pairs       launch bounds
DOT_INTERACTION(dot_interaction_lower_bf16, __nv_bfloat16, F16,      LowerPairs, 256, 2)
DOT_INTERACTION(dot_interaction_upper_bf16, __nv_bfloat16, F16,      UpperPairs, 256, 2)
DOT_INTERACTION(dot_interaction_lower_f32,  float,         SplitF16, LowerPairs, 384, 1)
DOT_INTERACTION(dot_interaction_upper_f32,  float,         SplitF16, UpperPairs, 384, 1)
