// pin_hot_rows: brings the rows of a table's hot list to L2, to be evicted last.
//
//   table  [num_embeddings, row_bytes] rows; row_bytes a multiple of 32
//   hot    [count] row ids
//
// A thread asks for one sector of 32 bytes; the grid strides over all sectors. Lines stay favoured
// until cuCtxResetPersistingL2Cache.
#pragma once

#include <device/ptx.cuh>

extern "C" __global__ void __launch_bounds__(256) pin_hot_rows(const unsigned char* table,
                                                               const int* hot, int count,
                                                               int row_bytes) {
    const unsigned sectors = static_cast<unsigned>(row_bytes) / 32;  // a row
    for (unsigned long long at = blockIdx.x * blockDim.x + threadIdx.x;
         at < static_cast<unsigned long long>(count) * sectors; at += gridDim.x * blockDim.x) {
        const unsigned long long row = static_cast<unsigned>(__ldg(hot + at / sectors));
        prefetch_to_l2_evict_last(table + row * row_bytes + at % sectors * 32);
    }
}
