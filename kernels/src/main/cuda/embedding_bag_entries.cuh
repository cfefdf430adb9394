// The entries of embedding_bag that scores are computed with. All kinds but the last have the same
// bits.
#pragma once

#include "embedding_bag.cuh"
#include "embedding_bag_lines.cuh"
#include "embedding_bag_staged.cuh"

// Short bags: many warps, since a bag's first loads wait for one another.
//            entry                         rows           pooled         prefetch   threads, blocks
EMBEDDING_BAG(embedding_bag_f32_f32,        float,         float,         ByHalves<8>,       256, 4)
EMBEDDING_BAG(embedding_bag_f16_f32,        __half,        float,         ByHalves<8>,       256, 4)
EMBEDDING_BAG(embedding_bag_bf16_f32,       __nv_bfloat16, float,         ByHalves<8>,       256, 4)
EMBEDDING_BAG(embedding_bag_f32_bf16,       float,         __nv_bfloat16, ByHalves<8>,       256, 4)
EMBEDDING_BAG(embedding_bag_f16_bf16,       __half,        __nv_bfloat16, ByHalves<8>,       256, 4)
EMBEDDING_BAG(embedding_bag_bf16_bf16,      __nv_bfloat16, __nv_bfloat16, ByHalves<8>,       256, 4)

// Long bags: fewer warps with as much under way, so that what runs together touches fewer rows.
EMBEDDING_BAG(embedding_bag_long_f32_f32,   float,         float,         IntoRegisters<16>, 256, 2)
EMBEDDING_BAG(embedding_bag_long_f16_f32,   __half,        float,         IntoRegisters<16>, 256, 2)
EMBEDDING_BAG(embedding_bag_long_bf16_f32,  __nv_bfloat16, float,         IntoRegisters<16>, 256, 2)
EMBEDDING_BAG(embedding_bag_long_f32_bf16,  float,         __nv_bfloat16, IntoRegisters<16>, 256, 2)
EMBEDDING_BAG(embedding_bag_long_f16_bf16,  __half,        __nv_bfloat16, IntoRegisters<16>, 256, 2)
EMBEDDING_BAG(embedding_bag_long_bf16_bf16, __nv_bfloat16, __nv_bfloat16, IntoRegisters<16>, 256, 2)

// Still fewer, still deeper: what long bags of rows that are seldom hit may be walked with.
EMBEDDING_BAG(embedding_bag_deep_f32_f32,   float,         float,         IntoRegisters<32>, 256, 1)
EMBEDDING_BAG(embedding_bag_deep_f16_f32,   __half,        float,         IntoRegisters<32>, 256, 1)
EMBEDDING_BAG(embedding_bag_deep_bf16_f32,  __nv_bfloat16, float,         IntoRegisters<32>, 256, 1)
EMBEDDING_BAG(embedding_bag_deep_f32_bf16,  float,         __nv_bfloat16, IntoRegisters<32>, 256, 1)
EMBEDDING_BAG(embedding_bag_deep_f16_bf16,  __half,        __nv_bfloat16, IntoRegisters<32>, 256, 1)
EMBEDDING_BAG(embedding_bag_deep_bf16_bf16, __nv_bfloat16, __nv_bfloat16, IntoRegisters<32>, 256, 1)

// Rows that L1 holds, or very short bags: 8 threads a bag, each with 8 loads under way.
EMBEDDING_BAG_LINES(embedding_bag_lines_f32_f32,   float,         float,         ByHalves<2>, 256, 4)
EMBEDDING_BAG_LINES(embedding_bag_lines_f16_f32,   __half,        float,         ByHalves<4>, 256, 3)
EMBEDDING_BAG_LINES(embedding_bag_lines_bf16_f32,  __nv_bfloat16, float,         ByHalves<4>, 256, 3)
EMBEDDING_BAG_LINES(embedding_bag_lines_f32_bf16,  float,         __nv_bfloat16, ByHalves<2>, 256, 4)
EMBEDDING_BAG_LINES(embedding_bag_lines_f16_bf16,  __half,        __nv_bfloat16, ByHalves<4>, 256, 3)
EMBEDDING_BAG_LINES(embedding_bag_lines_bf16_bf16, __nv_bfloat16, __nv_bfloat16, ByHalves<4>, 256, 3)

// Long bags of rows that are seldom hit, each range of a table by all bags at once.
EMBEDDING_BAG_STAGED(embedding_bag_range_f32_f32,   float,         float,         ByRange, InBatches<8>, 2)
EMBEDDING_BAG_STAGED(embedding_bag_range_f16_f32,   __half,        float,         ByRange, InBatches<8>, 2)
EMBEDDING_BAG_STAGED(embedding_bag_range_bf16_f32,  __nv_bfloat16, float,         ByRange, InBatches<8>, 2)
EMBEDDING_BAG_STAGED(embedding_bag_range_f32_bf16,  float,         __nv_bfloat16, ByRange, InBatches<8>, 2)
EMBEDDING_BAG_STAGED(embedding_bag_range_f16_bf16,  __half,        __nv_bfloat16, ByRange, InBatches<8>, 2)
EMBEDDING_BAG_STAGED(embedding_bag_range_bf16_bf16, __nv_bfloat16, __nv_bfloat16, ByRange, InBatches<8>, 2)
