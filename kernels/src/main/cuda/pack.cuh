// pack_dense, pack_weight: turn plain fp32 arrays into operands of the linear layers, operand.cuh.
#pragma once

#include "operand.cuh"

// Output columns of a linear layer are computed in groups of 32, and a thread of a tensor core
// gets of each eight columns two: in slot 8 * n + 2 * q + e. Weight rows are laid out so that those
// slots hold the output columns 8 * q + 2 * n + e: then a thread's results are whole chunks.
__device__ __forceinline__ int output_column(int slot) {
    const int n = slot / 8 % 4;
    const int q = slot / 2 % 4;
    return slot / 32 * 32 + q * 8 + n * 2 + slot % 2;
}

// Rows that a weight matrix is padded to: the output tiles of linear are 128 columns wide, or 256.
__device__ __forceinline__ int padded_outputs(int outputs) {
    return outputs <= kTileRows ? kTileRows : divide_up(outputs, 2 * kTileRows) * 2 * kTileRows;
}

// pack_dense: the dense features of a batch, column by column, to an operand.
//
//   dense    [features, capacity] fp32
//   instances [features] of each the [*rows] instance of a row, where it has a value a distinct
//            instance; null, as a whole or one of them: it has a value a row
//   matrix   [*rows, features] operand, padding written
//   rows     [1] number of rows
//   scale    of the operand; overflow [1] as in operand.cuh (both unused for Bf16)
//
// One thread a row and chunk; blockIdx.y is the chunk, gridDim.y all of them (8 a 64 columns).
template <typename Operand>
__device__ __forceinline__ void pack_dense(const float* __restrict__ dense, int features,
                                           int capacity, const int* const* __restrict__ instances,
                                           void* __restrict__ matrix,
                                           const int* __restrict__ rows, float scale,
                                           unsigned* overflow) {
    const int count = *rows;
    const int chunk = static_cast<int>(blockIdx.y);
    for (int row = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x); row < count;
         row += static_cast<int>(gridDim.x * blockDim.x)) {
        float values[kChunk];
#pragma unroll
        for (int i = 0; i < kChunk; i++) {
            const int feature = chunk * kChunk + i;
            if (feature < features) {
                const int* map = instances == nullptr ? nullptr : instances[feature];
                const int instance = map == nullptr ? row : map[row];
                values[i] = dense[static_cast<long long>(feature) * capacity + instance];
            } else {
                values[i] = 0.0f;
            }
        }
        store_chunk<Operand>(matrix, divide_up(features, kTileColumns), row, chunk, values, scale,
                       overflow);
    }
}

// pack_weight: the weight of a linear layer, once at upload.
//
//   weight   [outputs, inputs] fp32, row-major
//   matrix   [padded_outputs(outputs), inputs] operand, rows in the order of output_column, padding
//            written
//   scale, overflow as above
//
// One thread a row and chunk; blockIdx.y is the chunk, gridDim.y all of them.
template <typename Operand>
__device__ __forceinline__ void pack_weight(const float* __restrict__ weight, int outputs,
                                            int inputs, void* __restrict__ matrix, float scale,
                                            unsigned* overflow) {
    const int chunk = static_cast<int>(blockIdx.y);
    for (int slot = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
         slot < padded_outputs(outputs); slot += static_cast<int>(gridDim.x * blockDim.x)) {
        const int output = output_column(slot);
        float values[kChunk];
#pragma unroll
        for (int i = 0; i < kChunk; i++) {
            const int input = chunk * kChunk + i;
            values[i] = output < outputs && input < inputs
                            ? weight[static_cast<long long>(output) * inputs + input]
                            : 0.0f;
        }
        store_chunk<Operand>(matrix, divide_up(inputs, kTileColumns), slot, chunk, values, scale,
                       overflow);
    }
}

#define PACK(precision, Operand)                                                             \
    extern "C" __global__ void __launch_bounds__(256)                                        \
        pack_dense_##precision(const float* dense, int features, int capacity,               \
                               const int* const* instances, void* matrix, const int* rows,   \
                               float scale, unsigned* overflow) {                            \
        pack_dense<Operand>(dense, features, capacity, instances, matrix, rows, scale,       \
                            overflow);                                                       \
    }                                                                                        \
    extern "C" __global__ void __launch_bounds__(256)                                        \
        pack_weight_##precision(const float* weight, int outputs, int inputs, void* matrix,  \
                                float scale, unsigned* overflow) {                           \
        pack_weight<Operand>(weight, outputs, inputs, matrix, scale, overflow);              \
    }

PACK(bf16, Bf16)
PACK(f32, SplitF16)
