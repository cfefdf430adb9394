// Operands of the linear layers: matrices of 2-byte elements, laid out as tensor cores want them.
//
// A matrix [rows, columns] is a grid of tiles of 128 rows x 64 columns, row of tiles after row of
// tiles: tile (row / 128, column / 64), 16 KiB each. In a tile a row is 128 bytes, eight chunks of
// 16 bytes, and chunk c of row r lies at r * 128 + ((c ^ r % 8) * 16): eight rows of one chunk
// touch all banks of shared memory, and a tile arrives there by one plain copy. Columns are padded
// with zeros to a multiple of 64, by whoever writes the matrix. Rows past the batch hold whatever
// was there: no row's result depends on another row.
//
// An element is kept as element * scale, scale being a power of two: by F16 as one fp16 number, by
// SplitF16 as two, high + low, and a tile as two tiles, the high parts' and the low parts', so that
// three products (high * high + high * low + low * high) make almost fp32 of it. An element that is
// too large for fp16 makes NaN of whatever is computed from its row, and sets *overflow.
#pragma once

#include "elements.cuh"

constexpr int kTileRows = 128;
constexpr int kTileColumns = 64;
constexpr int kTileBytes = kTileRows * kTileColumns * 2;
constexpr int kChunk = 8;  // columns of a chunk

__host__ __device__ constexpr int divide_up(int value, int by) { return (value + by - 1) / by; }

// Where a chunk lies in a tile of its own.
__device__ __forceinline__ int chunk_offset(int row, int chunk) {
    return row * 128 + ((chunk ^ (row & 7)) << 4);
}

// Where a chunk lies in a matrix of k_blocks tiles a row, kTiles tiles an entry of the grid.
template <int kTiles>
__device__ __forceinline__ unsigned char* matrix_chunk(void* matrix, int k_blocks, int row,
                                                       int chunk) {
    const long long tile =
        static_cast<long long>(row / kTileRows) * k_blocks + chunk / (kTileColumns / kChunk);
    return static_cast<unsigned char*>(matrix) + tile * (kTiles * kTileBytes) +
           chunk_offset(row % kTileRows, chunk % (kTileColumns / kChunk));
}

// Both take and give elements in the operand's scale.
struct F16 {
    static constexpr int kTiles = 1;

    static __device__ __forceinline__ uint4 pack(const float (&values)[8]) {
        __half2 pairs[4];
#pragma unroll
        for (int i = 0; i < 4; i++) {
            pairs[i] = __floats2half2_rn(values[2 * i], values[2 * i + 1]);
        }
        return *reinterpret_cast<const uint4*>(pairs);
    }

    // The larger magnitude of what there was and of a chunk; NaN counts for nothing.
    static __device__ __forceinline__ __half2 largest(__half2 so_far, const uint4& chunk) {
        const __half2* pairs = reinterpret_cast<const __half2*>(&chunk);
#pragma unroll
        for (int i = 0; i < 4; i++) {
            so_far = __hmax2(so_far, __habs2(pairs[i]));
        }
        return so_far;
    }

    static __device__ __forceinline__ bool overflows(__half2 largest) {
        return __hisinf(__low2half(largest)) || __hisinf(__high2half(largest));
    }

    static __device__ __forceinline__ uint4 nan() { return make_uint4(~0u, ~0u, ~0u, ~0u); }

    // Writes a chunk where it lies in a tile.
    static __device__ __forceinline__ void write(unsigned char* at, const float (&values)[8],
                                                 unsigned* overflow) {
        uint4 chunk = pack(values);
        if (overflows(largest(__half2(), chunk))) {
            atomicOr(overflow, 1u);
            chunk = nan();
        }
        *reinterpret_cast<uint4*>(at) = chunk;
    }

    using Raw = uint4;  // a chunk as it lies in memory

    static __device__ __forceinline__ Raw read(const void* matrix, int k_blocks, int row,
                                               int chunk) {
        return __ldg(reinterpret_cast<const uint4*>(
            matrix_chunk<kTiles>(const_cast<void*>(matrix), k_blocks, row, chunk)));
    }

    static __device__ __forceinline__ void unpack(float (&values)[8], const Raw& raw) {
        unpack_f16(values, raw);
    }
};

struct SplitF16 {
    static constexpr int kTiles = 2;

    static __device__ __forceinline__ void write(unsigned char* at, const float (&values)[8],
                                                 unsigned* overflow) {
        union Pieces {
            __half halves[8];
            uint4 raw;
            __device__ Pieces() {}
        } high, low;
        bool too_large = false;
#pragma unroll
        for (int i = 0; i < 8; i++) {
            too_large |= fabsf(values[i]) > 65504.0f;
            high.halves[i] = __float2half_rn(values[i]);
            low.halves[i] = __float2half_rn(values[i] - __half2float(high.halves[i]));
        }
        if (too_large) {
            atomicOr(overflow, 1u);
        }
        *reinterpret_cast<uint4*>(at) = high.raw;
        *reinterpret_cast<uint4*>(at + kTileBytes) = low.raw;
    }

    struct Raw {
        uint4 high;
        uint4 low;
    };

    static __device__ __forceinline__ Raw read(const void* matrix, int k_blocks, int row,
                                               int chunk) {
        const unsigned char* at =
            matrix_chunk<kTiles>(const_cast<void*>(matrix), k_blocks, row, chunk);
        return {__ldg(reinterpret_cast<const uint4*>(at)),
                __ldg(reinterpret_cast<const uint4*>(at + kTileBytes))};
    }

    static __device__ __forceinline__ void unpack(float (&values)[8], const Raw& raw) {
        float lows[8];
        unpack_f16(values, raw.high);
        unpack_f16(lows, raw.low);
#pragma unroll
        for (int i = 0; i < 8; i++) {
            values[i] += lows[i];
        }
    }
};

// Writes a chunk of a matrix.
template <typename Operand>
__device__ __forceinline__ void store_chunk(void* matrix, int k_blocks, int row, int chunk,
                                            const float (&values)[8], float scale,
                                            unsigned* overflow) {
    float scaled[8];
#pragma unroll
    for (int i = 0; i < 8; i++) {
        scaled[i] = values[i] * scale;
    }
    Operand::write(matrix_chunk<Operand::kTiles>(matrix, k_blocks, row, chunk), scaled, overflow);
}
