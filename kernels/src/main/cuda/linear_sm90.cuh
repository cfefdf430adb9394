// The linear layer on Hopper: warp-specialised, with warpgroups' matrix products (wgmma).
//
// Clusters of two blocks stay on the chip and stride over pairs of output tiles: 128 rows a block,
// and the same 256 columns (bf16) or 128 (fp32, and bf16 where 256 would leave blocks idle). They
// walk the inputs in steps of 64, kStages of them in shared memory. One thread of a block's first
// warpgroup, the producer, has the copy engine fetch a step's input tile and one half of its weight
// tiles, which it sends to both blocks. The other two warpgroups multiply, 64 rows each. A stage's
// `full` barrier counts the bytes that arrived, its `empty` barrier the warps of both blocks that
// are done with it.
//
// A bf16 operand leaves through shared memory, 64 columns of a warpgroup's 64 rows after 64: they
// are written as they will lie, and the copy engine takes them away behind the warpgroup's back.
//
// Tensor cores cut off what their fp32 sums cannot hold instead of rounding it, which adds up. For
// fp32 results their sums are therefore of one step, and are added up by ordinary arithmetic.
#pragma once

#include "operand.cuh"

constexpr int kLinearCluster = 2;
constexpr int kLinearThreadsSm90 = 384;
constexpr int kLinearStagesBytes = 192 << 10;
constexpr int kOutboxBytes = kTileBytes / 2;  // 64 rows of a tile; each warpgroup has two
constexpr int kLinearSharedSm90 = kLinearStagesBytes + 4 * kOutboxBytes + 128;

#if defined(__CUDA_ARCH_FEAT_SM90_ALL) || defined(NIGHTJAR_EMULATED)

template <typename Operand, typename Epilogue, int kColumns>
struct LinearSm90 {
    static constexpr int kTiles = Operand::kTiles;
    static constexpr int kInputBytes = kTiles * kTileBytes;
    static constexpr int kWeightBytes = kColumns / kTileRows * kTiles * kTileBytes;
    static constexpr int kStageBytes = kInputBytes + kWeightBytes;
    static constexpr int kStages = kLinearStagesBytes / kStageBytes < 4 ? 3 : 4;
    static constexpr bool kOutbox = Epilogue::kToOperand && kTiles == 1;
    static constexpr int kConsumerWarps = 8;

    const LinearArguments& arguments;
    unsigned char* stages;
    Barrier* full;
    Barrier* empty;
    int count;
    int rank;

    __device__ __forceinline__ int k_blocks() const {
        return divide_up(arguments.inputs, kTileColumns);
    }
    __device__ __forceinline__ int n_blocks() const {
        return divide_up(arguments.outputs, kColumns);
    }
    __device__ __forceinline__ int m_blocks() const { return divide_up(count, kTileRows); }

    // Calls tile(m, n) for each tile that this block makes; both blocks of a cluster make as many.
    // Past the batch's end m can be m_blocks(): such a tile takes the last rows again, and writes
    // nothing.
    template <typename Tile>
    __device__ __forceinline__ void for_each_tile(Tile tile) const {
        const int clusters = static_cast<int>(gridDim.x) / kLinearCluster;
        const int tiles = divide_up(m_blocks(), kLinearCluster) * n_blocks();
        for (int at = static_cast<int>(blockIdx.x) / kLinearCluster; at < tiles; at += clusters) {
            tile(at / n_blocks() * kLinearCluster + rank, at % n_blocks());
        }
    }

    // One thread.
    __device__ __forceinline__ void produce() const {
        constexpr int kShare = kWeightBytes / kLinearCluster;
        constexpr unsigned short kEveryone = (1 << kLinearCluster) - 1;
        const int steps = k_blocks();
        int stage = 0;
        int parity = 1;  // the first round finds every stage empty
        for_each_tile([&](int m, int n) {
            const unsigned char* input =
                static_cast<const unsigned char*>(arguments.input) +
                static_cast<long long>(min(m, m_blocks() - 1)) * steps * kInputBytes;
            const int begin = rank * kShare;  // of this block's share of the step's weight
            const unsigned char* weight =
                static_cast<const unsigned char*>(arguments.weight) +
                static_cast<long long>(n * (kColumns / kTileRows) + begin / kInputBytes) * steps *
                    kInputBytes +
                begin % kInputBytes;
            for (int k = 0; k < steps; k++) {
                unsigned char* to = stages + stage * kStageBytes;
                wait_for(&empty[stage], parity);
                arrive_expecting(&full[stage], kStageBytes);
                copy_bulk(to, input, kInputBytes, &full[stage]);
                copy_bulk(to + kInputBytes + begin, weight, kShare, &full[stage], kEveryone);
                input += kInputBytes;
                weight += kInputBytes;
                advance(stage, parity);
            }
        });
    }

    // A warpgroup, number 0 or 1.
    __device__ __forceinline__ void consume(int warpgroup) const {
        const int lane = static_cast<int>(threadIdx.x % 32);
        const int warp = static_cast<int>(threadIdx.x / 32 % 4);
        const int steps = k_blocks();
        int stage = 0;
        int parity = 0;
        for_each_tile([&](int m, int n) {
            float sums[kColumns / 2] = {};
            if constexpr (kTiles == 1) {
                int done = -1;  // the stage whose products may still be under way
                for (int k = 0; k < steps; k++) {
                    wait_for(&full[stage], parity);
                    multiply(sums, stage, warpgroup, k > 0);
                    wait_products<1>();
                    release(done, lane);
                    done = stage;
                    advance(stage, parity);
                }
                wait_products<0>();
                release(done, lane);
            } else {
                for (int k = 0; k < steps; k++) {
                    float step[kColumns / 2];
                    wait_for(&full[stage], parity);
                    multiply(step, stage, warpgroup, false);
                    wait_products<0>();
                    release(stage, lane);
                    advance(stage, parity);
#pragma unroll
                    for (int i = 0; i < kColumns / 2; i++) {
                        sums[i] += step[i];
                    }
                }
            }

            const int row = warp * 16 + lane / 4;  // of this warpgroup's 64, and row + 8
            const int m_row = min(m, m_blocks() - 1) * kTileRows + warpgroup * 64 + row;
            using Inputs = typename Epilogue::Inputs;
            const auto chunk_of = [&](int group) {
                return (n * kColumns + group * 32) / kChunk + lane % 4;
            };
            const auto finish = [&](int group, int half, const Inputs& inputs,
                                    float(&values)[kChunk]) {
#pragma unroll
                for (int i = 0; i < kChunk; i++) {
                    values[i] = sums[(group * 4 + i / 2) * 4 + half * 2 + i % 2];
                }
                Epilogue::finish(arguments, chunk_of(group), inputs, values);
            };
            float values[kChunk];
            if constexpr (kOutbox) {
                const bool sends = threadIdx.x % 128 == 0;
#pragma unroll
                for (int group = 0; group < kColumns / 32; group += 2) {
                    unsigned char* outbox = stages + kLinearStagesBytes +
                                            (warpgroup * 2 + group / 2 % 2) * kOutboxBytes;
                    Inputs inputs[2][2];
#pragma unroll
                    for (int i = 0; i < 4; i++) {
                        inputs[i / 2][i % 2] =
                            Epilogue::read(arguments, m_row + i / 2 * 8, chunk_of(group + i % 2));
                    }
                    if (sends) {
                        wait_until_sent<1>();
                    }
                    synchronize_warpgroup(1 + warpgroup);
#pragma unroll
                    for (int half = 0; half < 2; half++) {
                        uint4 chunks[2];
                        finish(group, half, inputs[half][0], values);
                        chunks[0] = Bf16::pack(values);
                        finish(group + 1, half, inputs[half][1], values);
                        chunks[1] = Bf16::pack(values);
                        // Odd rows write their second chunk first: two rows then meet all banks.
                        const bool odd = row % 2 != 0;
                        *reinterpret_cast<uint4*>(
                            outbox + chunk_offset(row + half * 8, (odd ? 4 : 0) + lane % 4)) =
                            odd ? chunks[1] : chunks[0];
                        *reinterpret_cast<uint4*>(
                            outbox + chunk_offset(row + half * 8, (odd ? 0 : 4) + lane % 4)) =
                            odd ? chunks[0] : chunks[1];
                    }
                    publish_to_copies();
                    synchronize_warpgroup(1 + warpgroup);
                    if (sends) {
                        send(outbox, m, (n * kColumns + group * 32) / kTileColumns, warpgroup);
                    }
                }
            } else {
                const int chunks = Epilogue::chunks(arguments.outputs);
#pragma unroll
                for (int group = 0; group < kColumns / 32; group++) {
#pragma unroll
                    for (int half = 0; half < 2; half++) {
                        const int chunk = chunk_of(group);
                        if (m < m_blocks() && m_row + half * 8 < count && chunk < chunks) {
                            finish(group, half, Epilogue::read(arguments, m_row + half * 8, chunk),
                                   values);
                            Epilogue::store(arguments, m_row + half * 8, chunk, values);
                        }
                    }
                }
            }
        });
        if (kOutbox && threadIdx.x % 128 == 0) {
            wait_until_sent<0>();
        }
    }

  private:
    static __device__ __forceinline__ void advance(int& stage, int& parity) {
        if (++stage == kStages) {
            stage = 0;
            parity ^= 1;
        }
    }

    // One thread: sends a warpgroup's 64 rows of 64 output columns, if there are such.
    __device__ __forceinline__ void send(const unsigned char* outbox, int m, int block,
                                         int warpgroup) const {
        const int blocks = divide_up(arguments.outputs, kTileColumns);
        if (m < m_blocks() && block < blocks) {
            send_bulk(static_cast<unsigned char*>(arguments.output) +
                          (static_cast<long long>(m) * blocks + block) * kTileBytes +
                          warpgroup * kOutboxBytes,
                      outbox, kOutboxBytes);
        }
        commit_sent();
    }

    // Starts the products of one step of 64 inputs.
    __device__ __forceinline__ void multiply(float (&sums)[kColumns / 2], int stage,
                                             int warpgroup, bool add) const {
        using Element = typename Operand::Element;
        const unsigned char* left = stages + stage * kStageBytes + warpgroup * (kTileBytes / 2);
        const unsigned char* right = stages + stage * kStageBytes + kInputBytes;
        begin_products();
#pragma unroll
        for (int i = 0; i < kTileColumns / 16; i++) {
            const unsigned char* a = left + i * 32;
            const unsigned char* b = right + i * 32;
            if constexpr (kTiles == 2) {
                multiply_64x16<kColumns, Element>(sums, a, b + kTileBytes, add || i > 0);
                multiply_64x16<kColumns, Element>(sums, a + kTileBytes, b, true);
                multiply_64x16<kColumns, Element>(sums, a, b, true);
            } else {
                multiply_64x16<kColumns, Element>(sums, a, b, add || i > 0);
            }
        }
        commit_products();
    }

    // This warp is done with a stage: tells both blocks, since both send weights to it.
    __device__ __forceinline__ void release(int stage, int lane) const {
        if (stage >= 0 && lane < kLinearCluster) {
            arrive(&empty[stage], lane);
        }
    }
};

template <typename Operand, typename Epilogue>
__device__ __forceinline__ void linear_sm90(const LinearArguments& arguments) {
    constexpr int kWide = Operand::kTiles == 1 ? 2 * kTileRows : kTileRows;
    using Wide = LinearSm90<Operand, Epilogue, kWide>;
    using Narrow = LinearSm90<Operand, Epilogue, kTileRows>;
    unsigned char* stages = shared_memory();
    Barrier* full = reinterpret_cast<Barrier*>(stages + kLinearStagesBytes + 4 * kOutboxBytes);
    Barrier* empty = full + 4;
    const int rank = cluster_rank();
    if (threadIdx.x == 0) {
        for (int stage = 0; stage < 4; stage++) {
            init_barrier(&full[stage], 1);
            init_barrier(&empty[stage], Wide::kConsumerWarps * kLinearCluster);
        }
        publish_barriers();
    }
    synchronize_cluster();

    const Wide wide{arguments, stages, full, empty, *arguments.rows, rank};
    const Narrow narrow{arguments, stages, full, empty, *arguments.rows, rank};
    // Narrow tiles where wide ones would leave half of the chip without work.
    const int wide_tiles = divide_up(wide.m_blocks(), kLinearCluster) * wide.n_blocks();
    const bool is_narrow = kWide == kTileRows || arguments.outputs <= kTileRows ||
                           wide_tiles * 2 * kLinearCluster <= static_cast<int>(gridDim.x);
    const int warpgroup = static_cast<int>(threadIdx.x / 128);
    if (warpgroup == 0) {
        give_registers_back<40>();
        if (threadIdx.x == 0) {
            if (is_narrow) {
                narrow.produce();
            } else {
                wide.produce();
            }
        }
        __syncwarp();  // its neighbours wait here rather than spin at the cluster's barrier
    } else {
        take_registers<232>();
        if (is_narrow) {
            narrow.consume(warpgroup - 1);
        } else {
            wide.consume(warpgroup - 1);
        }
    }
    synchronize_cluster();  // no block ends while another sends to it
}

#endif
