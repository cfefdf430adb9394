// Runs the kernels' own source on a CPU, thread for thread, where there is no GPU.
//
// A thread of the grid is a fiber; a cluster's blocks run together, clusters one after another.
// Fibers run in shuffled order until each meets something to wait for, so that a missing barrier
// shows as a wrong result, and a barrier that nobody reaches as a message that names the wait.
// Asynchronous copies land as late as they may: a missing wait shows as poison. What is emulated
// is what device/ptx.cuh names; timing is not.
#pragma once

#include <ucontext.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <vector_types.h>

namespace emulator {

struct Warp {
    int arrived = 0;
    unsigned generation = 0;
    uint64_t in[32];
    uint64_t out[32];
    const void* rows[32];
    unsigned words[32][6];
};

struct Block {
    uint3 index;
    int rank = 0;  // in its cluster
    int alive = 0;
    int arrived = 0;
    unsigned generation = 0;
    int group_arrived[16] = {};
    unsigned group_generation[16] = {};
    std::vector<Warp> warps;
    unsigned char* shared = nullptr;
};

struct Copy {
    void* to;
    const void* from;
    size_t bytes;
};

struct Thread {
    uint3 index;
    Block* block = nullptr;
    Warp* warp = nullptr;
    int lane = 0;
    bool done = false;
    const char* waits_for = "";
    std::vector<Copy> open_copies;
    std::deque<std::vector<Copy>> committed_copies;
    std::vector<std::function<void()>> open_sent;  // bulk copies to device memory
    std::deque<std::vector<std::function<void()>>> sent;
    std::vector<std::function<void()>> open_products;
    std::deque<std::vector<std::function<void()>>> committed_products;
    ucontext_t context;
    std::unique_ptr<unsigned char[]> stack;
};

constexpr size_t kStackBytes = 128 << 10;
constexpr size_t kSharedBytes = 227 << 10;  // what a block of sm_90 can have

inline Thread* current = nullptr;
inline ucontext_t scheduler;
inline std::function<void()> body;
inline dim3 grid_size;
inline dim3 block_size;
inline std::vector<Block> cluster;
inline std::mt19937 random(1);
inline bool progress = false;  // did any fiber get further in this round
inline std::vector<std::function<void()>> pending;  // bulk copies under way
inline unsigned cluster_arrived = 0;
inline unsigned cluster_generation = 0;
inline unsigned cluster_threads = 0;

// What a prefetch may touch, a load may: out of bounds shows under a sanitizer.
inline void read_byte(const void* address) {
    static_cast<void>(*static_cast<const volatile unsigned char*>(address));
}

inline void pause() { swapcontext(&current->context, &scheduler); }

// Lets other fibers run until the condition holds.
template <typename Condition>
void wait(const char* what, Condition holds) {
    while (!holds()) {
        current->waits_for = what;
        pause();
    }
    progress = true;
}

[[noreturn]] inline void fail(const std::string& why) {
    std::fprintf(stderr, "emulator: %s\n", why.c_str());
    std::exit(1);
}

inline void run_fiber() {
    body();
    if (!current->sent.empty()) {
        fail("a thread ends before what it sent has left shared memory");
    }
    current->done = true;
    current->block->alive--;
    progress = true;
    swapcontext(&current->context, &scheduler);
}

// Runs a kernel: launch(grid, block, blocks a cluster, shared bytes, [&] { kernel(...); }).
inline void launch(dim3 grid, dim3 block, int blocks_a_cluster, size_t shared_bytes,
                   std::function<void()> kernel) {
    if (shared_bytes > kSharedBytes) {
        fail("Cannot launch: " + std::to_string(shared_bytes) + " bytes of shared memory");
    }
    static std::vector<Thread> threads;
    grid_size = grid;
    block_size = block;
    body = std::move(kernel);
    const unsigned threads_a_block = block.x * block.y;
    const unsigned blocks = grid.x * grid.y;
    for (unsigned first = 0; first < blocks; first += blocks_a_cluster) {
        cluster.assign(blocks_a_cluster, {});
        cluster_arrived = 0;
        cluster_threads = threads_a_block * blocks_a_cluster;
        std::vector<std::unique_ptr<unsigned char[]>> memory;
        if (threads.size() < threads_a_block * blocks_a_cluster) {
            threads.resize(threads_a_block * blocks_a_cluster);
        }
        std::vector<Thread*> order;
        for (int b = 0; b < blocks_a_cluster; b++) {
            Block& one = cluster[b];
            one.index = {(first + b) % grid.x, (first + b) / grid.x, 0};
            one.rank = b;
            one.alive = static_cast<int>(threads_a_block);
            one.warps.resize((threads_a_block + 31) / 32);
            memory.push_back(std::make_unique<unsigned char[]>(shared_bytes + 2048));
            const auto address = reinterpret_cast<uintptr_t>(memory.back().get());
            one.shared = reinterpret_cast<unsigned char*>((address + 1023) & ~uintptr_t{1023});
            std::memset(one.shared, 0xff, shared_bytes);
            for (unsigned t = 0; t < threads_a_block; t++) {
                Thread& thread = threads[b * threads_a_block + t];
                thread.index = {t % block.x, t / block.x, 0};
                thread.block = &one;
                thread.warp = &one.warps[t / 32];
                thread.lane = static_cast<int>(t % 32);
                thread.done = false;
                thread.open_copies.clear();
                thread.committed_copies.clear();
                thread.open_sent.clear();
                thread.sent.clear();
                thread.open_products.clear();
                thread.committed_products.clear();
                if (!thread.stack) {
                    thread.stack = std::make_unique<unsigned char[]>(kStackBytes);
                }
                getcontext(&thread.context);
                thread.context.uc_stack.ss_sp = thread.stack.get();
                thread.context.uc_stack.ss_size = kStackBytes;
                thread.context.uc_link = &scheduler;
                makecontext(&thread.context, run_fiber, 0);
                order.push_back(&thread);
            }
        }
        while (!order.empty()) {
            progress = false;
            std::shuffle(order.begin(), order.end(), random);
            for (Thread* thread : order) {
                current = thread;
                swapcontext(&scheduler, &thread->context);
            }
            std::erase_if(order, [](const Thread* thread) { return thread->done; });
            // Bulk copies land in any order, some rounds later.
            std::shuffle(pending.begin(), pending.end(), random);
            const size_t landing = pending.empty() ? 0 : random() % (pending.size() + 1);
            progress |= landing > 0;
            for (size_t i = 0; i < landing; i++) {
                pending.back()();
                pending.pop_back();
            }
            if (!progress && pending.empty() && !order.empty()) {
                const Thread* thread = order.front();
                fail("deadlock: block " + std::to_string(thread->block->index.x) + " thread " +
                     std::to_string(thread->index.x) + " waits for " + thread->waits_for);
            }
        }
        if (!pending.empty()) {
            fail("a bulk copy was under way when its block ended");
        }
    }
}

// All 32 lanes of the warp meet; the last one to come runs the action.
template <typename Action>
void meet_warp(const char* what, Action action) {
    Warp& warp = *current->warp;
    const unsigned generation = warp.generation;
    progress = true;
    if (++warp.arrived == 32) {
        action(warp);
        warp.arrived = 0;
        warp.generation++;
    } else {
        wait(what, [&] { return warp.generation != generation; });
    }
}

template <typename T>
T exchange(const char* what, T value, int source) {
    static_assert(sizeof(T) <= 8);
    Warp& warp = *current->warp;
    std::memcpy(&warp.in[current->lane], &value, sizeof(T));
    meet_warp(what, [](Warp& all) { std::memcpy(all.out, all.in, sizeof(all.in)); });
    T result;
    std::memcpy(&result, &warp.out[source & 31], sizeof(T));
    meet_warp(what, [](Warp&) {});
    return result;
}

}  // namespace emulator

// ---- CUDA's words ----

#undef __global__
#undef __device__
#undef __shared__
#undef __forceinline__
#undef __launch_bounds__
#undef __cluster_dims__
#define __global__
#define __device__
#define __forceinline__ inline
#define __shared__ static  // only in kernels whose blocks run one after another here
#define __launch_bounds__(...)
#define __cluster_dims__(...)

#define threadIdx (emulator::current->index)
#define blockIdx (emulator::current->block->index)
#define blockDim (emulator::block_size)
#define gridDim (emulator::grid_size)

inline void __syncthreads() {
    emulator::Block& block = *emulator::current->block;
    const unsigned generation = block.generation;
    emulator::progress = true;
    block.arrived++;
    emulator::wait("__syncthreads", [&] {
        if (block.generation == generation && block.arrived == block.alive) {
            block.arrived = 0;
            block.generation++;
        }
        return block.generation != generation;
    });
}

inline void __syncwarp() {
    emulator::meet_warp("__syncwarp", [](emulator::Warp&) {});
}

template <typename T>
T __shfl_sync(unsigned, T value, int lane) {
    return emulator::exchange("__shfl_sync", value, lane);
}

template <typename T>
T __shfl_up_sync(unsigned, T value, int distance) {
    const int lane = emulator::current->lane;
    return emulator::exchange("__shfl_up_sync", value, lane < distance ? lane : lane - distance);
}

// The lanes that have the same value.
inline unsigned __match_any_sync(unsigned, int value) {
    emulator::Warp& warp = *emulator::current->warp;
    warp.in[emulator::current->lane] = static_cast<uint64_t>(static_cast<unsigned>(value));
    emulator::meet_warp("__match_any_sync", [](emulator::Warp&) {});
    unsigned same = 0;
    for (int lane = 0; lane < 32; lane++) {
        same |= warp.in[lane] == static_cast<unsigned>(value) ? 1u << lane : 0;
    }
    emulator::meet_warp("__match_any_sync", [](emulator::Warp&) {});
    return same;
}

inline int __popc(unsigned bits) { return __builtin_popcount(bits); }

template <typename T>
T __shfl_xor_sync(unsigned, T value, int mask) {
    return emulator::exchange("__shfl_xor_sync", value, emulator::current->lane ^ mask);
}

template <typename T>
T __ldg(const T* pointer) {
    return *pointer;
}

template <typename T>
T __ldcg(const T* pointer) {
    return *pointer;
}

inline unsigned long long atomicMin(unsigned long long* address, unsigned long long value) {
    const unsigned long long old = *address;
    *address = old < value ? old : value;
    return old;
}

inline unsigned atomicOr(unsigned* address, unsigned value) {
    const unsigned old = *address;
    *address |= value;
    return old;
}

inline float __uint_as_float(unsigned bits) {
    float value;
    std::memcpy(&value, &bits, 4);
    return value;
}

inline unsigned __float_as_uint(float value) {
    unsigned bits;
    std::memcpy(&bits, &value, 4);
    return bits;
}

inline int min(int a, int b) { return a < b ? a : b; }
inline int max(int a, int b) { return a > b ? a : b; }
