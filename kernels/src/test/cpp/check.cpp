// Checks the kernels against plain loops in double, on a CPU. See emulator.hpp.
#include <cmath>
#include <limits>

#include "device/ptx.cuh"

#define NIGHTJAR_EMULATED
#include "nightjar.cu"

namespace {

std::mt19937 random_numbers(7);
int failures = 0;

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

// ---- check_ids ----

void check_ids_unpacks_and_reports() {
    for (int bytes = 1; bytes <= 4; bytes++) {
        for (const int bad : {-1, 5}) {
            const int count = 70;
            std::vector<unsigned char> packed(count * bytes);
            std::vector<int> expected(count);
            const int rows = bytes == 1 ? 200 : 60000;
            for (int i = 0; i < count; i++) {
                int id = i == bad ? rows + 1 : below(rows);
                std::memcpy(&packed[i * bytes], &id, bytes);
                expected[i] = i == bad ? 0 : id;
            }
            auto ids = poisoned<int>(count);
            const IdFeature good{packed.data(), ids.data(), nullptr, &count, rows, bytes};
            unsigned long long bad_id = ~0ull;
            emulator::launch({1, 1}, 64, 1, 0, [&] { check_ids(&good, &bad_id); });
            const std::string what = "check_ids, " + std::to_string(bytes) + " bytes";
            expect(ids == expected, what);
            expect(bad_id == (bad < 0 ? ~0ull : static_cast<unsigned long long>(bad)),
                   what + ": bad id");
        }
    }
    const int bags = 2;
    std::vector<int> offsets{0, 3, 4};
    std::vector<int> ids{1, 2, 3, std::numeric_limits<int>::max(), 99};
    std::vector<int> other{1, -1, -5};
    const IdFeature features[] = {{ids.data(), ids.data(), offsets.data(), &bags, 4, 4},
                                  {other.data(), other.data(), nullptr, &bags, 4, 4}};
    unsigned long long bad_id = ~0ull;
    emulator::launch({2, 2}, 32, 1, 0, [&] { check_ids(features, &bad_id); });
    expect(ids == std::vector<int>({1, 2, 3, 0, 99}), "check_ids in place");
    expect(other == std::vector<int>({1, 0, -5}), "check_ids in place, one id a bag");
    expect(bad_id == 3, "check_ids: the first feature's bad id wins");
}

// ---- embedding_bag ----

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

template <typename Row, typename Pooled>
void check_embedding_bag(const char* name, void (*kernel)(const BagFeature*), int dim, int mean,
                         bool one_id) {
    const int align = 16 / sizeof(Row);
    const int stride = divide_up(dim, align) * align;
    const int pooled_stride = stride + 16;
    const int embeddings = 37;
    std::vector<int> offsets{0};
    for (const int length : {0, 1, 2, 7, 8, 9, 15, 16, 17, 33, 100, 0, 3}) {
        offsets.push_back(offsets.back() + length);
    }
    int bags = static_cast<int>(offsets.size()) - 1;
    std::vector<int> ids(offsets.back());
    for (int& id : ids) {
        id = below(embeddings);
    }
    ids[0] = embeddings - 1;
    std::vector<Row> table(static_cast<size_t>(embeddings) * stride);
    for (size_t i = 0; i < table.size(); i++) {
        table[i] = as<Row>(static_cast<int>(i % stride) < dim ? uniform(-1, 1) : 0.0f);
    }
    auto pooled = poisoned<Pooled>(static_cast<size_t>(bags + 1) * pooled_stride);
    const BagFeature feature{table.data(), ids.data(), one_id ? nullptr : offsets.data(), &bags,
                             pooled.data(), stride, pooled_stride, mean, 0};
    emulator::launch({2, 1}, 96, 1, 0, [&] { kernel(&feature); });

    const std::string what = std::string(name) + ", dim " + std::to_string(dim);
    for (int bag = 0; bag < bags; bag++) {
        const int first = one_id ? bag : offsets[bag];
        const int last = one_id ? bag + 1 : offsets[bag + 1];
        for (int d = 0; d < dim; d++) {
            float sum = 0;
            for (int i = first; i < last; i++) {
                sum += value_of(table[static_cast<size_t>(ids[i]) * stride + d]);
            }
            if (mean && last > first) {
                sum /= static_cast<float>(last - first);
            }
            const float actual = value_of(pooled[static_cast<size_t>(bag) * pooled_stride + d]);
            expect(actual == value_of(as<Pooled>(sum)), at(what, bag, d));
        }
    }
    expect(std::isnan(value_of(pooled[static_cast<size_t>(bags) * pooled_stride])),
           what + ": nothing past the last bag");
}

void check_embedding_bags() {
    for (const int dim : {1, 4, 8, 12, 16, 20, 96, 128, 256, 500}) {
        for (int mean = 0; mean < 2; mean++) {
            check_embedding_bag<float, float>("f32_f32", embedding_bag_f32_f32, dim, mean, false);
            check_embedding_bag<__half, float>("f16_f32", embedding_bag_f16_f32, dim, mean, false);
            check_embedding_bag<__nv_bfloat16, float>("bf16_f32", embedding_bag_bf16_f32, dim, mean,
                                                      false);
            check_embedding_bag<float, __nv_bfloat16>("f32_bf16", embedding_bag_f32_bf16, dim, mean,
                                                      false);
            check_embedding_bag<__half, __nv_bfloat16>("f16_bf16", embedding_bag_f16_bf16, dim,
                                                       mean, true);
            check_embedding_bag<__nv_bfloat16, __nv_bfloat16>("bf16_bf16", embedding_bag_bf16_bf16,
                                                              dim, mean, true);
        }
    }
}

// ---- operands ----

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
        typename Operand::Element element;
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
    return std::abs(value) * (Operand::kTiles == 2 ? 0x1p-21 : 0x1p-8) + 1e-7;
}

template <typename Operand>
void check_pack(const char* name,
                void (*pack_dense)(const float*, int, int, void*, const int*, float, unsigned*),
                void (*pack_weight)(const float*, int, int, void*, float, unsigned*)) {
    for (const int features : {1, 13, 64, 65}) {
        const int rows = 131;
        const int capacity = 150;
        std::vector<float> dense(features * capacity);
        for (float& value : dense) {
            value = uniform(-100, 100);
        }
        Matrix<Operand> matrix(rows, features);
        matrix.unscale = Operand::kTiles == 2 ? 1.0 / 16 : 1;
        unsigned overflow = 0;
        emulator::launch({2, static_cast<unsigned>(matrix.k_blocks() * 8)}, 32, 1, 0, [&] {
            pack_dense(dense.data(), features, capacity, matrix.data(), &rows, 16, &overflow);
        });
        const std::string what = std::string("pack_dense ") + name;
        for (int row = 0; row < rows; row++) {
            for (int f = 0; f < features; f++) {
                const double expected = dense[f * capacity + row];
                expect_near(matrix(row, f), expected, tolerance_of<Operand>(expected),
                            at(what, row, f));
            }
        }
        matrix.expect_zero_padding(what);
        expect(overflow == 0, what + ": overflow");
        if (Operand::kTiles == 2) {
            dense[(features - 1) * capacity + rows - 1] = -5000;
            emulator::launch({2, static_cast<unsigned>(matrix.k_blocks() * 8)}, 32, 1, 0, [&] {
                pack_dense(dense.data(), features, capacity, matrix.data(), &rows, 16, &overflow);
            });
            expect(overflow == 1, what + ": 5000 * 16 overflows");
        }
    }
    const int outputs = 200;
    const int inputs = 70;
    std::vector<float> weight(outputs * inputs);
    for (float& value : weight) {
        value = uniform(-1, 1);
    }
    Matrix<Operand> matrix(256, inputs);
    unsigned overflow = 0;
    emulator::launch({2, static_cast<unsigned>(matrix.k_blocks() * 8)}, 32, 1, 0,
                     [&] { pack_weight(weight.data(), outputs, inputs, matrix.data(), 1, &overflow); });
    for (int output = 0; output < 256; output++) {
        // The slot whose thread and position give this output: see output_column.
        const int slot = output / 32 * 32 + output % 8 / 2 * 8 + output / 8 % 4 * 2 + output % 2;
        for (int input = 0; input < inputs; input++) {
            const double expected = output < outputs ? weight[output * inputs + input] : 0;
            expect_near(matrix(slot, input), expected, tolerance_of<Operand>(expected),
                        at(std::string("pack_weight ") + name, output, input));
        }
    }
    matrix.expect_zero_padding(std::string("pack_weight ") + name);
}

// ---- dot_interaction ----

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
    matrix.unscale = Operand::kTiles == 2 ? 1.0 / 16 : 1;
    unsigned overflow = 0;
    const bool wide = vectors > kMostVectors;
    const int shared = wide ? dot_interaction_wide_shared(vectors, dim, sizeof(Element))
                            : 2 * dot_interaction_shared(dim, sizeof(Element), matrix.columns);
    emulator::launch({2, 1}, wide ? kWideThreads : 64, 1, shared, [&] {
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
        check_dot_interaction<__nv_bfloat16, Bf16>("bf16", false, dot_interaction_lower_bf16,
                                                   vectors, dim, rows);
        check_dot_interaction<__nv_bfloat16, Bf16>("bf16", true, dot_interaction_upper_bf16,
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
        check_dot_interaction<__nv_bfloat16, Bf16>("wide bf16", false,
                                                   dot_interaction_wide_lower_bf16, vectors, dim,
                                                   rows);
        check_dot_interaction<__nv_bfloat16, Bf16>("wide bf16", true,
                                                   dot_interaction_wide_upper_bf16, vectors, dim,
                                                   rows);
        check_dot_interaction<float, SplitF16>("wide f32", false, dot_interaction_wide_lower_f32,
                                               vectors, dim, rows);
        check_dot_interaction<float, SplitF16>("wide f32", true, dot_interaction_wide_upper_f32,
                                               vectors, dim, rows);
    }
}

// ---- concatenate ----

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
    matrix.unscale = Operand::kTiles == 2 ? 1.0 / 16 : 1;
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
        check_concatenate<__nv_bfloat16, Bf16>("bf16", concatenate_bf16, dims);
        check_concatenate<float, SplitF16>("f32", concatenate_f32, dims);
    }
}

// ---- score ----

template <typename Operand>
Matrix<Operand> random_matrix(int rows, int columns, double scale, std::vector<float>& values,
                              float range);

template <typename Operand>
void check_score(const char* name,
                 void (*kernel)(const void*, const float*, const float*, float*, float*, int,
                                const int*, float)) {
    for (const int inputs : {1, 63, 256, 300}) {
        const int rows = 131;
        const double scale = Operand::kTiles == 2 ? 16 : 1;
        std::vector<float> unused;
        auto input = random_matrix<Operand>(rows, inputs, scale, unused, 1);
        float nan[8] = {std::nanf("")};
        unsigned overflow = 0;
        Operand::store(input.data(), input.k_blocks(), 77, 0, nan, 1, &overflow);
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

// ---- linear ----

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
            Operand::store(matrix.data(), matrix.k_blocks(), row, chunk, chunk_values,
                           static_cast<float>(scale), &overflow);
        }
    }
    return matrix;
}

enum class Epilogue { kRelu, kPlain, kVectors, kCross };

template <typename Operand, typename Element, typename Kernel>
void check_linear(const std::string& name, Epilogue epilogue, dim3 grid, int threads, int cluster,
                  size_t shared, Kernel kernel, int rows, int inputs, int outputs) {
    const float scale = Operand::kTiles == 2 ? 16 : 1;
    const float weight_scale = Operand::kTiles == 2 ? 256 : 1;
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
        pack_weight<Operand>(weight.data(), outputs, inputs, packed.data(), weight_scale,
                             &overflow);
    });
    std::vector<float> bias((outputs + 7) / 8 * 8, std::nanf(""));
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
        xl.bytes.data()};
    emulator::launch(grid, threads, cluster, shared, [&] { kernel(arguments); });

    const std::string what = "linear " + name + " " + std::to_string(rows) + " x " +
                             std::to_string(inputs) + " -> " + std::to_string(outputs);
    expect(overflow == 0, what + ": overflow");
    // The operands' own rounding is in the reference; what is left is that of the result.
    for (int row = 0; row < rows; row++) {
        for (int column = 0; column < outputs; column++) {
            const int slot =
                column / 32 * 32 + column % 8 / 2 * 8 + column / 8 % 4 * 2 + column % 2;
            double expected = epilogue == Epilogue::kPlain ? 0 : bias[column];
            for (int k = 0; k < inputs; k++) {
                expected += input(row, k) * packed(slot, k);
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
            expect_near(actual, expected, tolerance_of<Operand>(expected) + inputs * 1e-7,
                        at(what, row, column));
        }
        for (int column = outputs; epilogue == Epilogue::kVectors && column < stride; column++) {
            expect(value_of(vectors[static_cast<size_t>(row) * stride + column]) == 0,
                   at(what + ": padding", row, column));
        }
    }
    if (epilogue != Epilogue::kVectors) {
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
    const int shapes[][3] = {{1, 13, 5}, {130, 70, 130}, {300, 330, 300}, {257, 64, 128}};
    for (const auto& [rows, inputs, outputs] : shapes) {
        check_linear_on_both<Bf16, Bf, ToOperand<Bf16, true>>("bf16 relu", Epilogue::kRelu, rows,
                                                              inputs, outputs);
        check_linear_on_both<SplitF16, float, ToOperand<SplitF16, true>>(
            "f32 relu", Epilogue::kRelu, rows, inputs, outputs);
    }
    check_linear_on_both<Bf16, Bf, ToOperand<Bf16, false>>("bf16 plain", Epilogue::kPlain, 70, 40,
                                                           33);
    check_linear_on_both<SplitF16, float, ToOperand<SplitF16, false>>("f32 plain", Epilogue::kPlain,
                                                                      70, 40, 33);
    check_linear_on_both<Bf16, Bf, ReluToVectors<Bf>>("bf16 vectors", Epilogue::kVectors, 70, 40,
                                                      33);
    check_linear_on_both<SplitF16, float, ReluToVectors<float>>("f32 vectors", Epilogue::kVectors,
                                                                70, 40, 33);
    check_linear_on_both<Bf16, Bf, Cross<Bf16>>("bf16 cross", Epilogue::kCross, 70, 40, 270);
    check_linear_on_both<SplitF16, float, Cross<SplitF16>>("f32 cross", Epilogue::kCross, 70, 40,
                                                           270);
}

}  // namespace

int main() {
    check_ids_unpacks_and_reports();
    check_embedding_bags();
    check_pack<Bf16>("bf16", pack_dense_bf16, pack_weight_bf16);
    check_pack<SplitF16>("f32", pack_dense_f32, pack_weight_f32);
    check_dot_interactions();
    check_wide_dot_interactions();
    check_concatenates();
    check_score<Bf16>("bf16", score_bf16);
    check_score<SplitF16>("f32", score_f32);
    check_linears();
    std::printf(failures == 0 ? "kernels: all right on the emulator\n" : "%d failures\n", failures);
    return failures == 0 ? 0 : 1;
}
