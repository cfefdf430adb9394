// The emulator's side of src/main/cuda/device/ptx.cuh: the same names, in plain C++.
#pragma once

#include <cassert>
#include <cmath>

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "../emulator.hpp"

inline unsigned char* shared_memory() { return emulator::current->block->shared; }

inline float positive_part(float x) { return x < 0 || x == 0 ? 0 : x; }

template <int kThreads>
void synchronize_group(int number) {
    emulator::Block& block = *emulator::current->block;
    const unsigned generation = block.group_generation[number];
    emulator::progress = true;
    if (++block.group_arrived[number] == kThreads) {
        block.group_arrived[number] = 0;
        block.group_generation[number]++;
    }
    emulator::wait("synchronize_group",
                   [&] { return block.group_generation[number] != generation; });
}

// ---- caches, of which there are none ----

inline void prefetch_to_l1(const void* global) { emulator::read_byte(global); }
inline void prefetch_to_l2_evict_last(const void* global) { emulator::read_byte(global); }

// ---- local memory ----

template <typename T>
void store_local(T* to, const T& value) {
    *to = value;
}
template <typename T>
void load_local(T& value, const T* from) {
    value = *from;
}

// ---- asynchronous copies ----

inline void copy_16_async(void* shared, const void* global) {
    emulator::current->open_copies.push_back({shared, global, 16});
}

template <int kBytes>
void copy_async(void* shared, const void* global) {
    emulator::current->open_copies.push_back({shared, global, kBytes});
}

inline void commit_copies() {
    emulator::Thread& thread = *emulator::current;
    thread.committed_copies.push_back(std::move(thread.open_copies));
    thread.open_copies.clear();
}

template <int kPending>
void wait_copies() {
    emulator::Thread& thread = *emulator::current;
    while (thread.committed_copies.size() > kPending) {
        for (const emulator::Copy& copy : thread.committed_copies.front()) {
            std::memcpy(copy.to, copy.from, copy.bytes);
        }
        thread.committed_copies.pop_front();
    }
}

// ---- matrix products of one warp ----

inline void load_matrices(unsigned (&matrices)[4], const void* row) {
    emulator::Warp& warp = *emulator::current->warp;
    const int lane = emulator::current->lane;
    warp.rows[lane] = row;
    emulator::meet_warp("load_matrices", [](emulator::Warp&) {});
    for (int i = 0; i < 4; i++) {
        const auto* elements = static_cast<const unsigned char*>(warp.rows[i * 8 + lane / 4]);
        std::memcpy(&matrices[i], elements + lane % 4 * 4, 4);
    }
    emulator::meet_warp("load_matrices", [](emulator::Warp&) {});
}

template <typename T>
float element_of(unsigned word, int which) {
    const auto bits = static_cast<unsigned short>(word >> 16 * which);
    T value;
    std::memcpy(static_cast<void*>(&value), &bits, 2);
    return static_cast<float>(value);
}

template <typename T>
void multiply_16x8x16(float (&sum)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
    emulator::Warp& warp = *emulator::current->warp;
    const int lane = emulator::current->lane;
    const unsigned words[6] = {a[0], a[1], a[2], a[3], b0, b1};
    std::memcpy(warp.words[lane], words, sizeof(words));
    emulator::meet_warp("multiply_16x8x16", [](emulator::Warp&) {});
    // Element (row, k) of 8 rows is held by lane row * 4 + k / 2, in its low or high half.
    const auto element = [&](int word, int row, int k) {
        return element_of<T>(warp.words[row * 4 + k / 2][word], k % 2);
    };
    for (int i = 0; i < 4; i++) {
        const int row = lane / 4;
        const int column = lane % 4 * 2 + i % 2;
        double total = sum[i];
        for (int k = 0; k < 8; k++) {
            total += static_cast<double>(element(i / 2, row, k)) * element(4, column, k);
            total += static_cast<double>(element(2 + i / 2, row, k)) * element(5, column, k);
        }
        sum[i] = static_cast<float>(total);
    }
    emulator::meet_warp("multiply_16x8x16", [](emulator::Warp&) {});
}

inline float rounded_to_tf32(float x) {
    return std::isnan(x) ? x : __uint_as_float((__float_as_uint(x) + 0x1000u) & 0xffffe000u);
}

inline void multiply_16x8x8(float (&sum)[4], const float (&a)[4], float b0, float b1) {
    emulator::Warp& warp = *emulator::current->warp;
    const int lane = emulator::current->lane;
    const float elements[6] = {a[0], a[1], a[2], a[3], b0, b1};
    for (int i = 0; i < 6; i++) {  // what is below 11 significant bits, tensor cores do not read
        warp.words[lane][i] = __float_as_uint(elements[i]) & 0xffffe000u;
    }
    emulator::meet_warp("multiply_16x8x8", [](emulator::Warp&) {});
    for (int i = 0; i < 4; i++) {
        double total = sum[i];
        for (int k = 0; k < 8; k++) {
            const auto& left = warp.words[lane / 4 * 4 + k % 4];
            const auto& right = warp.words[(lane % 4 * 2 + i % 2) * 4 + k % 4];
            total += static_cast<double>(__uint_as_float(left[i / 2 + k / 4 * 2])) *
                     __uint_as_float(right[4 + k / 4]);
        }
        sum[i] = static_cast<float>(total);
    }
    emulator::meet_warp("multiply_16x8x8", [](emulator::Warp&) {});
}

// ---- barriers that count arrivals and bytes ----

using Barrier = unsigned long long;

// What a Barrier holds here.
struct BarrierState {
    int bytes;                // expected and not yet there
    signed char pending;      // arrivals that are missing
    unsigned char arrivals;   // that a phase takes
    unsigned char phase;      // parity of the phase under way
    unsigned char initialised;

    static BarrierState& of(Barrier* barrier) { return *reinterpret_cast<BarrierState*>(barrier); }

    void complete_if_done() {
        if (initialised != 42) {
            emulator::fail("a barrier is used before it is initialised");
        }
        if (pending < 0) {
            emulator::fail("more arrive at a barrier than it takes");
        }
        if (pending == 0 && bytes == 0) {
            pending = static_cast<signed char>(arrivals);
            phase ^= 1;
        }
    }
};
static_assert(sizeof(BarrierState) == sizeof(Barrier));

inline void init_barrier(Barrier* barrier, int arrivals) {
    BarrierState::of(barrier) = {0, static_cast<signed char>(arrivals),
                                 static_cast<unsigned char>(arrivals), 0, 42};
}

inline void publish_barriers() {}

// The same place in the shared memory of the cluster's block of that rank.
template <typename T>
T* in_block(T* shared, int rank) {
    const auto* own = emulator::current->block->shared;
    return reinterpret_cast<T*>(emulator::cluster[rank].shared +
                                (reinterpret_cast<unsigned char*>(shared) - own));
}

inline void arrive(Barrier* barrier, int rank) {
    BarrierState& state = BarrierState::of(in_block(barrier, rank));
    state.pending--;
    state.complete_if_done();
}

inline void arrive_expecting(Barrier* barrier, int bytes) {
    BarrierState& state = BarrierState::of(barrier);
    state.bytes += bytes;
    state.pending--;
    state.complete_if_done();
}

inline void wait_for(Barrier* barrier, int parity) {
    emulator::wait("a barrier", [&] { return BarrierState::of(barrier).phase != parity; });
}

// ---- bulk copies ----

inline void copy_bulk(void* shared, const void* global, int bytes, Barrier* barrier,
                      unsigned short ranks) {
    for (size_t rank = 0; rank < emulator::cluster.size(); rank++) {
        if (ranks >> rank & 1) {
            unsigned char* to = in_block(static_cast<unsigned char*>(shared), rank);
            BarrierState& state = BarrierState::of(in_block(barrier, rank));
            emulator::pending.push_back([=, &state] {
                std::memcpy(to, global, bytes);
                state.bytes -= bytes;
                state.complete_if_done();
            });
        }
    }
}

inline void copy_bulk(void* shared, const void* global, int bytes, Barrier* barrier) {
    copy_bulk(shared, global, bytes, barrier,
              static_cast<unsigned short>(1 << emulator::current->block->rank));
}

// As late as it may be: when it is waited for.
inline void send_bulk(void* global, const void* shared, int bytes) {
    emulator::current->open_sent.push_back([=] { std::memcpy(global, shared, bytes); });
}

inline void publish_to_copies() {}

inline void commit_sent() {
    emulator::Thread& thread = *emulator::current;
    thread.sent.push_back(std::move(thread.open_sent));
    thread.open_sent.clear();
}

template <int kPending>
void wait_until_sent() {
    emulator::Thread& thread = *emulator::current;
    while (thread.sent.size() > kPending) {
        for (const auto& copy : thread.sent.front()) {
            copy();
        }
        thread.sent.pop_front();
    }
}

// ---- clusters ----

inline int cluster_rank() { return emulator::current->block->rank; }

inline void synchronize_cluster() {
    const unsigned generation = emulator::cluster_generation;
    emulator::progress = true;
    if (++emulator::cluster_arrived == emulator::cluster_threads) {
        emulator::cluster_arrived = 0;
        emulator::cluster_generation++;
    }
    emulator::wait("synchronize_cluster",
                   [&] { return emulator::cluster_generation != generation; });
}

// ---- matrix products of a warpgroup: done as late as they may be ----

template <int kRegisters>
void give_registers_back() {}
template <int kRegisters>
void take_registers() {}
inline void begin_products() {}

inline void commit_products() {
    emulator::Thread& thread = *emulator::current;
    thread.committed_products.push_back(std::move(thread.open_products));
    thread.open_products.clear();
}

template <int kPending>
void wait_products() {
    emulator::Thread& thread = *emulator::current;
    emulator::progress = true;
    emulator::pause();
    while (thread.committed_products.size() > kPending) {
        for (const auto& product : thread.committed_products.front()) {
            product();
        }
        thread.committed_products.pop_front();
    }
}

// The elements of a row's 32 bytes at `at` in a tile: row r is r * 128 bytes further, and address
// bits 4 to 6 are XORed with bits 7 to 9, as the tensor cores do.
inline void read_tile_row(float (&values)[16], const unsigned char* at, int row) {
    for (int k = 0; k < 16; k++) {
        const auto address = reinterpret_cast<uintptr_t>(at) + row * 128 + k * 2;
        const auto swizzled = address ^ (address >> 7 & 7) << 4;
        unsigned short bits;
        std::memcpy(&bits, reinterpret_cast<const void*>(swizzled), 2);
        values[k] = element_of<__half>(bits, 0);
    }
}

template <int kColumns>
void multiply_64x16(float (&sums)[kColumns / 2], const void* a, const void* b, bool add) {
    float* const results = sums;
    const int lane = emulator::current->lane;
    const int warp = static_cast<int>(emulator::current->index.x / 32 % 4);
    emulator::current->open_products.push_back([=] {
        float left[2][16];
        for (int half = 0; half < 2; half++) {
            read_tile_row(left[half], static_cast<const unsigned char*>(a),
                             warp * 16 + half * 8 + lane / 4);
        }
        for (int n = 0; n < kColumns / 8; n++) {
            for (int e = 0; e < 2; e++) {
                float right[16];
                read_tile_row(right, static_cast<const unsigned char*>(b),
                                 n * 8 + lane % 4 * 2 + e);
                for (int half = 0; half < 2; half++) {
                    float& result = results[n * 4 + half * 2 + e];
                    double total = add ? result : 0;
                    for (int k = 0; k < 16; k++) {
                        total += static_cast<double>(left[half][k]) * right[k];
                    }
                    result = static_cast<float>(total);
                }
            }
        }
    });
}
