// score: the top MLP's last layer, which has one output, and the sigmoid.
//
//   input    [*rows, inputs] operand, see operand.cuh
//   weight   [inputs, rounded up to 64] fp32, 16-byte aligned, zeros past inputs
//   bias     [1] fp32
//   logits   [*rows] fp32
//   scores   [*rows] fp32, 1 / (1 + exp(-logit)); a NaN logit gives a NaN score
//   rows     [1] number of rows
//   unscale  1 / scale of input
//
// Eight threads a row, one a chunk of 64 columns, striding over the rows with the grid. The weight
// stays fp32 in either precision. Any blockDim that is a multiple of 32. Where the layer before is
// narrow enough, linear_score does both in one.
#pragma once

#include "operand.cuh"

struct LastLayer {
    const float* weight;
    const float* bias;
    float* logits;
    float* scores;

    // Ends a row: `sum` is its input times the weight.
    __device__ __forceinline__ void write(int row, float sum) const {
        const float logit = sum + __ldg(bias);
        logits[row] = logit;
        scores[row] = 1.0f / (1.0f + expf(-logit));
    }
};

template <typename Operand>
__device__ __forceinline__ void score(const void* __restrict__ input, const LastLayer& layer,
                                      int inputs, const int* __restrict__ rows, float unscale) {
    const int count = *rows;
    const int k_blocks = divide_up(inputs, kTileColumns);
    const int lane = static_cast<int>(threadIdx.x % 8);
    const int step = static_cast<int>(gridDim.x * blockDim.x / 8);
    const int first = static_cast<int>((blockIdx.x * blockDim.x + threadIdx.x) / 8);
    // All threads of a warp go round as often, for the shuffles.
    for (int base = first - static_cast<int>(threadIdx.x % 32 / 8); base < count; base += step) {
        const int row = base + static_cast<int>(threadIdx.x % 32 / 8);
        float sum = 0.0f;
        if (row < count) {
            for (int k = 0; k < k_blocks; k++) {
                const int chunk = k * (kTileColumns / kChunk) + lane;
                float values[kChunk];
                float weights[kChunk];
                Operand::unpack(values, Operand::read(input, k_blocks, row, chunk));
                load_elements(weights, layer.weight + chunk * kChunk);
#pragma unroll
                for (int i = 0; i < kChunk; i++) {
                    sum = fmaf(values[i], weights[i], sum);
                }
            }
        }
        sum += __shfl_xor_sync(0xffffffffu, sum, 4);
        sum += __shfl_xor_sync(0xffffffffu, sum, 2);
        sum += __shfl_xor_sync(0xffffffffu, sum, 1);
        if (lane == 0 && row < count) {
            layer.write(row, sum * unscale);
        }
    }
}

#define SCORE(entry, Operand)                                                           \
    extern "C" __global__ void __launch_bounds__(256)                                   \
        entry(const void* input, const float* weight, const float* bias, float* logits, \
              float* scores, int inputs, const int* rows, float unscale) {              \
        score<Operand>(input, {weight, bias, logits, scores}, inputs, rows, unscale);   \
    }

//    entry       operand
SCORE(score_bf16, F16)
SCORE(score_f32,  SplitF16)
