// Elements of vectors in device memory: fp32 or bf16.
#pragma once

#include <device/ptx.cuh>

template <typename T>
__device__ __forceinline__ T rounded(float value);

template <>
__device__ __forceinline__ float rounded<float>(float value) {
    return value;
}

template <>
__device__ __forceinline__ __nv_bfloat16 rounded<__nv_bfloat16>(float value) {
    return __float2bfloat16(value);
}

// Writes kValues neighbouring elements, rounded to their type; 16-byte aligned, or all their bytes
// when those are fewer.
template <typename T, int kValues>
__device__ __forceinline__ void store_elements(T* to, const float (&values)[kValues]) {
    struct alignas(kValues * sizeof(T) < 16 ? kValues * sizeof(T) : 16) Piece {
        T values[kValues];
    } piece;
#pragma unroll
    for (int i = 0; i < kValues; i++) {
        piece.values[i] = rounded<T>(values[i]);
    }
    *reinterpret_cast<Piece*>(to) = piece;
}

__device__ __forceinline__ float element_value(float value) { return value; }
__device__ __forceinline__ float element_value(__nv_bfloat16 value) {
    return __bfloat162float(value);
}

__device__ __forceinline__ void unpack_bf16(float (&values)[8], const uint4& raw) {
    const unsigned words[4] = {raw.x, raw.y, raw.z, raw.w};
#pragma unroll
    for (int i = 0; i < 4; i++) {
        values[2 * i] = __uint_as_float(words[i] << 16);
        values[2 * i + 1] = __uint_as_float(words[i] & 0xffff0000u);
    }
}

__device__ __forceinline__ void unpack_f16(float (&values)[8], const uint4& raw) {
    const __half2* pairs = reinterpret_cast<const __half2*>(&raw);
#pragma unroll
    for (int i = 0; i < 4; i++) {
        values[2 * i] = __low2float(pairs[i]);
        values[2 * i + 1] = __high2float(pairs[i]);
    }
}

// Reads eight neighbouring elements, 16-byte aligned.
__device__ __forceinline__ void load_elements(float (&values)[8], const float* from) {
    *reinterpret_cast<float4*>(values) = __ldg(reinterpret_cast<const float4*>(from));
    *reinterpret_cast<float4*>(values + 4) = __ldg(reinterpret_cast<const float4*>(from) + 1);
}
__device__ __forceinline__ void load_elements(float (&values)[8], const __nv_bfloat16* from) {
    unpack_bf16(values, __ldg(reinterpret_cast<const uint4*>(from)));
}
