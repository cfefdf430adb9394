// pack_dense, pack_weight, linear and score.
#pragma once

#include "checks.hpp"

namespace checks {

template <typename Operand>
void check_pack(const char* name,
                void (*pack_dense)(const float*, int, int, const DenseFeature*, void*, const int*, float,
                                   unsigned*),
                void (*pack_weight)(const float*, int, int, void*, int, float, unsigned*)) {
    for (const int features : {1, 13, 21, 22, 64, 65}) {
        const int rows = 131;
        // 1, 13, 21 features fit three times into the tiles that they need anyway.
        const int parts = Operand::kTiles == 1 && features <= 21 ? 3 : 1;
        const int capacity = 150;
        std::vector<float> dense(features * capacity);
        for (float& value : dense) {
            value = uniform(-100, 100);
        }
        Matrix<Operand> matrix(rows, parts * features);
        matrix.unscale = 1.0 / 16;
        unsigned overflow = 0;
        // The last feature's values are those of instances, and of another one's logarithms are taken.
        const int logarithms = features == 1 ? -1 : 0;
        std::vector<int> map(rows);
        for (int& instance : map) {
            instance = below(capacity);
        }
        std::vector<DenseFeature> described(features);
        described.back().instances = map.data();
        if (logarithms >= 0) {
            described[logarithms].transform = DenseFeature::kLog1p;
        }
        for (int row = 0; row < capacity; row++) {
            dense[row] = row % 2 == 0 ? row : uniform(-1, 3);
        }
        emulator::launch({2, static_cast<unsigned>(matrix.k_blocks() * 8)}, 32, 1, 0, [&] {
            pack_dense(dense.data(), features, capacity, described.data(), matrix.data(), &rows, 16,
                       &overflow);
        });
        const std::string what = std::string("pack_dense ") + name;
        for (int row = 0; row < rows; row++) {
            for (int f = 0; f < features; f++) {
                const double value = dense[f * capacity + (f + 1 < features ? row : map[row])];
                const double expected = f == logarithms ? static_cast<float>(std::log1p(value)) : value;
                expect_near(matrix(row, f), expected, tolerance_of<Operand>(expected),
                            at(what, row, f));
                if (parts == 3) {
                    expect(matrix(row, features + f) == matrix(row, f), at(what, row, features + f));
                    expect_near(matrix(row, f) + matrix(row, 2 * features + f), expected,
                                std::abs(expected) * 0x1p-20, at(what, row, 2 * features + f));
                }
            }
        }
        matrix.expect_zero_padding(what);
        expect(overflow == 0, what + ": overflow");
        dense[(features - 1) * capacity + map[7]] = -5000;
        emulator::launch({2, static_cast<unsigned>(matrix.k_blocks() * 8)}, 32, 1, 0, [&] {
            pack_dense(dense.data(), features, capacity, described.data(), matrix.data(), &rows, 16,
                   &overflow);
        });
        expect(overflow == 1, what + ": 5000 * 16 overflows");
        expect(std::isnan(matrix(7, features - 1)), what + ": what overflows is NaN");
    }
    for (const auto& [inputs, dense] : {std::pair{70, 0}, std::pair{70, 1}, std::pair{13, 1}}) {
        const int outputs = 200;
        const int parts = Operand::kTiles == 1 && dense == 1 && inputs == 13 ? 3 : 1;
        std::vector<float> weight(outputs * inputs);
        for (float& value : weight) {
            value = uniform(-1, 1);
        }
        Matrix<Operand> matrix(256, parts * inputs);
        matrix.unscale = 1.0 / 1024;
        unsigned overflow = 0;
        emulator::launch({2, static_cast<unsigned>(matrix.k_blocks() * 8)}, 32, 1, 0, [&] {
            pack_weight(weight.data(), outputs, inputs, matrix.data(), dense, 1024, &overflow);
        });
        const std::string what = std::string("pack_weight ") + name;
        for (int output = 0; output < 256; output++) {
            // The slot whose thread and position give this output: see output_column.
            const int slot =
                output / 32 * 32 + output % 8 / 2 * 8 + output / 8 % 4 * 2 + output % 2;
            for (int input = 0; input < inputs; input++) {
                const double expected = output < outputs ? weight[output * inputs + input] : 0;
                expect_near(matrix(slot, input), expected, tolerance_of<Operand>(expected),
                            at(what, output, input));
                if (parts == 3) {
                    expect(matrix(slot, 2 * inputs + input) == matrix(slot, input),
                           at(what, output, 2 * inputs + input));
                    expect_near(matrix(slot, input) + matrix(slot, inputs + input), expected,
                                std::abs(expected) * 0x1p-20, at(what, output, inputs + input));
                }
            }
        }
        matrix.expect_zero_padding(what);
    }
}

template <typename Operand>
void check_score(const char* name,
                 void (*kernel)(const void*, const float*, const float*, float*, float*, int,
                                const int*, float)) {
    for (const int inputs : {1, 63, 256, 300}) {
        const int rows = 131;
        const double scale = 16;
        std::vector<float> unused;
        auto input = random_matrix<Operand>(rows, inputs, scale, unused, 1);
        float nan[8] = {std::nanf("")};
        unsigned overflow = 0;
        store_chunk<Operand>(input.data(), input.k_blocks(), 77, 0, nan, 1, &overflow);
        expect(overflow == 0, "NaN is no overflow");
        std::vector<float> weight(static_cast<size_t>(input.k_blocks()) * 64);
        for (int i = 0; i < inputs; i++) {
            weight[i] = uniform(-1, 1);
        }
        const float bias = 0.25f;
        auto logits = poisoned<float>(rows + 1);
        auto scores = poisoned<float>(rows + 1);
        emulator::launch({2, 1}, 64, 1, 0, [&] {
            kernel(input.data(), weight.data(), &bias, logits.data(), scores.data(), inputs, &rows,
                   static_cast<float>(1 / scale));
        });
        for (int row = 0; row < rows; row++) {
            double logit = bias;
            for (int i = 0; i < inputs; i++) {
                logit += input(row, i) * weight[i];
            }
            if (row == 77) {
                expect(std::isnan(logits[row]) && std::isnan(scores[row]), "score keeps NaN");
            } else {
                expect_near(logits[row], logit, 1e-5, at(std::string("logit ") + name, row, 0));
                expect_near(scores[row], 1 / (1 + std::exp(-logit)), 1e-6,
                            at(std::string("score ") + name, row, 0));
            }
        }
        expect(std::isnan(logits[rows]) && std::isnan(scores[rows]), "nothing past the last row");
    }
}

enum class Epilogue { kRelu, kPlain, kVectors, kCross, kScore };

template <typename Operand, typename Element, typename Kernel>
void check_linear(const std::string& name, Epilogue epilogue, dim3 grid, int threads, int cluster,
                  size_t shared, Kernel kernel, int rows, int inputs, int outputs) {
    const float scale = 16;
    const float weight_scale = 256;
    std::vector<float> unused;
    const auto input = random_matrix<Operand>(rows, inputs, scale, unused, 1);
    std::vector<float> weight(static_cast<size_t>(outputs) * inputs);
    for (float& value : weight) {
        value = uniform(-1, 1);
    }
    Matrix<Operand> packed((outputs + 255) / 256 * 256, inputs);
    packed.unscale = 1 / weight_scale;
    unsigned overflow = 0;
    emulator::launch({1, static_cast<unsigned>(packed.k_blocks() * 8)}, 256, 1, 0, [&] {
        pack_weight<Operand>(weight.data(), outputs, inputs, packed.data(), false, weight_scale,
                             &overflow);
    });
    std::vector<float> bias((outputs + 63) / 64 * 64);
    for (int i = 0; i < outputs; i++) {
        bias[i] = uniform(-1, 1);
    }
    std::vector<float> values_0;
    std::vector<float> values_l;
    const auto x0 = random_matrix<Operand>(rows, outputs, scale, values_0, 1);
    const auto xl = random_matrix<Operand>(rows, outputs, scale, values_l, 1);
    Matrix<Operand> output(rows, outputs);
    output.unscale = 1 / scale;
    const int stride = (outputs + 7) / 8 * 8;
    auto vectors = poisoned<Element>(static_cast<size_t>(rows) * stride);
    std::vector<float> last((outputs + 63) / 64 * 64);
    for (int i = 0; i < outputs; i++) {
        last[i] = uniform(-1, 1);
    }
    const float last_bias = 0.25f;
    auto logits = poisoned<float>(rows + 1);
    auto scores = poisoned<float>(rows + 1);
    const LinearArguments arguments{
        input.bytes.data(),
        packed.data(),
        epilogue == Epilogue::kPlain ? nullptr : bias.data(),
        epilogue == Epilogue::kVectors ? static_cast<void*>(vectors.data()) : output.data(),
        inputs,
        outputs,
        &rows,
        1 / (scale * weight_scale),
        scale,
        &overflow,
        x0.bytes.data(),
        xl.bytes.data(),
        {last.data(), &last_bias, logits.data(), scores.data()}};
    emulator::launch(grid, threads, cluster, shared, [&] { kernel(arguments); });

    const std::string what = "linear " + name + " " + std::to_string(rows) + " x " +
                             std::to_string(inputs) + " -> " + std::to_string(outputs);
    expect(overflow == 0, what + ": overflow");
    // The operands' own rounding is in the reference; what is left is that of the result.
    for (int row = 0; row < rows; row++) {
        double logit = last_bias;
        for (int column = 0; column < outputs; column++) {
            const int slot =
                column / 32 * 32 + column % 8 / 2 * 8 + column / 8 % 4 * 2 + column % 2;
            double expected = epilogue == Epilogue::kPlain ? 0 : bias[column];
            for (int k = 0; k < inputs; k++) {
                expected += input(row, k) * packed(slot, k);
            }
            if (epilogue == Epilogue::kScore) {
                logit += std::max(expected, 0.0) * last[column];
                continue;
            }
            if (epilogue == Epilogue::kRelu || epilogue == Epilogue::kVectors) {
                expected = std::max(expected, 0.0);
            } else if (epilogue == Epilogue::kCross) {
                expected = x0(row, column) * expected + xl(row, column);
            }
            const double actual =
                epilogue == Epilogue::kVectors
                    ? value_of(vectors[static_cast<size_t>(row) * stride + column])
                    : output(row, column);
            const double rounding = epilogue == Epilogue::kVectors && sizeof(Element) == 2
                                        ? std::abs(expected) * 0x1p-8
                                        : tolerance_of<Operand>(expected);
            expect_near(actual, expected, rounding + inputs * 1e-7,
                        at(what, row, column));
        }
        for (int column = outputs; epilogue == Epilogue::kVectors && column < stride; column++) {
            expect(value_of(vectors[static_cast<size_t>(row) * stride + column]) == 0,
                   at(what + ": padding", row, column));
        }
        if (epilogue == Epilogue::kScore) {
            expect_near(logits[row], logit, outputs * inputs * 1e-7 + 1e-5, at(what, row, 0));
            expect_near(scores[row], 1 / (1 + std::exp(-logits[row])), 1e-6, at(what, row, 0));
        }
    }
    if (epilogue == Epilogue::kScore) {
        expect(std::isnan(logits[rows]) && std::isnan(scores[rows]), "nothing past the last row");
    } else if (epilogue != Epilogue::kVectors) {
        output.expect_zero_padding(what);
    }
}

template <typename Operand, typename Element, typename Store>
void check_linear_on_both(const std::string& name, Epilogue epilogue, int rows, int inputs,
                          int outputs) {
    check_linear<Operand, Element>("sm_80 " + name, epilogue, {3, 1}, kLinearThreadsSm80, 1,
                                   linear_shared_sm80<Operand>(), linear_sm80<Operand, Store>,
                                   rows, inputs, outputs);
    check_linear<Operand, Element>("sm_90a " + name, epilogue, {4, 1}, kLinearThreadsSm90,
                                   kLinearCluster, kLinearSharedSm90, linear_sm90<Operand, Store>,
                                   rows, inputs, outputs);
}

void check_linears() {
    using Bf = __nv_bfloat16;
    // Tiles of every raggedness; more steps than stages; a block of a cluster left over.
    // The last has several tiles a block, so that output leaves while the next tile's products run.
    const int shapes[][3] = {
        {1, 13, 5}, {130, 70, 130}, {300, 330, 300}, {257, 64, 128}, {700, 300, 270}, {600, 70, 512}};
    for (const auto& [rows, inputs, outputs] : shapes) {
        check_linear_on_both<F16, Bf, ToOperand<F16, true>>("bf16 relu", Epilogue::kRelu, rows,
                                                              inputs, outputs);
        check_linear_on_both<SplitF16, float, ToOperand<SplitF16, true>>(
            "f32 relu", Epilogue::kRelu, rows, inputs, outputs);
    }
    check_linear_on_both<F16, Bf, ToOperand<F16, false>>("bf16 plain", Epilogue::kPlain, 70, 40,
                                                           33);
    check_linear_on_both<SplitF16, float, ToOperand<SplitF16, false>>("f32 plain", Epilogue::kPlain,
                                                                      70, 40, 33);
    check_linear_on_both<F16, Bf, ReluToVectors<Bf>>("bf16 vectors", Epilogue::kVectors, 70, 40,
                                                      33);
    check_linear_on_both<SplitF16, float, ReluToVectors<float>>("f32 vectors", Epilogue::kVectors,
                                                                70, 40, 33);
    check_linear_on_both<F16, Bf, Cross<F16>>("bf16 cross", Epilogue::kCross, 70, 40, 270);
    check_linear_on_both<SplitF16, float, Cross<SplitF16>>("f32 cross", Epilogue::kCross, 70, 40,
                                                           270);
    for (const int outputs : {5, 128, 140, 256}) {
        check_linear_on_both<F16, Bf, ReluToScore>("bf16 score", Epilogue::kScore, 300, 70,
                                                    outputs);
    }
    check_linear_on_both<F16, Bf, ReluToScore>("bf16 score", Epilogue::kScore, 1, 400, 256);
}

}  // namespace checks
