// The machine's instructions that C++ has no word for, each under a name that says what it does.
//
// Shared memory is named by ordinary pointers here, so that the bodies of the kernels hold no
// PTX and can also run on a CPU, against the emulator's file of the same name.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

// The block's dynamic shared memory, on a 1024-byte boundary as swizzled tiles need it.
__device__ __forceinline__ unsigned char* shared_memory() {
    extern __shared__ __align__(1024) unsigned char dynamic_shared_memory[];
    return dynamic_shared_memory;
}

__device__ __forceinline__ unsigned shared_address(const void* pointer) {
    return static_cast<unsigned>(__cvta_generic_to_shared(pointer));
}

// ---- asynchronous 16-byte copies, device to shared memory (sm_80) ----

__device__ __forceinline__ void copy_16_async(void* shared, const void* global) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(shared)),
                 "l"(global)
                 : "memory");
}

__device__ __forceinline__ void commit_copies() {
    asm volatile("cp.async.commit_group;" ::: "memory");
}

// Waits until at most kPending of this thread's committed groups are under way.
template <int kPending>
__device__ __forceinline__ void wait_copies() {
    asm volatile("cp.async.wait_group %0;" ::"n"(kPending) : "memory");
}

// ---- matrix products of one warp (sm_80) ----

// Four 8 x 8 matrices of 2-byte elements; lane l gives the address of row l % 8 of matrix l / 8,
// and gets of each matrix the elements (l / 4, l % 4 * 2) and the one to its right.
__device__ __forceinline__ void load_matrices(unsigned (&matrices)[4], const void* row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(matrices[0]), "=r"(matrices[1]), "=r"(matrices[2]), "=r"(matrices[3])
                 : "r"(shared_address(row))
                 : "memory");
}

// sum [16, 8] += a [16, 16] * b [8, 16] transposed. Lane l holds of sum the elements
// (l / 4, l % 4 * 2), the one to its right, and the two 8 rows further down.
template <typename T>
__device__ __forceinline__ void multiply_16x8x16(float (&sum)[4], const unsigned (&a)[4],
                                                 unsigned b0, unsigned b1);

template <>
__device__ __forceinline__ void multiply_16x8x16<__nv_bfloat16>(float (&sum)[4],
                                                                const unsigned (&a)[4],
                                                                unsigned b0, unsigned b1) {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
        "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

template <>
__device__ __forceinline__ void multiply_16x8x16<__half>(float (&sum)[4], const unsigned (&a)[4],
                                                         unsigned b0, unsigned b1) {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
        "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
