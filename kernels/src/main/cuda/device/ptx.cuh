// The machine's instructions that C++ has no word for, each under a name that says what it does.
//
// Shared memory is named by ordinary pointers here, so that the bodies of the kernels hold no
// PTX and can also run on a CPU, against the emulator's file of the same name.
#pragma once

#include <cassert>

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

// max(x, 0) that a NaN passes: fmaxf would hide it.
__device__ __forceinline__ float positive_part(float x) {
    float result;
    asm("max.NaN.f32 %0, %1, 0f00000000;" : "=f"(result) : "f"(x));
    return result;
}

// So many threads of whole warps meet; number is 1 to 15, one a group of threads.
template <int kThreads>
__device__ __forceinline__ void synchronize_group(int number) {
    asm volatile("bar.sync %0, %1;" ::"r"(number), "n"(kThreads) : "memory");
}

// ---- caches ----

// Asks for the line of 128 bytes to be brought to L1.
__device__ __forceinline__ void prefetch_to_l1(const void* global) {
    asm volatile("prefetch.global.L1 [%0];" ::"l"(global));
}

// Asks for the line to be brought to L2 and to be evicted after all others.
__device__ __forceinline__ void prefetch_to_l2_evict_last(const void* global) {
    asm volatile("prefetch.global.L2::evict_last [%0];" ::"l"(global));
}

// ---- local memory, where the compiler would keep a register ----

__device__ __forceinline__ unsigned long long local_address(const void* pointer) {
    return __cvta_generic_to_local(pointer);
}

__device__ __forceinline__ void store_local(uint4* to, const uint4& value) {
    asm volatile("st.local.v4.u32 [%0], {%1, %2, %3, %4};" ::"l"(local_address(to)),
                 "r"(value.x), "r"(value.y), "r"(value.z), "r"(value.w)
                 : "memory");
}
__device__ __forceinline__ void store_local(float* to, float value) {
    asm volatile("st.local.f32 [%0], %1;" ::"l"(local_address(to)), "f"(value)
                 : "memory");
}
__device__ __forceinline__ void store_local(__half* to, const __half& value) {
    asm volatile("st.local.u16 [%0], %1;" ::"l"(local_address(to)), "h"(__half_as_ushort(value))
                 : "memory");
}

__device__ __forceinline__ void load_local(uint4& value, const uint4* from) {
    asm volatile("ld.local.v4.u32 {%0, %1, %2, %3}, [%4];"
                 : "=r"(value.x), "=r"(value.y), "=r"(value.z), "=r"(value.w)
                 : "l"(local_address(from))
                 : "memory");
}
__device__ __forceinline__ void load_local(float& value, const float* from) {
    asm volatile("ld.local.f32 %0, [%1];" : "=f"(value) : "l"(local_address(from))
                 : "memory");
}
__device__ __forceinline__ void load_local(__half& value, const __half* from) {
    unsigned short bits;
    asm volatile("ld.local.u16 %0, [%1];" : "=h"(bits) : "l"(local_address(from)) : "memory");
    value = __ushort_as_half(bits);
}

// ---- asynchronous copies, device to shared memory (sm_80) ----

__device__ __forceinline__ void copy_16_async(void* shared, const void* global) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(shared)),
                 "l"(global)
                 : "memory");
}

// 4 or 16 bytes, by way of L1.
template <int kBytes>
__device__ __forceinline__ void copy_async(void* shared, const void* global) {
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2;" ::"r"(shared_address(shared)),
                 "l"(global), "n"(kBytes)
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

// x rounded to the 11 significant bits that tensor cores read of a tf32 operand; NaN stays NaN.
__device__ __forceinline__ float rounded_to_tf32(float x) {
    unsigned bits;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
    return __uint_as_float(bits);
}

// sum [16, 8] += a [16, 8] * b [8, 8] transposed, of tf32 operands. Lane l holds of a the elements
// (l / 4, l % 4), (l / 4 + 8, l % 4) and those 4 columns further right, of b (l / 4, l % 4) and the
// one 4 columns further right, of sum what multiply_16x8x16 says.
__device__ __forceinline__ void multiply_16x8x8(float (&sum)[4], const float (&a)[4], float b0,
                                                float b1) {
    asm volatile(
        "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
        "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
        : "r"(__float_as_uint(a[0])), "r"(__float_as_uint(a[1])), "r"(__float_as_uint(a[2])),
          "r"(__float_as_uint(a[3])), "r"(__float_as_uint(b0)), "r"(__float_as_uint(b1)));
}

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)

// ---- barriers in shared memory that count arrivals and bytes (sm_90) ----

using Barrier = unsigned long long;

__device__ __forceinline__ void init_barrier(Barrier* barrier, int arrivals) {
    asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(shared_address(barrier)),
                 "r"(arrivals)
                 : "memory");
}

// Makes initialised barriers known to the cluster and to the copy engine.
__device__ __forceinline__ void publish_barriers() {
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

// Arrives at the barrier of the cluster's block of that rank. What it tells is that this thread has
// read; it has written nothing that the block would have to see, and a release that reached the
// whole cluster would wait for all that this thread ever wrote.
__device__ __forceinline__ void arrive(Barrier* barrier, int rank) {
    asm volatile(
        "{\n"
        ".reg .b32 remote;\n"
        "mapa.shared::cluster.u32 remote, %0, %1;\n"
        "mbarrier.arrive.shared::cluster.b64 _, [remote];\n"
        "}" ::"r"(shared_address(barrier)),
        "r"(rank)
        : "memory");
}

// Arrives, and makes the phase wait for that many bytes of bulk copies.
__device__ __forceinline__ void arrive_expecting(Barrier* barrier, int bytes) {
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(
                     shared_address(barrier)),
                 "r"(bytes)
                 : "memory");
}

// Waits until the phase of that parity is complete. Bulk copies' bytes are then there; an acquire
// that reached the whole cluster would throw away the L1 cache.
__device__ __forceinline__ void wait_for(Barrier* barrier, int parity) {
    asm volatile(
        "{\n"
        ".reg .pred complete;\n"
        "again:\n"
        "mbarrier.try_wait.parity.shared::cta.b64 complete, [%0], %1;\n"
        "@!complete bra again;\n"
        "}" ::"r"(shared_address(barrier)),
        "r"(parity)
        : "memory");
}

// ---- bulk copies, device to shared memory (sm_90); addresses and size multiples of 16 bytes ----

// To the same place in every block of the cluster whose rank's bit is set, and its bytes to their
// barriers in the same place.
__device__ __forceinline__ void copy_bulk(void* shared, const void* global, int bytes,
                                          Barrier* barrier, unsigned short ranks) {
    asm volatile(
        "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster "
        "[%0], [%1], %2, [%3], %4;" ::"r"(shared_address(shared)),
        "l"(global), "r"(bytes), "r"(shared_address(barrier)), "h"(ranks)
        : "memory");
}

// To this block.
__device__ __forceinline__ void copy_bulk(void* shared, const void* global, int bytes,
                                          Barrier* barrier) {
    asm volatile(
        "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::
            "r"(shared_address(shared)),
        "l"(global), "r"(bytes), "r"(shared_address(barrier))
        : "memory");
}

// ---- bulk copies, shared to device memory (sm_90) ----

// Makes this thread's writes to shared memory known to the copy engine.
__device__ __forceinline__ void publish_to_copies() {
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

__device__ __forceinline__ void send_bulk(void* global, const void* shared, int bytes) {
    asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], %2;" ::"l"(global),
                 "r"(shared_address(shared)), "r"(bytes)
                 : "memory");
}

__device__ __forceinline__ void commit_sent() {
    asm volatile("cp.async.bulk.commit_group;" ::: "memory");
}

// Waits until all but kPending of what this thread committed has left shared memory.
template <int kPending>
__device__ __forceinline__ void wait_until_sent() {
    asm volatile("cp.async.bulk.wait_group.read %0;" ::"n"(kPending) : "memory");
}

// ---- clusters (sm_90) ----

__device__ __forceinline__ int cluster_rank() {
    int rank;
    asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
    return rank;
}

__device__ __forceinline__ void synchronize_cluster() {
    asm volatile("barrier.cluster.arrive.release;\nbarrier.cluster.wait.acquire;" ::: "memory");
}

// ---- matrix products of a warpgroup (sm_90a) ----

template <int kRegisters>
__device__ __forceinline__ void give_registers_back() {
    asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(kRegisters));
}

template <int kRegisters>
__device__ __forceinline__ void take_registers() {
    asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(kRegisters));
}

__device__ __forceinline__ void begin_products() {
    asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
}

__device__ __forceinline__ void commit_products() {
    asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}

// Waits until at most kPending of the committed groups of products are under way.
template <int kPending>
__device__ __forceinline__ void wait_products() {
    asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(kPending) : "memory");
}

// Describes rows of 128 swizzled bytes (operand.cuh) to the tensor cores: 16-byte units, eight rows
// are 1024 bytes (64 units) from the next eight, swizzle of 128 bytes.
__device__ __forceinline__ unsigned long long tile_descriptor(const void* shared) {
    return static_cast<unsigned long long>((shared_address(shared) & 0x3ffff) >> 4) | 1ull << 16 |
           64ull << 32 | 1ull << 62;
}

// sums [64, kColumns] (+)= a [64, 16] * b [kColumns, 16] transposed, a and b fp16 in tiles of
// shared memory. Warp w of the warpgroup holds rows 16 * w .. + 15, in eights of columns as one warp's
// products do: sums[4 * n ..] belong to columns 8 * n .. 8 * n + 7.
template <int kColumns>
__device__ __forceinline__ void multiply_64x16(float (&sums)[kColumns / 2], const void* a,
                                               const void* b, bool add);

// clang-format off
#define SUMS_8(i) "+f"(sums[i]), "+f"(sums[i + 1]), "+f"(sums[i + 2]), "+f"(sums[i + 3]), \
                  "+f"(sums[i + 4]), "+f"(sums[i + 5]), "+f"(sums[i + 6]), "+f"(sums[i + 7])
#define SUMS_64(i) SUMS_8(i), SUMS_8(i + 8), SUMS_8(i + 16), SUMS_8(i + 24), \
                   SUMS_8(i + 32), SUMS_8(i + 40), SUMS_8(i + 48), SUMS_8(i + 56)
#define OPERANDS_64 \
    "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
    "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, " \
    "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, " \
    "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63"
#define OPERANDS_128 \
    "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
    "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, " \
    "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, " \
    "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, " \
    "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, " \
    "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95, " \
    "%96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111, " \
    "%112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, %127"
#define MULTIPLY_64x16(columns, operands, a_operand, b_operand, add_operand, ...)               \
    template <>                                                                                 \
    __device__ __forceinline__ void multiply_64x16<columns>(                                    \
        float (&sums)[columns / 2], const void* a, const void* b, bool add) {                   \
        asm volatile(                                                                           \
            "{\n"                                                                               \
            ".reg .pred add;\n"                                                                 \
            "setp.ne.b32 add, " add_operand ", 0;\n"                                            \
            "wgmma.mma_async.sync.aligned.m64n" #columns "k16.f32.f16.f16 "                     \
            "{" operands "}, " a_operand ", " b_operand ", add, 1, 1, 0, 0;\n"                  \
            "}"                                                                                 \
            : __VA_ARGS__                                                                       \
            : "l"(tile_descriptor(a)), "l"(tile_descriptor(b)), "r"(static_cast<int>(add)));    \
    }
MULTIPLY_64x16(128, OPERANDS_64, "%64", "%65", "%66", SUMS_64(0))
MULTIPLY_64x16(256, OPERANDS_128, "%128", "%129", "%130", SUMS_64(0), SUMS_64(64))
#undef MULTIPLY_64x16
#undef OPERANDS_128
#undef OPERANDS_64
#undef SUMS_64
#undef SUMS_8
// clang-format on

#endif
