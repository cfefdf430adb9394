// The emulator's side of src/main/cuda/device/ptx.cuh: the same names, in plain C++.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "../emulator.hpp"

inline unsigned char* shared_memory() { return emulator::current->block->shared; }

// ---- asynchronous 16-byte copies ----

inline void copy_16_async(void* shared, const void* global) {
    emulator::current->open_copies.push_back({shared, global});
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
            std::memcpy(copy.to, copy.from, 16);
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
