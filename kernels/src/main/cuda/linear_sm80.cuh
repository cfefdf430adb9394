// The linear layer with one warp's matrix products: Ampere, and chips to come through PTX.
//
// A block of eight warps makes tiles of the output, 128 rows x 128 columns (bf16) or x 64 (fp32),
// and strides over them. It walks the inputs in steps of 64, kStages of them in shared memory,
// copied asynchronously as they lie. A warp makes 32 columns, of 64 rows (bf16) or 32 (fp32). For
// scores a block makes all tiles of its rows, and its warps add up their shares in shared memory.
#pragma once

#include "operand.cuh"

constexpr int kLinearThreadsSm80 = 256;

template <typename Operand>
struct LinearSm80 {
    static constexpr int kTiles = Operand::kTiles;
    static constexpr int kColumns = kTileRows / kTiles;
    static constexpr int kStages = kTiles == 1 ? 3 : 2;
    static constexpr int kInputBytes = kTiles * kTileBytes;
    static constexpr int kWeightBytes = kTileBytes;  // of each part, kColumns rows
    static constexpr int kStageBytes = kInputBytes + kWeightBytes;
    static constexpr int kRowsAWarp = kTileRows / (8 / (kColumns / 32));
};

// Bytes of dynamic shared memory.
template <typename Operand>
__host__ __device__ constexpr int linear_shared_sm80() {
    return LinearSm80<Operand>::kStages * LinearSm80<Operand>::kStageBytes;
}

template <typename Operand, typename Epilogue>
__device__ __forceinline__ void linear_sm80(const LinearArguments& arguments) {
    using Shape = LinearSm80<Operand>;
    constexpr int kTiles = Shape::kTiles;
    constexpr int kPartBytes = Shape::kWeightBytes / kTiles;  // of a step's weight, high or low
    constexpr int kSixteens = Shape::kRowsAWarp / 16;
    unsigned char* shared = shared_memory();
    const int count = *arguments.rows;
    const int k_blocks = divide_up(arguments.inputs, kTileColumns);
    const int n_blocks = divide_up(arguments.outputs, Shape::kColumns);
    const int thread = static_cast<int>(threadIdx.x);
    const int lane = thread % 32;
    const int warps_a_row = Shape::kColumns / 32;
    const int warp_row = thread / 32 / warps_a_row * Shape::kRowsAWarp;
    const int warp_column = thread / 32 % warps_a_row * 32;

    // The sums of tile (m, n), of its columns that are this warp's.
    const auto multiply_tile = [&](float (&sums)[kSixteens][4][4], int m, int n) {
        const unsigned char* input = static_cast<const unsigned char*>(arguments.input) +
                                     static_cast<long long>(m) * k_blocks * Shape::kInputBytes;
        // Row n * kColumns of the weight, in the tiles of 128 rows that hold it.
        const unsigned char* weight =
            static_cast<const unsigned char*>(arguments.weight) +
            static_cast<long long>(n / kTiles) * k_blocks * (kTiles * kTileBytes) +
            n % kTiles * kPartBytes;
        const auto fetch = [&](int k) {
            if (k < k_blocks) {
                unsigned char* to = shared + k % Shape::kStages * Shape::kStageBytes;
                const unsigned char* from = input + static_cast<long long>(k) * Shape::kInputBytes;
                for (int i = thread * 16; i < Shape::kInputBytes; i += kLinearThreadsSm80 * 16) {
                    copy_16_async(to + i, from + i);
                }
                to += Shape::kInputBytes;
                from = weight + static_cast<long long>(k) * (kTiles * kTileBytes);
                for (int i = thread * 16; i < Shape::kWeightBytes; i += kLinearThreadsSm80 * 16) {
                    copy_16_async(to + i, from + i / kPartBytes * kTileBytes + i % kPartBytes);
                }
            }
            commit_copies();
        };

        __syncthreads();  // the last tile's stages are free
#pragma unroll
        for (int k = 0; k < Shape::kStages - 1; k++) {
            fetch(k);
        }
#pragma unroll
        for (int i = 0; i < kSixteens * 16; i++) {
            sums[i / 16][i / 4 % 4][i % 4] = 0.0f;
        }
        for (int k = 0; k < k_blocks; k++) {
            wait_copies<Shape::kStages - 2>();
            __syncthreads();
            fetch(k + Shape::kStages - 1);
            const unsigned char* left = shared + k % Shape::kStages * Shape::kStageBytes;
            const unsigned char* right = left + Shape::kInputBytes;
            float step[kSixteens][4][4] = {};
            float(&into)[kSixteens][4][4] = kTiles == 2 ? step : sums;
#pragma unroll
            for (int chunk = 0; chunk < kTileColumns / kChunk; chunk += 2) {
                // The low parts first: high * low, low * high, high * high.
                unsigned b[kTiles][2][4];
#pragma unroll
                for (int part = 0; part < kTiles; part++) {
#pragma unroll
                    for (int half = 0; half < 2; half++) {
                        load_matrices(b[part][half],
                                      right + part * kPartBytes +
                                          chunk_offset(warp_column + half * 16 + lane % 16,
                                                       chunk + lane / 16));
                    }
                }
#pragma unroll
                for (int i = 0; i < kSixteens; i++) {
                    unsigned a[kTiles][4];
#pragma unroll
                    for (int part = 0; part < kTiles; part++) {
                        load_matrices(a[part], left + part * kTileBytes +
                                                   chunk_offset(warp_row + i * 16 + lane % 16,
                                                                chunk + lane / 16));
                    }
#pragma unroll
                    for (int j = 0; j < 4; j++) {
                        const auto add = [&](int part_a, int part_b) {
                            multiply_16x8x16<__half>(into[i][j], a[part_a],
                                                      b[part_b][j / 2][j % 2],
                                                      b[part_b][j / 2][j % 2 + 2]);
                        };
                        if constexpr (kTiles == 2) {
                            add(0, 1);
                            add(1, 0);
                        }
                        add(0, 0);
                    }
                }
            }
            if constexpr (kTiles == 2) {  // see linear_sm90.cuh: rounded sums
#pragma unroll
                for (int i = 0; i < kSixteens * 16; i++) {
                    sums[i / 16][i / 4 % 4][i % 4] += step[i / 16][i / 4 % 4][i % 4];
                }
            }
        }
        wait_copies<0>();
    };
    const auto chunk_of = [&](int n) {
        return (n * Shape::kColumns + warp_column) / kChunk + lane % 4;
    };
    // This thread's rows are row_of(m, i, half).
    const auto row_of = [&](int m, int i, int half) {
        return m * kTileRows + warp_row + i * 16 + half * 8 + lane / 4;
    };
    const auto chunk_sums = [](float (&values)[kChunk], const float (&sums)[4][4], int half) {
#pragma unroll
        for (int j = 0; j < kChunk; j++) {
            values[j] = sums[j / 2][half * 2 + j % 2];
        }
    };

    float sums[kSixteens][4][4];
    if constexpr (Epilogue::kToScore) {
        float* shares = reinterpret_cast<float*>(shared);  // [warps_a_row][kTileRows]
        for (int m = static_cast<int>(blockIdx.x); m < divide_up(count, kTileRows);
             m += static_cast<int>(gridDim.x)) {
            float totals[kSixteens][2] = {};
            for (int n = 0; n < n_blocks; n++) {
                multiply_tile(sums, m, n);
#pragma unroll
                for (int i = 0; i < kSixteens * 2; i++) {
                    float values[kChunk];
                    chunk_sums(values, sums[i / 2], i % 2);
                    totals[i / 2][i % 2] += Epilogue::dot(arguments, chunk_of(n), values);
                }
            }
            __syncthreads();  // the last stage is free
#pragma unroll
            for (int i = 0; i < kSixteens * 2; i++) {
                float total = totals[i / 2][i % 2];
                total += __shfl_xor_sync(0xffffffffu, total, 1);
                total += __shfl_xor_sync(0xffffffffu, total, 2);
                if (lane % 4 == 0) {
                    shares[warp_column / 32 * kTileRows + row_of(0, i / 2, i % 2)] = total;
                }
            }
            __syncthreads();
            if (thread < kTileRows && m * kTileRows + thread < count) {
                float total = 0.0f;
                for (int warp = 0; warp < warps_a_row; warp++) {
                    total += shares[warp * kTileRows + thread];
                }
                arguments.last.write(m * kTileRows + thread, total);
            }
        }
    } else {
        const int tiles = divide_up(count, kTileRows) * n_blocks;
        for (int tile = static_cast<int>(blockIdx.x); tile < tiles;
             tile += static_cast<int>(gridDim.x)) {
            const int m = tile / n_blocks;
            const int n = tile % n_blocks;
            multiply_tile(sums, m, n);
            const int chunk = chunk_of(n);
            if (chunk < Epilogue::chunks(arguments.outputs)) {
                const Bias bias = Epilogue::bias(arguments, chunk);
#pragma unroll
                for (int i = 0; i < kSixteens * 2; i++) {
                    const int row = row_of(m, i / 2, i % 2);
                    float values[kChunk];
                    chunk_sums(values, sums[i / 2], i % 2);
                    if (row < count) {
                        Epilogue::finish(arguments, bias, Epilogue::read(arguments, row, chunk),
                                         values);
                        Epilogue::store(arguments, row, chunk, values);
                    }
                }
            }
        }
    }
}
