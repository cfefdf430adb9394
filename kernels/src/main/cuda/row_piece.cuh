// 16 bytes of a row, as wide as a load can be, and how they are added to fp32 sums.
#pragma once

#include "elements.cuh"

template <typename Row>
struct RowPiece;

template <>
struct RowPiece<float> {
    static constexpr int kValues = 4;
    static __device__ __forceinline__ void add(float* sum, const uint4& piece) {
        sum[0] += __uint_as_float(piece.x);
        sum[1] += __uint_as_float(piece.y);
        sum[2] += __uint_as_float(piece.z);
        sum[3] += __uint_as_float(piece.w);
    }
};

template <>
struct RowPiece<__nv_bfloat16> {
    static constexpr int kValues = 8;
    static __device__ __forceinline__ void add(float* sum, const uint4& piece) {
        const unsigned words[4] = {piece.x, piece.y, piece.z, piece.w};
#pragma unroll
        for (int i = 0; i < 4; i++) {
            sum[2 * i] += __uint_as_float(words[i] << 16);
            sum[2 * i + 1] += __uint_as_float(words[i] & 0xffff0000u);
        }
    }
};

template <>
struct RowPiece<__half> {
    static constexpr int kValues = 8;
    static __device__ __forceinline__ void add(float* sum, const uint4& piece) {
        const unsigned words[4] = {piece.x, piece.y, piece.z, piece.w};
#pragma unroll
        for (int i = 0; i < 4; i++) {
            sum[2 * i] += __half2float(__ushort_as_half(static_cast<unsigned short>(words[i])));
            sum[2 * i + 1] +=
                __half2float(__ushort_as_half(static_cast<unsigned short>(words[i] >> 16)));
        }
    }
};
