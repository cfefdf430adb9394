// A whole model, from ids to scores: against double, and bit for bit whatever the batch.
#pragma once

#include "check_embedding.hpp"

namespace checks {

// Two features with one id a bag, gathered by the interaction, and two with several, pooled first.
struct Model {
    static constexpr int kDense = 5;
    static constexpr int kFeatures = 4;
    static constexpr int kEmbeddings = 60;
    static constexpr int kDim = 16;
    static constexpr int kPairs = kDim + 10;
    // (inputs, outputs) of the layers before the last.
    static constexpr int kBottom[2][2] = {{kDense, 70}, {70, kDim}};
    static constexpr int kTop[2][2] = {{kPairs, 140}, {140, 40}};

    std::vector<float> tables[kFeatures];
    std::vector<float> weights[4];
    std::vector<float> biases[4];
    std::vector<float> last = std::vector<float>(64);
    float last_bias = 0.1f;

    Model() {
        for (auto& table : tables) {
            table.resize(kEmbeddings * kDim);
            for (float& value : table) {
                value = value_of(as<__nv_bfloat16>(uniform(-1, 1)));
            }
        }
        for (int layer = 0; layer < 4; layer++) {
            const auto& [inputs, outputs] = layer < 2 ? kBottom[layer] : kTop[layer - 2];
            const float range = 1.7f / std::sqrt(static_cast<float>(inputs));
            weights[layer].resize(inputs * outputs);
            biases[layer].resize((outputs + 63) / 64 * 64);
            for (float& value : weights[layer]) {
                value = uniform(-range, range);
            }
            for (int o = 0; o < outputs; o++) {
                biases[layer][o] = uniform(-0.3f, 0.3f);
            }
        }
        for (int i = 0; i < kTop[1][1]; i++) {
            last[i] = uniform(-0.3f, 0.3f);
        }
    }
};

struct Samples {
    int rows;
    std::vector<float> dense;  // [kDense][rows]
    std::vector<int> offsets[Model::kFeatures];
    std::vector<int> ids[Model::kFeatures];

    explicit Samples(int rows) : rows(rows), dense(Model::kDense * rows) {}

    static Samples random(int rows) {
        Samples samples(rows);
        for (float& value : samples.dense) {
            value = uniform(-2, 2);
        }
        for (int f = 0; f < Model::kFeatures; f++) {
            samples.offsets[f] = {0};
            for (int row = 0; row < rows; row++) {
                const int length = f < 2 ? 1 : below(12);
                for (int i = 0; i < length; i++) {
                    samples.ids[f].push_back(below(Model::kEmbeddings));
                }
                samples.offsets[f].push_back(static_cast<int>(samples.ids[f].size()));
            }
        }
        return samples;
    }

    // What belongs to a user, not to a row: the features that are even, and dense feature 0.
    static bool is_users(int feature) { return feature % 2 == 0; }

    // The same rows, but row r has the features of user r % users: of row r % users.
    Samples of_users(int users) const {
        std::vector<int> first(rows);
        for (int row = 0; row < rows; row++) {
            first[row] = row % users;
        }
        const Samples repeated = pick(first);
        Samples joined = *this;
        std::copy_n(repeated.dense.begin(), rows, joined.dense.begin());
        for (int f = 0; f < Model::kFeatures; f++) {
            if (is_users(f)) {
                joined.offsets[f] = repeated.offsets[f];
                joined.ids[f] = repeated.ids[f];
            }
        }
        return joined;
    }

    Samples pick(const std::vector<int>& which) const {
        Samples picked(static_cast<int>(which.size()));
        for (size_t i = 0; i < which.size(); i++) {
            for (int d = 0; d < Model::kDense; d++) {
                picked.dense[d * which.size() + i] = dense[d * rows + which[i]];
            }
        }
        for (int f = 0; f < Model::kFeatures; f++) {
            picked.offsets[f] = {0};
            for (const int row : which) {
                picked.ids[f].insert(picked.ids[f].end(), ids[f].begin() + offsets[f][row],
                                     ids[f].begin() + offsets[f][row + 1]);
                picked.offsets[f].push_back(static_cast<int>(picked.ids[f].size()));
            }
        }
        return picked;
    }
};

inline std::vector<double> reference(const Model& model, const Samples& samples) {
    std::vector<double> logits;
    const auto layer = [&](int number, const std::vector<double>& input) {
        std::vector<double> output;
        const size_t outputs = model.weights[number].size() / input.size();
        for (size_t o = 0; o < outputs; o++) {
            double sum = model.biases[number][o];
            for (size_t i = 0; i < input.size(); i++) {
                sum += model.weights[number][o * input.size() + i] * input[i];
            }
            output.push_back(std::max(sum, 0.0));
        }
        return output;
    };
    for (int row = 0; row < samples.rows; row++) {
        std::vector<double> dense;
        for (int d = 0; d < Model::kDense; d++) {
            dense.push_back(samples.dense[d * samples.rows + row]);
        }
        std::vector<std::vector<double>> vectors{layer(1, layer(0, dense))};
        for (int f = 0; f < Model::kFeatures; f++) {
            std::vector<double> pooled(Model::kDim);
            for (int i = samples.offsets[f][row]; i < samples.offsets[f][row + 1]; i++) {
                for (int d = 0; d < Model::kDim; d++) {
                    pooled[d] += model.tables[f][samples.ids[f][i] * Model::kDim + d];
                }
            }
            vectors.push_back(pooled);
        }
        std::vector<double> top = vectors[0];
        for (size_t i = 0; i < vectors.size(); i++) {
            for (size_t j = 0; j < i; j++) {
                double sum = 0;
                for (int d = 0; d < Model::kDim; d++) {
                    sum += vectors[i][d] * vectors[j][d];
                }
                top.push_back(sum);
            }
        }
        top = layer(3, layer(2, top));
        double logit = model.last_bias;
        for (size_t i = 0; i < top.size(); i++) {
            logit += model.last[i] * top[i];
        }
        logits.push_back(logit);
    }
    return logits;
}

// How a precision and a chip run the steps.
template <typename Operand, typename Vector, bool kHopper>
struct Steps {
    static constexpr bool kSplit = Operand::kTiles == 2;
    static constexpr float kScale = kSplit ? 64 : 1;
    static constexpr float kWeightScale = 1024;

    unsigned overflow = 0;

    template <typename Epilogue>
    void linear(const Matrix<Operand>& input, const Model& model, int layer, void* output, int rows,
                LastLayer last = {}) {
        const auto& [inputs, outputs] = layer < 2 ? Model::kBottom[layer] : Model::kTop[layer - 2];
        Matrix<Operand> packed((outputs + 255) / 256 * 256, inputs);
        emulator::launch({1, static_cast<unsigned>(packed.k_blocks() * 8)}, 256, 1, 0, [&] {
            pack_weight<Operand>(model.weights[layer].data(), outputs, inputs, packed.data(),
                                 layer == 0, kWeightScale, &overflow);
        });
        const LinearArguments arguments{input.bytes.data(),
                                        packed.data(),
                                        model.biases[layer].data(),
                                        output,
                                        inputs,
                                        outputs,
                                        &rows,
                                        1 / (kScale * kWeightScale),
                                        kScale,
                                        &overflow,
                                        nullptr,
                                        nullptr,
                                        last};
        if constexpr (kHopper) {
            emulator::launch({2, 1}, kLinearThreadsSm90, kLinearCluster, kLinearSharedSm90,
                             [&] { linear_sm90<Operand, Epilogue>(arguments); });
        } else {
            emulator::launch({3, 1}, kLinearThreadsSm80, 1, linear_shared_sm80<Operand>(),
                             [&] { linear_sm80<Operand, Epilogue>(arguments); });
        }
    }

    // With users, their features are read for so many instances and no further.
    std::vector<float> logits(const Model& model, Samples samples, int users = 0) {
        const int rows = samples.rows;
        std::vector<int> users_of_rows(rows);
        std::vector<DenseFeature> dense_features(Model::kDense);
        if (users > 0) {
            std::vector<unsigned char> packed(rows);
            for (int row = 0; row < rows; row++) {
                packed[row] = static_cast<unsigned char>(row % users);
            }
            const IdFeature map{packed.data(), users_of_rows.data(), nullptr, &rows, users, 1, 0, 0};
            expect(fault_of({map}, 1) == kNoFault, "pipeline: users of rows");
            dense_features[0].instances = users_of_rows.data();
            std::fill(samples.dense.begin() + users, samples.dense.begin() + rows, NAN);
        }
        // Tables and pooled vectors in the precision's type.
        std::vector<Vector> tables[Model::kFeatures];
        std::vector<Vector> pooled[Model::kFeatures];
        std::vector<int> ids[Model::kFeatures];
        std::vector<BagFeature> bags;
        std::vector<VectorSource> sources(1);
        for (int f = 0; f < Model::kFeatures; f++) {
            for (const float value : model.tables[f]) {
                tables[f].push_back(as<Vector>(value));
            }
            const bool shared = users > 0 && Samples::is_users(f);
            const int* instances = shared ? users_of_rows.data() : nullptr;
            const int* count = shared ? &users : &rows;
            samples.offsets[f].resize(*count + 1);
            auto& offsets = samples.offsets[f];
            ids[f] = samples.ids[f];
            std::fill(ids[f].begin() + offsets.back(), ids[f].end(), -1);
            const IdFeature feature{ids[f].data(),      ids[f].data(), offsets.data(),    count,
                                    Model::kEmbeddings, 4,             offsets.back(), 0};
            expect(fault_of({feature}, 1) == kNoFault, "pipeline: ids");
            if (f < 2) {
                sources.push_back({tables[f].data(), ids[f].data(), instances, Model::kDim,
                                   Model::kDim, 0, 0});
            } else {
                pooled[f] = poisoned<Vector>(static_cast<size_t>(rows) * Model::kDim);
                bags.push_back({tables[f].data(), ids[f].data(), offsets.data(), count,
                                pooled[f].data(), Model::kDim, Model::kDim, 0, 0});
                sources.push_back({pooled[f].data(), nullptr, instances, Model::kDim, Model::kDim,
                                   0, 0});
            }
        }
        emulator::launch({2, static_cast<unsigned>(bags.size())}, 64, 1, 0,
                         [&] { embedding_bag<Vector, Vector, ByHalves<8>>(bags.data()); });

        Matrix<Operand> dense(rows, Model::kDense);
        emulator::launch({1, 8}, 64, 1, 0, [&] {
            pack_dense<Operand>(samples.dense.data(), Model::kDense, rows, dense_features.data(),
                                dense.data(), &rows, kScale, &overflow);
        });
        Matrix<Operand> hidden(rows, Model::kBottom[0][1]);
        linear<ToOperand<Operand, true>>(dense, model, 0, hidden.data(), rows);
        auto vectors = poisoned<Vector>(static_cast<size_t>(rows) * Model::kDim);
        linear<ReluToVectors<Vector>>(hidden, model, 1, vectors.data(), rows);
        sources[0] = {vectors.data(), nullptr, nullptr, Model::kDim, Model::kDim, 0, 0};

        Matrix<Operand> pairs(rows, Model::kPairs);
        emulator::launch({2, 1}, 2 * 32 * PairProducts<Vector>::kWarps, 1,
                         2 * dot_interaction_shared<Vector>(Model::kDim, Model::kPairs),
                         [&] {
                             dot_interaction<Vector, Operand, LowerPairs>(
                                 sources.data(), Model::kFeatures + 1, Model::kDim, Model::kDim,
                                 pairs.data(), &rows, kScale, &overflow);
                         });
        Matrix<Operand> top0(rows, Model::kTop[0][1]);
        linear<ToOperand<Operand, true>>(pairs, model, 2, top0.data(), rows);
        auto logits = poisoned<float>(rows);
        auto scores = poisoned<float>(rows);
        const LastLayer last{model.last.data(), &model.last_bias, logits.data(), scores.data()};
        if constexpr (kSplit) {
            Matrix<Operand> top1(rows, Model::kTop[1][1]);
            linear<ToOperand<Operand, true>>(top0, model, 3, top1.data(), rows);
            emulator::launch({2, 1}, 64, 1, 0, [&] {
                score<Operand>(top1.data(), last, Model::kTop[1][1], &rows, 1 / kScale);
            });
        } else {
            linear<ReluToScore>(top0, model, 3, nullptr, rows, last);
        }
        expect(overflow == 0, "pipeline: overflow");
        return logits;
    }
};

template <typename Operand, typename Vector, bool kHopper>
void check_pipeline(const char* name, double tolerance) {
    const Model model;
    const Samples samples = Samples::random(150);
    Steps<Operand, Vector, kHopper> steps;
    const auto expected = reference(model, samples);
    const auto actual = steps.logits(model, samples);
    for (int row = 0; row < samples.rows; row++) {
        expect_near(actual[row], expected[row], tolerance * (1 + std::abs(expected[row])),
                    at(std::string("pipeline ") + name, row, 0));
    }
    const Samples joined = samples.of_users(40);
    expect(steps.logits(model, joined, 40) == steps.logits(model, joined),
           std::string("pipeline ") + name + ": bits change with users filled once");
    std::vector<int> backwards;
    for (int row = samples.rows - 1; row >= 100; row--) {
        backwards.push_back(row);
    }
    for (const auto& which : {std::vector<int>{77}, std::vector<int>{149, 0, 1}, backwards}) {
        const auto again = steps.logits(model, samples.pick(which));
        for (size_t i = 0; i < which.size(); i++) {
            expect(again[i] == actual[which[i]],
                   at(std::string("pipeline ") + name + ": bits change with the batch", which[i],
                      static_cast<int>(which.size())));
        }
    }
}

inline void check_pipelines() {
    check_pipeline<F16, __nv_bfloat16, false>("sm_80 bf16", 1e-2);
    check_pipeline<F16, __nv_bfloat16, true>("sm_90a bf16", 1e-2);
    check_pipeline<SplitF16, float, false>("sm_80 f32", 2e-6);
    check_pipeline<SplitF16, float, true>("sm_90a f32", 2e-6);
}

}  // namespace checks
