// What the checks of the kernels share: numbers, poisoned memory, operands, expectations.
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "device/ptx.cuh"

#define NIGHTJAR_EMULATED
#include "nightjar.cu"

#include "embedding_bag_variants.cu"

namespace checks {

inline std::mt19937 random_numbers(7);
inline int failures = 0;

float uniform(float low, float high) {
    return std::uniform_real_distribution<float>(low, high)(random_numbers);
}

int below(int limit) { return static_cast<int>(random_numbers() % static_cast<unsigned>(limit)); }

// Memory as a batch finds it: every byte 0xFF, NaN in every float format.
template <typename T>
std::vector<T> poisoned(size_t count) {
    std::vector<T> memory(count);
    std::memset(static_cast<void*>(memory.data()), 0xff, count * sizeof(T));
    return memory;
}

void expect(bool holds, const std::string& what) {
    if (!holds) {
        failures++;
        std::printf("FAILED  %s\n", what.c_str());
    }
}

void expect_near(double actual, double expected, double tolerance, const std::string& what) {
    if (!(std::abs(actual - expected) <= tolerance)) {
        expect(false, what + ": " + std::to_string(actual) + ", expected " +
                          std::to_string(expected) + " to " + std::to_string(tolerance));
    }
}

std::string at(const std::string& what, int row, int column) {
    return what + " (" + std::to_string(row) + ", " + std::to_string(column) + ")";
}

template <typename T>
T as(float value) {
    return static_cast<T>(value);
}
template <>
__half as<__half>(float value) {
    return __float2half(value);
}
template <>
__nv_bfloat16 as<__nv_bfloat16>(float value) {
    return __float2bfloat16(value);
}
float value_of(float value) { return value; }
float value_of(__half value) { return __half2float(value); }
float value_of(__nv_bfloat16 value) { return __bfloat162float(value); }

// A matrix in the layout of operand.cuh, read by a formula of the test's own.
template <typename Operand>
struct Matrix {
    int rows;
    int columns;
    double unscale = 1;
    std::vector<unsigned char> bytes;

    Matrix(int rows, int columns)
        : rows(rows), columns(columns), bytes(poisoned<unsigned char>(size())) {}

    int k_blocks() const { return (columns + 63) / 64; }
    size_t size() const {
        return static_cast<size_t>((rows + 127) / 128) * k_blocks() * 16384 * Operand::kTiles;
    }
    void* data() { return bytes.data(); }

    double part(int row, int column, int tile) const {
        const size_t block = static_cast<size_t>(row / 128) * k_blocks() + column / 64;
        const int swizzled = column % 64 / 8 ^ row % 8;
        __half element;
        std::memcpy(&element,
                    &bytes[(block * Operand::kTiles + tile) * 16384 + row % 128 * 128 +
                           swizzled * 16 + column % 8 * 2],
                    2);
        return value_of(element);
    }
    double operator()(int row, int column) const {
        double value = part(row, column, 0);
        if (Operand::kTiles == 2) {
            value += part(row, column, 1);
        }
        return value * unscale;
    }
    void expect_zero_padding(const std::string& what) const {
        for (int row = 0; row < rows; row++) {
            for (int column = columns; column < k_blocks() * 64; column++) {
                expect((*this)(row, column) == 0, at(what + ": padding", row, column));
            }
        }
    }
};

template <typename Operand>
double tolerance_of(double value) {
    return std::abs(value) * (Operand::kTiles == 2 ? 0x1p-21 : 0x1p-11) + 1e-7;
}

template <typename Operand>
Matrix<Operand> random_matrix(int rows, int columns, double scale, std::vector<float>& values,
                              float range) {
    values.resize(static_cast<size_t>(rows) * columns);
    Matrix<Operand> matrix(rows, columns);
    matrix.unscale = 1 / scale;
    for (int row = 0; row < rows; row++) {
        for (int chunk = 0; chunk < matrix.k_blocks() * 8; chunk++) {
            float chunk_values[8] = {};
            for (int i = 0; i < 8 && chunk * 8 + i < columns; i++) {
                chunk_values[i] = uniform(-range, range);
                values[static_cast<size_t>(row) * columns + chunk * 8 + i] = chunk_values[i];
            }
            unsigned overflow = 0;
            store_chunk<Operand>(matrix.data(), matrix.k_blocks(), row, chunk, chunk_values,
                           static_cast<float>(scale), &overflow);
        }
    }
    return matrix;
}

}  // namespace checks
