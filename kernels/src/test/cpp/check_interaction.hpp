// dot_interaction, dot_interaction_wide and concatenate.
#pragma once

#include "checks.hpp"

namespace checks {

template <typename Element, typename Operand>
void check_dot_interaction(const char* name, bool upper,
                           void (*kernel)(const VectorSource*, int, int, int, void*, const int*,
                                          float, unsigned*),
                           int vectors, int dim, int rows) {
    const int align = 16 / sizeof(Element);
    const int stride = divide_up(dim, align) * align;
    const int prefix = vectors % 2 ? dim : 0;
    std::vector<std::vector<Element>> tables;
    std::vector<std::vector<int>> ids(vectors);
    std::vector<int> instances(rows);
    for (int& instance : instances) {
        instance = below(std::min(rows, 3));
    }
    std::vector<VectorSource> sources;
    for (int v = 0; v < vectors; v++) {
        const int count = v % 3 == 1 ? 50 : rows;  // a table, or pooled vectors
        tables.emplace_back(static_cast<size_t>(count) * stride);
        for (size_t i = 0; i < tables[v].size(); i++) {
            tables[v][i] = as<Element>(static_cast<int>(i % stride) < dim ? uniform(-1, 1) : 0.0f);
        }
        ids[v].resize(rows);
        for (int& id : ids[v]) {
            id = below(count);
        }
        sources.push_back({tables[v].data(), v % 3 == 1 ? ids[v].data() : nullptr,
                           v % 4 == 1 ? instances.data() : nullptr, stride, dim, 0, 0});
    }
    Matrix<Operand> matrix(rows, prefix + vectors * (vectors - 1) / 2);
    matrix.unscale = 1.0 / 16;
    unsigned overflow = 0;
    const bool wide = vectors > kMostVectors;
    const int shared = wide ? dot_interaction_wide_shared(vectors, dim, sizeof(Element))
                            : 2 * dot_interaction_shared<Element>(dim, matrix.columns);
    emulator::launch({2, 1}, wide ? kWideThreads : 2 * 32 * PairProducts<Element>::kWarps, 1, shared,
                     [&] {
        kernel(sources.data(), vectors, dim, prefix, matrix.data(), &rows, 16, &overflow);
    });
    const std::string what = std::string(name) + (upper ? " upper " : " lower ") +
                             std::to_string(vectors) + " x " + std::to_string(dim);
    for (int row = 0; row < rows; row++) {
        std::vector<const Element*> found;
        for (int v = 0; v < vectors; v++) {
            const int instance = v % 4 == 1 ? instances[row] : row;
            const int index = v % 3 == 1 ? ids[v][instance] : instance;
            found.push_back(&tables[v][static_cast<size_t>(index) * stride]);
        }
        std::vector<double> expected;
        for (int d = 0; d < prefix; d++) {
            expected.push_back(value_of(found[0][d]));
        }
        const auto product = [&](int i, int j) {
            double sum = 0;
            for (int d = 0; d < dim; d++) {
                sum += static_cast<double>(value_of(found[i][d])) * value_of(found[j][d]);
            }
            expected.push_back(sum);
        };
        for (int i = 0; i < vectors; i++) {
            for (int j = upper ? i + 1 : 0; j < (upper ? vectors : i); j++) {
                product(i, j);
            }
        }
        for (int column = 0; column < matrix.columns; column++) {
            expect_near(matrix(row, column), expected[column],
                        tolerance_of<Operand>(expected[column]) + dim * 1e-7, at(what, row, column));
        }
    }
    matrix.expect_zero_padding(what);
    expect(overflow == 0, what + ": overflow");
}

void check_dot_interactions() {
    const int shapes[][3] = {{2, 16, 3}, {3, 4, 130}, {9, 20, 5}, {27, 128, 11}, {32, 64, 7},
                             {17, 100, 6}, {26, 256, 3}};
    for (const auto& [vectors, dim, rows] : shapes) {
        check_dot_interaction<__nv_bfloat16, F16>("bf16", false, dot_interaction_lower_bf16,
                                                   vectors, dim, rows);
        check_dot_interaction<__nv_bfloat16, F16>("bf16", true, dot_interaction_upper_bf16,
                                                   vectors, dim, rows);
        check_dot_interaction<float, SplitF16>("f32", false, dot_interaction_lower_f32, vectors,
                                               dim, rows);
        check_dot_interaction<float, SplitF16>("f32", true, dot_interaction_upper_f32, vectors, dim,
                                               rows);
    }
}

void check_wide_dot_interactions() {
    const int shapes[][3] = {{33, 16, 3}, {40, 12, 2}, {251, 8, 3}, {160, 40, 2}};
    for (const auto& [vectors, dim, rows] : shapes) {
        check_dot_interaction<__nv_bfloat16, F16>("wide bf16", false,
                                                   dot_interaction_wide_lower_bf16, vectors, dim,
                                                   rows);
        check_dot_interaction<__nv_bfloat16, F16>("wide bf16", true,
                                                   dot_interaction_wide_upper_bf16, vectors, dim,
                                                   rows);
        check_dot_interaction<float, SplitF16>("wide f32", false, dot_interaction_wide_lower_f32,
                                               vectors, dim, rows);
        check_dot_interaction<float, SplitF16>("wide f32", true, dot_interaction_wide_upper_f32,
                                               vectors, dim, rows);
    }
}

template <typename Element, typename Operand>
void check_concatenate(const char* name,
                       void (*kernel)(const VectorSource*, int, int, void*, const int*, float,
                                      unsigned*),
                       const std::vector<int>& dims) {
    const int rows = 37;
    int columns = 0;
    std::vector<std::vector<Element>> vectors;
    std::vector<int> ids(rows);
    for (int& id : ids) {
        id = below(rows);
    }
    std::vector<VectorSource> sources;
    for (const int dim : dims) {
        const int stride = (dim + 7) / 8 * 8;
        vectors.emplace_back(static_cast<size_t>(rows) * stride);
        for (Element& element : vectors.back()) {
            element = as<Element>(uniform(-1, 1));
        }
        sources.push_back({vectors.back().data(), sources.size() % 2 ? ids.data() : nullptr,
                           nullptr, stride, dim, columns, 0});
        columns += dim;
    }
    Matrix<Operand> matrix(rows, columns);
    matrix.unscale = 1.0 / 16;
    unsigned overflow = 0;
    emulator::launch({3, static_cast<unsigned>((matrix.k_blocks() * 8 + 31) / 32)}, 32, 1, 0, [&] {
        kernel(sources.data(), static_cast<int>(dims.size()), columns, matrix.data(), &rows, 16,
               &overflow);
    });
    for (int row = 0; row < rows; row++) {
        for (size_t v = 0; v < dims.size(); v++) {
            const int from = v % 2 ? ids[row] : row;
            for (int d = 0; d < dims[v]; d++) {
                const double expected =
                    value_of(vectors[v][static_cast<size_t>(from) * sources[v].stride + d]);
                expect_near(matrix(row, sources[v].column + d), expected,
                            tolerance_of<Operand>(expected),
                            at(std::string("concatenate ") + name, row, sources[v].column + d));
            }
        }
    }
    matrix.expect_zero_padding(std::string("concatenate ") + name);
}

void check_concatenates() {
    for (const auto& dims : {std::vector<int>{128, 128, 128}, std::vector<int>{3, 1, 20, 8, 65},
                             std::vector<int>{16}, std::vector<int>(70, 4)}) {
        check_concatenate<__nv_bfloat16, F16>("bf16", concatenate_bf16, dims);
        check_concatenate<float, SplitF16>("f32", concatenate_f32, dims);
    }
}

}  // namespace checks
