// concatenate: puts a row's vectors side by side, the input of the top MLP or the cross network.
//
//   sources  [vectors] one VectorSource a vector, `column` rising from 0 by each one's dim
//   vectors  how many
//   columns  sum of the dims
//   matrix   [*rows, columns] operand, padding written
//   rows     [1] number of rows
//   scale, overflow  as in operand.cuh
//
// One thread a chunk of eight columns, found once; it strides over the rows with gridDim.x.
// blockIdx.y counts blocks of chunks: gridDim.y * blockDim.x covers 8 chunks a 64 columns.
#pragma once

#include "operand.cuh"
#include "vector_source.cuh"

template <typename Element, typename Operand>
__device__ __forceinline__ void concatenate(const VectorSource* __restrict__ sources, int vectors,
                                            int columns, void* __restrict__ matrix,
                                            const int* __restrict__ rows, float scale,
                                            unsigned* overflow) {
    const int count = *rows;
    const int k_blocks = divide_up(columns, kTileColumns);
    const int chunk = static_cast<int>(blockIdx.y * blockDim.x + threadIdx.x);
    if (chunk >= k_blocks * (kTileColumns / kChunk)) {
        return;
    }
    const int column = chunk * kChunk;
    int first = 0;  // the last vector that begins at or before the column
    for (int span = vectors; span > 1;) {
        const int half = span / 2;
        if (sources[first + half].column <= column) {
            first += half;
            span -= half;
        } else {
            span = half;
        }
    }
    const VectorSource source = sources[first];
    const int element = column - source.column;
    const bool whole = element % kChunk == 0 && element + kChunk <= source.dim;

    const int step = static_cast<int>(gridDim.x);
    if (whole) {
        constexpr int kAtOnce = 4;  // rows whose loads are under way together
        for (int begin = static_cast<int>(blockIdx.x); begin < count; begin += kAtOnce * step) {
            int indices[kAtOnce];
            float values[kAtOnce][kChunk];
#pragma unroll
            for (int i = 0; i < kAtOnce; i++) {
                indices[i] = source.index(min(begin + i * step, count - 1));
            }
#pragma unroll
            for (int i = 0; i < kAtOnce; i++) {
                load_elements(values[i],
                              static_cast<const Element*>(source.vector(
                                  indices[i], static_cast<int>(sizeof(Element)))) +
                                  element);
            }
#pragma unroll
            for (int i = 0; i < kAtOnce; i++) {
                if (begin + i * step < count) {
                    store_chunk<Operand>(matrix, k_blocks, begin + i * step, chunk, values[i],
                                         scale, overflow);
                }
            }
        }
        return;
    }
    for (int row = static_cast<int>(blockIdx.x); row < count; row += step) {
        float values[kChunk] = {};
        int vector = first;
#pragma unroll
        for (int i = 0; i < kChunk; i++) {
            while (vector + 1 < vectors && sources[vector + 1].column <= column + i) {
                vector++;
            }
            const VectorSource& from = sources[vector];
            if (column + i < columns) {
                const Element* elements = static_cast<const Element*>(
                    from.vector(from.index(row), static_cast<int>(sizeof(Element))));
                values[i] = element_value(elements[column + i - from.column]);
            }
        }
        store_chunk<Operand>(matrix, k_blocks, row, chunk, values, scale, overflow);
    }
}

#define CONCATENATE(entry, Element, Operand)                                                     \
    extern "C" __global__ void __launch_bounds__(256, 4)                                         \
        entry(const VectorSource* sources, int vectors, int columns, void* matrix,               \
              const int* rows, float scale, unsigned* overflow) {                                \
        concatenate<Element, Operand>(sources, vectors, columns, matrix, rows, scale, overflow); \
    }

//          entry             vectors        operand
CONCATENATE(concatenate_bf16, __nv_bfloat16, F16)
CONCATENATE(concatenate_f32,  float,         SplitF16)
