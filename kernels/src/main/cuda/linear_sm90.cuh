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
// An F16 operand leaves through shared memory, 64 columns of a warpgroup's 64 rows after 64: they
// are written as they will lie, and the copy engine takes them away while the next tile's products
// are under way. Two such pieces have a place of their own, an outbox; those of wide tiles that have
// none lie where the weights of the tile's last step lay, and that stage is released once they left.
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
    static constexpr int kPieces = kColumns / kTileColumns;
    static constexpr bool kHoldsStage = kOutbox && kPieces > 2;
    static constexpr int kConsumerWarps = 8;
    static_assert(!kHoldsStage || 2 * (kPieces - 2) * kOutboxBytes <= kWeightBytes);

    const LinearArguments& arguments;
    unsigned char* stages;
    Barrier* full;
    Barrier* empty;
    int count;
    int rank;

    // A warpgroup's part of an output tile.
    struct Tile {
        int m;
        int n;
        int warpgroup;
    };

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
    template <typename Call>
    __device__ __forceinline__ void for_each_tile(Call tile) const {
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
        const int steps = k_blocks();
        const int second = min(1, steps - 1);
        int stage = 0;
        int parity = 0;
        int held = -1;  // the stage that holds output of the last tile
        for_each_tile([&](int m, int n) {
            const Tile tile{m, n, warpgroup};
            float sums[kColumns / 2] = {};
            if constexpr (kTiles == 1) {
                int done = -1;  // the stage whose products may still be under way
                for (int k = 0; k < steps; k++) {
                    wait_for(&full[stage], parity);
                    multiply(sums, stage, warpgroup, k > 0);
                    if (kOutbox && k == second) {
                        await_sent(held);
                    }
                    wait_products<1>();
                    release(done);
                    done = stage;
                    advance(stage, parity);
                }
                if constexpr (kOutbox) {
                    leave_through_outboxes(sums, tile, done);
                    held = kHoldsStage ? done : -1;
                    return;
                }
                wait_products<0>();
                release(done);
            } else {
                for (int k = 0; k < steps; k++) {
                    float step[kColumns / 2];
                    wait_for(&full[stage], parity);
                    multiply(step, stage, warpgroup, false);
                    wait_products<0>();
                    release(stage);
                    advance(stage, parity);
#pragma unroll
                    for (int i = 0; i < kColumns / 2; i++) {
                        sums[i] += step[i];
                    }
                }
            }
            if constexpr (Epilogue::kToScore) {
                score(sums, tile);
            } else if constexpr (!kOutbox) {
                leave_directly(sums, tile);
            }
        });
        if constexpr (kOutbox) {
            await_sent(held);
        }
    }

  private:
    using Inputs = typename Epilogue::Inputs;

    static __device__ __forceinline__ int lane() { return static_cast<int>(threadIdx.x % 32); }
    static __device__ __forceinline__ bool sends() { return threadIdx.x % 128 == 0; }

    // This thread's row of the warpgroup's 64; it has row + 8 as well.
    static __device__ __forceinline__ int own_row() {
        return static_cast<int>(threadIdx.x / 32 % 4) * 16 + lane() / 4;
    }

    // The same among all rows; past the batch's end a row that is there.
    __device__ __forceinline__ int row_of(const Tile& tile) const {
        return min(tile.m, m_blocks() - 1) * kTileRows + tile.warpgroup * 64 + own_row();
    }

    // This thread's chunk of 32 columns of the output, of each of its rows.
    static __device__ __forceinline__ int chunk_of(const Tile& tile, int group) {
        return (tile.n * kColumns + group * 32) / kChunk + lane() % 4;
    }

    static __device__ __forceinline__ void advance(int& stage, int& parity) {
        if (++stage == kStages) {
            stage = 0;
            parity ^= 1;
        }
    }

    // Starts the products of one step of 64 inputs.
    __device__ __forceinline__ void multiply(float (&sums)[kColumns / 2], int stage,
                                             int warpgroup, bool add) const {
        const unsigned char* left = stages + stage * kStageBytes + warpgroup * (kTileBytes / 2);
        const unsigned char* right = stages + stage * kStageBytes + kInputBytes;
        begin_products();
#pragma unroll
        for (int i = 0; i < kTileColumns / 16; i++) {
            const unsigned char* a = left + i * 32;
            const unsigned char* b = right + i * 32;
            if constexpr (kTiles == 2) {
                multiply_64x16<kColumns>(sums, a, b + kTileBytes, add || i > 0);
                multiply_64x16<kColumns>(sums, a + kTileBytes, b, true);
                multiply_64x16<kColumns>(sums, a, b, true);
            } else {
                multiply_64x16<kColumns>(sums, a, b, add || i > 0);
            }
        }
        commit_products();
    }

    // This warp is done with a stage: tells both blocks, since both send weights to it.
    __device__ __forceinline__ void release(int stage) const {
        if (stage >= 0 && lane() < kLinearCluster) {
            arrive(&empty[stage], lane());
        }
    }

    // Waits until what this warp sent has left shared memory, also that in the stage it held.
    __device__ __forceinline__ void await_sent(int& held) const {
        if (sends()) {
            wait_until_sent<0>();
        }
        __syncwarp();
        release(held);
        held = -1;
    }

    // What the epilogue takes for this thread's two chunks of a piece, in its row of that half.
    __device__ __forceinline__ void read(Inputs (&inputs)[2], const Tile& tile, int piece,
                                         int half) const {
#pragma unroll
        for (int i = 0; i < 2; i++) {
            inputs[i] =
                Epilogue::read(arguments, row_of(tile) + half * 8, chunk_of(tile, 2 * piece + i));
        }
    }

    // What the tensor cores summed of a chunk of row_of + half * 8.
    static __device__ __forceinline__ void chunk_sums(float (&values)[kChunk],
                                                      const float (&sums)[kColumns / 2], int group,
                                                      int half) {
#pragma unroll
        for (int i = 0; i < kChunk; i++) {
            values[i] = sums[(group * 4 + i / 2) * 4 + half * 2 + i % 2];
        }
    }

    // Ends a tile whose last step's products may still be under way in stage `last`.
    __device__ __forceinline__ void leave_through_outboxes(float (&sums)[kColumns / 2],
                                                           const Tile& tile, int last) const {
        Inputs inputs[2][2];  // of this half of a piece and of the one that follows
        __half2 largest[2];   // magnitudes of two pieces, of each row
        read(inputs[0], tile, 0, 0);
        wait_products<0>();
        // Whoever sends has seen the outboxes empty; of a stage, nobody reads the weights any more.
        if constexpr (kHoldsStage) {
            synchronize_group<256>(3);
        } else {
            release(last);
            synchronize_group<128>(1 + tile.warpgroup);
        }
#pragma unroll
        for (int piece = 0; piece < kPieces; piece++) {
            const Bias biases[2] = {Epilogue::bias(arguments, chunk_of(tile, 2 * piece)),
                                    Epilogue::bias(arguments, chunk_of(tile, 2 * piece + 1))};
#pragma unroll
            for (int half = 0; half < 2; half++) {
                if (2 * piece + half + 1 < 2 * kPieces) {
                    read(inputs[1 - half], tile, piece + half, 1 - half);
                }
                uint4 chunks[2];
#pragma unroll
                for (int i = 0; i < 2; i++) {
                    float values[kChunk];
                    chunk_sums(values, sums, 2 * piece + i, half);
                    Epilogue::finish(arguments, biases[i], inputs[half][i], values);
                    chunks[i] = Operand::pack(values);
                    largest[half] =
                        Operand::largest(piece % 2 + i == 0 ? __half2() : largest[half], chunks[i]);
                }
                // Odd rows write their second chunk first: two rows then meet all banks.
                const int row = own_row() + half * 8;
                const bool odd = row % 2 != 0;
                unsigned char* outbox = place_of(piece, last, tile.warpgroup);
                *reinterpret_cast<uint4*>(outbox + chunk_offset(row, (odd ? 4 : 0) + lane() % 4)) =
                    odd ? chunks[1] : chunks[0];
                *reinterpret_cast<uint4*>(outbox + chunk_offset(row, (odd ? 0 : 4) + lane() % 4)) =
                    odd ? chunks[0] : chunks[1];
            }
            if (piece % 2 == 1) {
                mark_overflows(largest, tile, piece - 1, last);
                publish_to_copies();
                synchronize_group<128>(1 + tile.warpgroup);
                if (sends()) {
                    send(tile, piece - 1, last);
                    send(tile, piece, last);
                }
            }
        }
    }

    // Writes NaN to those of this thread's rows whose outputs were too large.
    __device__ __forceinline__ void mark_overflows(const __half2 (&largest)[2], const Tile& tile,
                                                   int piece, int last) const {
#pragma unroll
        for (int half = 0; half < 2; half++) {
            if (Operand::overflows(largest[half]) && row_of(tile) + half * 8 < count) {
                atomicOr(arguments.overflow, 1u);
                *reinterpret_cast<uint4*>(place_of(piece, last, tile.warpgroup) +
                                          chunk_offset(own_row() + half * 8, lane() % 4)) =
                    Operand::nan();
            }
        }
    }

    __device__ __forceinline__ unsigned char* place_of(int piece, int last, int warpgroup) const {
        return piece < 2 ? stages + kLinearStagesBytes + (warpgroup * 2 + piece) * kOutboxBytes
                         : stages + last * kStageBytes + kInputBytes +
                               (warpgroup * (kPieces - 2) + piece - 2) * kOutboxBytes;
    }

    // One thread: sends a piece, if there are such rows and columns.
    __device__ __forceinline__ void send(const Tile& tile, int piece, int last) const {
        const int blocks = divide_up(arguments.outputs, kTileColumns);
        const int block = tile.n * kPieces + piece;
        if (tile.m < m_blocks() && block < blocks) {
            send_bulk(static_cast<unsigned char*>(arguments.output) +
                          (static_cast<long long>(tile.m) * blocks + block) * kTileBytes +
                          tile.warpgroup * kOutboxBytes,
                      place_of(piece, last, tile.warpgroup), kOutboxBytes);
        }
        commit_sent();
    }

    __device__ __forceinline__ void leave_directly(const float (&sums)[kColumns / 2],
                                                   const Tile& tile) const {
        const int chunks = Epilogue::chunks(arguments.outputs);
#pragma unroll
        for (int group = 0; group < kColumns / 32; group++) {
            const int chunk = chunk_of(tile, group);
            const Bias bias = Epilogue::bias(arguments, chunk);
#pragma unroll
            for (int half = 0; half < 2; half++) {
                const int row = row_of(tile) + half * 8;
                if (tile.m < m_blocks() && row < count && chunk < chunks) {
                    float values[kChunk];
                    chunk_sums(values, sums, group, half);
                    Epilogue::finish(arguments, bias, Epilogue::read(arguments, row, chunk),
                                     values);
                    Epilogue::store(arguments, row, chunk, values);
                }
            }
        }
    }

    // A tile holds whole rows: their logits are four threads' sums.
    __device__ __forceinline__ void score(const float (&sums)[kColumns / 2],
                                          const Tile& tile) const {
#pragma unroll
        for (int half = 0; half < 2; half++) {
            float total = 0.0f;
#pragma unroll
            for (int group = 0; group < kColumns / 32; group++) {
                float values[kChunk];
                chunk_sums(values, sums, group, half);
                total += Epilogue::dot(arguments, chunk_of(tile, group), values);
            }
            total += __shfl_xor_sync(0xffffffffu, total, 1);
            total += __shfl_xor_sync(0xffffffffu, total, 2);
            const int row = row_of(tile) + half * 8;
            if (lane() % 4 == 0 && tile.m < m_blocks() && row < count) {
                arguments.last.write(row, total);
            }
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
    // Narrow tiles where wide ones would leave half of the chip without work; for scores a tile
    // holds whole rows.
    const int wide_tiles = divide_up(wide.m_blocks(), kLinearCluster) * wide.n_blocks();
    const bool is_narrow =
        kWide == kTileRows || arguments.outputs <= kTileRows ||
        (!Epilogue::kToScore &&
         wide_tiles * 2 * kLinearCluster <= static_cast<int>(gridDim.x));
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
