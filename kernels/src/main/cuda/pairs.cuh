// What both dot interactions share: orders of pairs, and vectors in shared memory.
#pragma once

#include "operand.cuh"
#include "vector_source.cuh"

// Orders of the pairs (i, j) of `vectors` vectors: a row i of pairs, then the next. Only pairs that
// an order contains have a column.
struct LowerPairs {  // (1, 0), (2, 0), (2, 1), (3, 0), ...
    static __device__ __forceinline__ bool contains(int i, int j) { return j < i; }
    static __device__ __forceinline__ int first_column(int i, int) { return i * (i - 1) / 2; }
    static __device__ __forceinline__ int column(int i, int j, int vectors) {
        return first_column(i, vectors) + j;
    }
    // Of a pair in whichever order its vectors come.
    static __device__ __forceinline__ int column_of(int larger, int smaller, int vectors) {
        return column(larger, smaller, vectors);
    }
};

struct UpperPairs {  // (0, 1), (0, 2), ..., (1, 2), ...
    static __device__ __forceinline__ bool contains(int i, int j) { return j > i; }
    static __device__ __forceinline__ int first_column(int i, int vectors) {
        return i * (2 * vectors - i - 1) / 2;
    }
    static __device__ __forceinline__ int column(int i, int j, int vectors) {
        return first_column(i, vectors) + j - i - 1;
    }
    static __device__ __forceinline__ int column_of(int larger, int smaller, int vectors) {
        return column(smaller, larger, vectors);
    }
};

// Bytes of a vector in shared memory.
__host__ __device__ constexpr int vector_pitch(int dim, int element_bytes) {
    return divide_up(dim * element_bytes, 128) * 128;
}

// The vectors of one row in shared memory: vector v begins at v * pitch, and its 16-byte piece p
// lies at ((p ^ v % 8) * 16) from there, so that eight vectors' pieces touch all banks.
struct Vectors {
    unsigned char* base;
    int pitch;  // bytes, a multiple of 128

    __device__ __forceinline__ unsigned char* piece(int vector, int piece) const {
        return base + vector * pitch + ((piece ^ (vector & 7)) << 4);
    }
};
