// sigmoid: turns logits into scores.
//
//   logits [B] fp32   the last linear layer's output
//   scores [B] fp32   1 / (1 + exp(-logit)); a NaN logit gives a NaN score
//   rows   [1] int32  B, read on the device so that one captured graph serves every batch
//
// One thread a row, striding over the grid.
#pragma once

extern "C" __global__ void __launch_bounds__(256)
    sigmoid_f32(const float* __restrict__ logits, float* __restrict__ scores,
                const int* __restrict__ rows) {
    const int count = *rows;
    for (int row = blockIdx.x * blockDim.x + threadIdx.x; row < count;
         row += gridDim.x * blockDim.x) {
        scores[row] = 1.0f / (1.0f + expf(-logits[row]));
    }
}
