// widen_ints: gives ints eight bytes, as embedding_bag_one_table wants its ids and offsets.
//
//   from  [count]
//   to    [count]
//
// A thread takes one; the grid strides over them.
#pragma once

extern "C" __global__ void __launch_bounds__(256)
    widen_ints(const int* from, long long* to, long long count) {
    for (long long at = blockIdx.x * blockDim.x + threadIdx.x; at < count;
         at += gridDim.x * blockDim.x) {
        to[at] = from[at];
    }
}
