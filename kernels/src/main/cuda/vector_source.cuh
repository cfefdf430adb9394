// Where the interaction finds one of a row's vectors: in a table, or among pooled vectors.
#pragma once

#include "elements.cuh"

// 40 bytes. Row b's vector is number ids[instances[b]], or what is left of that where a pointer is
// null: ids[b], instances[b], b.
struct VectorSource {
    const void* vectors;   // [any, stride]; 16-byte aligned, elements past dim are zero
    const int* ids;        // row ids that check_ids let pass, one a row (or an instance); or null
    const int* instances;  // [rows] the instance of a row, where features repeat; or null
    int stride;            // elements from one vector to the next; a multiple of 16 bytes
    int dim;               // elements of a vector
    int column;            // of concatenate's matrix where the vector begins
    int reserved;

    __device__ __forceinline__ int index(int row) const {
        const int instance = instances == nullptr ? row : __ldg(instances + row);
        return ids == nullptr ? instance : __ldg(ids + instance);
    }

    __device__ __forceinline__ const void* vector(int index, int element_bytes) const {
        return static_cast<const unsigned char*>(vectors) +
               static_cast<long long>(index) * stride * element_bytes;
    }
};
static_assert(sizeof(VectorSource) == 40, "the host writes this layout");
