// The ablation: every technique of arXiv 2410.22249 on the kernel that it starts from, and each on
// Nightjar's own. They are a module of their own, which only jobs that name one of them load. What
// each is worth on a GPU is in docs/embedding-bag.md, written by kernels/bench/variants.py.
//
// An entry's name is the variant's, its prefetch distance where it has one, and the rows' type.
#include "embedding_bag.cuh"
#include "embedding_bag_one_table.cuh"
#include "embedding_bag_staged.cuh"
#include "pin_hot_rows.cuh"
#include "read_rate.cuh"

// blocks an SM: how many blocks of 256 threads nvcc has to fit on a multiprocessor; 0: its choice.
#define ONE_TABLE_OF(entry, Row, Prefetch, blocks_an_sm)                   \
    extern "C" __global__ void __launch_bounds__(256, blocks_an_sm) entry( \
        const OneTable<Row> from) {                                        \
        embedding_bag_one_table<Row, Prefetch>(from);                      \
    }
#define ONE_TABLE(variant, Prefetch, blocks_an_sm)                  \
    ONE_TABLE_OF(variant##_f32, float, Prefetch, blocks_an_sm)      \
    ONE_TABLE_OF(variant##_f16, __half, Prefetch, blocks_an_sm)

//           variant      prefetch           blocks an SM
ONE_TABLE(   base,        InOrder,           0)
ONE_TABLE(   optmt_4,     InOrder,           4)
ONE_TABLE(   optmt_5,     InOrder,           5)
ONE_TABLE(   optmt_6,     InOrder,           6)
ONE_TABLE(   optmt_8,     InOrder,           8)
ONE_TABLE(   rpf_2,       IntoRegisters<2>,  0)
ONE_TABLE(   rpf_4,       IntoRegisters<4>,  0)
ONE_TABLE(   rpf_8,       IntoRegisters<8>,  0)
ONE_TABLE(   rpf_16,      IntoRegisters<16>, 0)
ONE_TABLE_OF(smpf_2_f32,  float, IntoShared<2>,  0)  // no asynchronous copy is as small as an fp16
ONE_TABLE_OF(smpf_4_f32,  float, IntoShared<4>,  0)
ONE_TABLE_OF(smpf_8_f32,  float, IntoShared<8>,  0)
ONE_TABLE_OF(smpf_16_f32, float, IntoShared<16>, 0)
ONE_TABLE(   lmpf_2,      IntoLocal<2>,      0)
ONE_TABLE(   lmpf_4,      IntoLocal<4>,      0)
ONE_TABLE(   lmpf_8,      IntoLocal<8>,      0)
ONE_TABLE(   lmpf_16,     IntoLocal<16>,     0)
ONE_TABLE(   l1dpf_2,     IntoL1<2>,         0)
ONE_TABLE(   l1dpf_4,     IntoL1<4>,         0)
ONE_TABLE(   l1dpf_8,     IntoL1<8>,         0)
ONE_TABLE(   l1dpf_16,    IntoL1<16>,        0)
ONE_TABLE(   combined_4,  IntoRegisters<4>,  5)
ONE_TABLE(   combined_8,  IntoRegisters<8>,  4)
ONE_TABLE(   combined_16, IntoRegisters<16>, 3)

#define TABLE_BATCHED(variant, Prefetch, threads, blocks_an_sm)                    \
    EMBEDDING_BAG(variant##_f32, float, float, Prefetch, threads, blocks_an_sm)    \
    EMBEDDING_BAG(variant##_f16, __half, float, Prefetch, threads, blocks_an_sm)

//            variant       prefetch           threads, blocks an SM
TABLE_BATCHED(tbe_order,    InOrder,           256,  4)
TABLE_BATCHED(tbe_rpf_2,    IntoRegisters<2>,  256,  4)
TABLE_BATCHED(tbe_rpf_4,    IntoRegisters<4>,  256,  4)
TABLE_BATCHED(tbe_rpf_8,    IntoRegisters<8>,  256,  3)
TABLE_BATCHED(tbe_rpf_16,   IntoRegisters<16>, 256,  2)
TABLE_BATCHED(tbe_rpf_32,   IntoRegisters<32>, 256,  1)
TABLE_BATCHED(tbe_wide_16,  IntoRegisters<16>, 512,  1)
TABLE_BATCHED(tbe_whole_8,  IntoRegisters<8>,  1024, 1)
TABLE_BATCHED(tbe_optmt_8,  IntoRegisters<8>,  256,  4)
TABLE_BATCHED(tbe_optmt_16, IntoRegisters<16>, 256,  3)
TABLE_BATCHED(tbe_smpf_4,   IntoShared<4>,     256,  4)
TABLE_BATCHED(tbe_smpf_8,   IntoShared<8>,     256,  4)
TABLE_BATCHED(tbe_lmpf_4,   IntoLocal<4>,      256,  4)
TABLE_BATCHED(tbe_l1dpf_4,  IntoL1<4>,         256,  4)
TABLE_BATCHED(tbe_l1dpf_8,  IntoL1<8>,         256,  4)

#define STAGED(variant, Order, Prefetch, blocks_an_sm)                                   \
    EMBEDDING_BAG_STAGED(variant##_f32, float, float, Order, Prefetch, blocks_an_sm)    \
    EMBEDDING_BAG_STAGED(variant##_f16, __half, float, Order, Prefetch, blocks_an_sm)

//     variant         order    prefetch           blocks an SM
STAGED(tbe_staged_8,   AsGiven, InBatches<8>,  4)
STAGED(tbe_staged_16,  AsGiven, InBatches<16>, 2)
STAGED(range_4,        ByRange, InBatches<4>,  4)
STAGED(range_8,        ByRange, InBatches<8>,  2)
STAGED(range_16,       ByRange, InBatches<16>, 2)
