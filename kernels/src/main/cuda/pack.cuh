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

// In how many parts a dense feature crosses the first layer. One fp16 number would lose half of an
// fp32 feature and of its weights, and a few features leave most of the 64 columns of a tile unused.
// Where three times as many fit into as many tiles, the columns are (feature, feature, its
// remainder) against (weight, its remainder, weight): at no cost, the first layer is nearly fp32.
template <typename Operand>
__host__ __device__ constexpr int dense_parts(int features) {
    return Operand::kTiles == 1 &&
                   divide_up(3 * features, kTileColumns) == divide_up(features, kTileColumns)
               ? 3
               : 1;
}

// What fp16 leaves of a value that it keeps as value * scale; nothing of an infinite one.
__device__ __forceinline__ float f16_remainder(float value, float scale) {
    const float scaled = value * scale;
    const float kept = __half2float(__float2half_rn(scaled));
    return kept == scaled ? 0.0f : (scaled - kept) / scale;
}

// How a dense feature becomes an input of the first layer, 16 bytes.
struct DenseFeature {
    const int* instances;  // [*rows] the distinct instance of each row; null: a value a row
    int transform;         // kNone or kLog1p
    int reserved;

    static constexpr int kNone = 0;
    static constexpr int kLog1p = 1;
};
static_assert(sizeof(DenseFeature) == 16, "the host writes this layout");

// ln(1 + x) by way of a double, which rounding to float then hides.
__device__ __forceinline__ float transformed(float value, int transform) {
    return transform == DenseFeature::kLog1p ? static_cast<float>(log1p(static_cast<double>(value)))
                                             : value;
}

// pack_dense: the dense features of a batch, column by column, to an operand.
//
//   dense    [inputs, capacity] fp32
//   features [inputs] one DenseFeature each, see below; null: all have a value a row, as it is
//   matrix   [*rows, dense_parts * inputs] operand, padding written
//   rows     [1] number of rows
//   scale    of the operand; overflow [1] as in operand.cuh
//
// One thread a row and chunk; blockIdx.y is the chunk, gridDim.y all of them (8 a 64 columns).
template <typename Operand>
__device__ __forceinline__ void pack_dense(const float* __restrict__ dense, int inputs,
                                           int capacity,
                                           const DenseFeature* __restrict__ features,
                                           void* __restrict__ matrix,
                                           const int* __restrict__ rows, float scale,
                                           unsigned* overflow) {
    const int count = *rows;
    const int chunk = static_cast<int>(blockIdx.y);
    const int parts = dense_parts<Operand>(inputs);
    const int first_part = chunk * kChunk / inputs;
    for (int row = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x); row < count;
         row += static_cast<int>(gridDim.x * blockDim.x)) {
        float values[kChunk] = {};
        int part = first_part;
        int input = chunk * kChunk - part * inputs;
#pragma unroll
        for (int i = 0; i < kChunk; i++) {
            if (part < parts) {
                const DenseFeature feature =
                    features == nullptr ? DenseFeature{} : features[input];
                const int instance = feature.instances == nullptr ? row : feature.instances[row];
                const float value = transformed(
                    dense[static_cast<long long>(input) * capacity + instance], feature.transform);
                values[i] = part == 2 ? f16_remainder(value, scale) : value;
            }
            if (++input == inputs) {
                input = 0;
                part++;
            }
        }
        store_chunk<Operand>(matrix, divide_up(inputs, kTileColumns), row, chunk, values, scale,
                       overflow);
    }
}

// pack_weight: the weight of a linear layer, once at upload.
//
//   weight   [outputs, inputs] fp32, row-major
//   matrix   [padded_outputs(outputs), inputs] operand, rows in the order of output_column, padding
//            written; of a layer that takes dense features [.., dense_parts * inputs]
//   dense    whether it takes dense features
//   scale, overflow as above
//
// One thread a row and chunk; blockIdx.y is the chunk, gridDim.y all of them.
template <typename Operand>
__device__ __forceinline__ void pack_weight(const float* __restrict__ weight, int outputs,
                                            int inputs, void* __restrict__ matrix, bool dense,
                                            float scale, unsigned* overflow) {
    const int chunk = static_cast<int>(blockIdx.y);
    const int parts = dense ? dense_parts<Operand>(inputs) : 1;
    for (int slot = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
         slot < padded_outputs(outputs); slot += static_cast<int>(gridDim.x * blockDim.x)) {
        const int output = output_column(slot);
        float values[kChunk] = {};
#pragma unroll
        for (int i = 0; i < kChunk; i++) {
            const int column = chunk * kChunk + i;
            const int part = column / inputs;
            if (output < outputs && part < parts) {
                const int input = column - part * inputs;
                const float value = weight[static_cast<long long>(output) * inputs + input];
                values[i] = part == 1 ? f16_remainder(value, scale) : value;
            }
        }
        store_chunk<Operand>(matrix, divide_up(inputs, kTileColumns), slot, chunk, values, scale,
                       overflow);
    }
}

#define PACK(precision, Operand)                                                             \
    extern "C" __global__ void __launch_bounds__(256)                                        \
        pack_dense_##precision(const float* dense, int inputs, int capacity,                 \
                               const DenseFeature* features, void* matrix, const int* rows,  \
                               float scale, unsigned* overflow) {                            \
        pack_dense<Operand>(dense, inputs, capacity, features, matrix, rows, scale,          \
                            overflow);                                                       \
    }                                                                                        \
    extern "C" __global__ void __launch_bounds__(256)                                        \
        pack_weight_##precision(const float* weight, int outputs, int inputs, void* matrix,  \
                                int dense, float scale, unsigned* overflow) {                \
        pack_weight<Operand>(weight, outputs, inputs, matrix, dense != 0, scale, overflow);  \
    }

PACK(bf16, F16)
PACK(f32, SplitF16)
