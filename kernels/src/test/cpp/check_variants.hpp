// The variants of the embedding bag, exactly: each adds in the bag's order, but for range, which adds
// in that of the ranges.
#pragma once

#include <algorithm>

#include "checks.hpp"

namespace checks {

// Bags whose lengths lie around a prefetch distance, of rows [37, dim].
template <typename Row>
struct Bags {
    static constexpr int kEmbeddings = 37;
    static constexpr int kShift = 3;
    int dim;
    int stride;
    int count;
    std::vector<int> offsets{0};
    std::vector<int> ids;
    std::vector<Row> table;

    Bags(int dim, int distance) : dim(dim) {
        const int align = 16 / sizeof(Row);
        stride = divide_up(dim, align) * align;
        for (const int length : {0, 1, distance - 1, distance, distance + 1, 2 * distance, 33, 0, 3,
                                 257, 150}) {
            offsets.push_back(offsets.back() + length);
        }
        count = static_cast<int>(offsets.size()) - 1;
        for (int i = 0; i < offsets.back(); i++) {
            ids.push_back(i == 0 ? kEmbeddings - 1 : below(kEmbeddings));
        }
        for (int i = 0; i < kEmbeddings * stride; i++) {
            table.push_back(as<Row>(i % stride < dim ? uniform(-1, 1) : 0.0f));
        }
    }

    // Element d of a bag's sum, in fp32, in the bag's order or in that of the ranges.
    float sum(int bag, int d, bool by_range) const {
        std::vector<int> rows(ids.begin() + offsets[bag], ids.begin() + offsets[bag + 1]);
        if (by_range) {
            for (size_t i = 0; i < rows.size(); i += 256) {
                std::stable_sort(rows.begin() + i, rows.begin() + std::min(i + 256, rows.size()),
                                 [](int a, int b) { return a >> kShift < b >> kShift; });
            }
        }
        float sum = 0;
        for (const int row : rows) {
            sum += value_of(table[static_cast<size_t>(row) * stride + d]);
        }
        return sum;
    }

    // pooled [count + 1, pooled_stride], whose last row must be as it was.
    void expect_sums(const std::vector<float>& pooled, int pooled_stride, bool by_range,
                     const std::string& what) const {
        for (int bag = 0; bag < count; bag++) {
            for (int d = 0; d < dim; d++) {
                const float actual = pooled[static_cast<size_t>(bag) * pooled_stride + d];
                expect(actual == sum(bag, d, by_range), at(what, bag, d));
            }
        }
        expect(std::isnan(pooled[static_cast<size_t>(count) * pooled_stride]),
               what + ": nothing past the last bag");
    }
};

template <typename Row>
void check_one_table(const char* name, void (*kernel)(OneTable<Row>), int distance) {
    for (const int dim : {8, 40, 128}) {
        const Bags<Row> bags(dim, distance);
        const std::vector<long long> ids(bags.ids.begin(), bags.ids.end());
        const std::vector<long long> offsets(bags.offsets.begin(), bags.offsets.end());
        auto pooled = poisoned<float>(static_cast<size_t>(bags.count + 1) * dim);
        const OneTable<Row> from{bags.table.data(), ids.data(), offsets.data(), pooled.data(),
                                 nullptr, nullptr, nullptr, bags.kEmbeddings, dim, bags.stride, 1,
                                 bags.count, -1, 0};
        emulator::launch({2, 1}, {32, 8}, 1, 0, [&] { kernel(from); });
        bags.expect_sums(pooled, dim, false, std::string(name) + ", dim " + std::to_string(dim));
    }
}

template <typename Row>
void check_batched(const char* name, void (*kernel)(const BagFeature*), int distance, int threads) {
    for (const int dim : {8, 20, 128, 200}) {
        const Bags<Row> bags(dim, distance);
        auto pooled = poisoned<float>(static_cast<size_t>(bags.count + 1) * bags.stride);
        const BagFeature feature{bags.table.data(), bags.ids.data(), bags.offsets.data(),
                                 &bags.count, pooled.data(), bags.stride, bags.stride, 0, 0};
        emulator::launch({2, 1}, threads, 1, 0, [&] { kernel(&feature); });
        bags.expect_sums(pooled, bags.stride, false,
                         std::string(name) + ", dim " + std::to_string(dim));
    }
}

// Three tables, the second without a bag, by one block, and by as many as there are bags for, or more.
template <typename Row>
void check_staged(const char* name, void (*kernel)(const BagFeature*, int), int distance,
                  bool by_range) {
    for (const int dim : {8, 20, 128, 200}) {
        const Bags<Row> bags(dim, distance);
        const int none = 0;
        for (const unsigned blocks : {1, 2, 5}) {
            const size_t size = static_cast<size_t>(bags.count + 1) * bags.stride;
            std::vector<std::vector<float>> pooled(3, poisoned<float>(size));
            std::vector<BagFeature> features;
            for (int t = 0; t < 3; t++) {
                features.push_back({bags.table.data(), bags.ids.data(), bags.offsets.data(),
                                    t == 1 ? &none : &bags.count, pooled[t].data(), bags.stride,
                                    bags.stride, 0, bags.kShift});
            }
            emulator::launch({blocks, 1}, 256, 1, 0, [&] { kernel(features.data(), 3); });
            const std::string what = std::string(name) + ", dim " + std::to_string(dim);
            bags.expect_sums(pooled[0], bags.stride, by_range, what);
            bags.expect_sums(pooled[2], bags.stride, by_range, what + ", third table");
            expect(std::isnan(pooled[1][0]), what + ": nothing of a table without bags");
        }
    }
}

void check_variants() {
#define ONE_TABLE_F32(entry, distance) check_one_table<float>(#entry, entry##_f32, distance)
#define ONE_TABLE_BOTH(entry, distance) \
    ONE_TABLE_F32(entry, distance);     \
    check_one_table<__half>(#entry, entry##_f16, distance)
#define BATCHED(entry, distance)                                 \
    check_batched<float>(#entry, entry##_f32, distance, 128);    \
    check_batched<__half>(#entry, entry##_f16, distance, 128)
#define WALKED(entry, distance, by_range)                              \
    check_staged<float>(#entry, entry##_f32, distance, by_range);      \
    check_staged<__half>(#entry, entry##_f16, distance, by_range)
    ONE_TABLE_BOTH(base, 4);
    ONE_TABLE_BOTH(optmt_8, 4);
    ONE_TABLE_BOTH(rpf_2, 2);
    ONE_TABLE_BOTH(rpf_4, 4);
    ONE_TABLE_BOTH(rpf_8, 8);
    ONE_TABLE_BOTH(rpf_16, 16);
    ONE_TABLE_F32(smpf_2, 2);
    ONE_TABLE_F32(smpf_4, 4);
    ONE_TABLE_F32(smpf_8, 8);
    ONE_TABLE_F32(smpf_16, 16);
    ONE_TABLE_BOTH(lmpf_2, 2);
    ONE_TABLE_BOTH(lmpf_4, 4);
    ONE_TABLE_BOTH(lmpf_8, 8);
    ONE_TABLE_BOTH(lmpf_16, 16);
    ONE_TABLE_BOTH(l1dpf_2, 2);
    ONE_TABLE_BOTH(l1dpf_4, 4);
    ONE_TABLE_BOTH(l1dpf_8, 8);
    ONE_TABLE_BOTH(l1dpf_16, 16);
    ONE_TABLE_BOTH(combined_8, 8);
    BATCHED(tbe_order, 4);
    BATCHED(tbe_rpf_2, 2);
    BATCHED(tbe_rpf_4, 4);
    BATCHED(tbe_rpf_8, 8);
    BATCHED(tbe_rpf_16, 16);
    BATCHED(tbe_wide_16, 16);
    BATCHED(tbe_rpf_32, 32);
    BATCHED(tbe_smpf_4, 4);
    BATCHED(tbe_smpf_8, 8);
    BATCHED(tbe_lmpf_4, 4);
    BATCHED(tbe_l1dpf_4, 4);
    BATCHED(tbe_l1dpf_8, 8);
    WALKED(tbe_staged_8, 8, false);
    WALKED(tbe_staged_16, 16, false);
    WALKED(range_4, 4, true);
    WALKED(range_8, 8, true);
    WALKED(range_16, 16, true);
#undef WALKED
#undef ONE_TABLE_F32
#undef ONE_TABLE_BOTH
#undef BATCHED
}

}  // namespace checks
