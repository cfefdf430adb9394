// check_ids and embedding_bag, exactly.
#pragma once

#include <functional>

#include "checks.hpp"

namespace checks {

constexpr unsigned long long kNoFault = ~0ull;
constexpr unsigned long long kIdFault = 1ull << 31;

// What check_ids tells of `features`, with few blocks for many features or many for few.
unsigned long long fault_of(const std::vector<IdFeature>& features, unsigned grid_y) {
    const int count = static_cast<int>(features.size());
    unsigned long long fault = kNoFault;
    emulator::launch({2, grid_y}, 32, 1, 0, [&] { check_ids(features.data(), &count, &fault); });
    return fault;
}

void check_ids_unpacks_and_reports() {
    for (int bytes = 1; bytes <= 4; bytes++) {
        for (const int count : {1, 3, 4, 5, 70, 301}) {
            for (const int bad : {-1, count - 1, count / 2}) {
                const int limit = bytes == 1 ? 200 : bytes == 2 ? 60000 : 16000000;
                std::vector<unsigned> words((count * bytes + 3) / 4);
                std::vector<int> expected(count);
                for (int i = 0; i < count; i++) {
                    const int id = i == bad ? limit : below(limit);
                    std::memcpy(reinterpret_cast<char*>(words.data()) + i * bytes, &id, bytes);
                    expected[i] = i == bad ? 0 : id;
                }
                auto ids = poisoned<int>(count + 1);
                const IdFeature feature{words.data(), ids.data(), nullptr, &count,
                                        limit,        bytes,      0,       0};
                const auto fault = fault_of({feature}, 1);
                const std::string what =
                    at("check_ids, " + std::to_string(bytes) + " bytes", count, bad);
                expect(ids.back() == -1, what + ": nothing past the last id");
                ids.pop_back();
                expect(ids == expected, what);
                expect(fault == (bad < 0 ? kNoFault : kIdFault | bad), what + ": fault");
            }
        }
    }
    const int bags = 2;
    std::vector<int> offsets{0, 3, 4};
    std::vector<int> ids{1, 2, 3, std::numeric_limits<int>::max(), 99};
    std::vector<int> other{1, -1, -5};
    const std::vector<IdFeature> features{
        {ids.data(), ids.data(), offsets.data(), &bags, 4, 4, 4, 0},
        {other.data(), other.data(), nullptr, &bags, 4, 4, 0, 0}};
    const auto fault = fault_of(features, 1);
    expect(ids == std::vector<int>({1, 2, 3, 0, 99}), "check_ids in place");
    expect(other == std::vector<int>({1, 0, -5}), "check_ids in place, one id a bag");
    expect(fault == (kIdFault | 3), "check_ids: the first feature's fault wins");
    expect(fault_of(features, 4) == kNoFault, "check_ids: nothing is left of it");
}

// As of Spark: pmod(xxhash64(value), rows). Values of a bag are hashed as those of a row are.
void check_ids_hashes() {
    struct Hashed {
        int value, rows, id;
    };
    for (const Hashed& known : {Hashed{0, 1, 0}, Hashed{0, 1000000, 510707},
                                Hashed{1, 1000000, 761001}, Hashed{-1, 1000000, 258757},
                                Hashed{2147483647, 1000000, 531228},
                                Hashed{-2147483647 - 1, 2147483647, 1020723431},
                                Hashed{123456789, 2147483647, 539469566},
                                Hashed{-7, 40000000, 7274714}}) {
        const std::string what = at("check_ids: hash", known.value, known.rows);
        const int bags = 2;
        const int count = 6;  // four at a time, and the rest
        const std::vector<int> values(count, known.value);
        std::vector<int> offsets{0, 5, 6};
        for (int* bounds : {static_cast<int*>(nullptr), offsets.data()}) {
            auto ids = poisoned<int>(count + 1);
            const IdFeature feature{values.data(), ids.data(), bounds,
                                    bounds == nullptr ? &count : &bags,
                                    known.rows, 4, count, known.rows};
            expect(fault_of({feature}, 1) == kNoFault, what + ": fault");
            expect(ids.back() == -1, what + ": nothing past the last id");
            ids.pop_back();
            expect(ids == std::vector<int>(count, known.id), what);
        }
    }
}

void check_ids_checks_offsets() {
    struct Case {
        std::vector<int> offsets;
        int fault;  // bag, or -1
        std::vector<int> after;
    };
    const int most = std::numeric_limits<int>::max();
    const Case cases[] = {
        {{0, 2, 2, 5}, -1, {0, 2, 2, 5}},   {{0, 0, 0, 5}, -1, {0, 0, 0, 5}},
        {{1, 2, 2, 5}, 0, {1, 2, 2, 5}},    {{0, 3, 2, 5}, 2, {0, 3, 2, 5}},
        {{0, 6, 2, 5}, 1, {0, 0, 2, 5}},    {{0, -1, 2, 5}, 1, {0, 0, 2, 5}},
        {{0, 2, 2, 4}, 3, {0, 2, 2, 4}},    {{0, 2, 2, 6}, 3, {0, 2, 2, 0}},
        {{0, 2, most, 5}, 2, {0, 2, 0, 5}}, {{-7, 2, 3, most}, 0, {0, 2, 3, 0}},
    };
    const int bags = 3;
    for (const Case& one : cases) {
        std::vector<int> ids{1, 0, 2, 3, 1};
        auto offsets = one.offsets;
        const IdFeature feature{ids.data(), ids.data(), offsets.data(), &bags, 4, 4, 5, 0};
        const IdFeature good{ids.data(), ids.data(), nullptr, &bags, 4, 4, 0, 0};
        const auto fault = fault_of({good, feature}, 2);
        const std::string what = at("check_ids: offsets", one.offsets[1], one.offsets[2]);
        expect(fault == (one.fault < 0 ? kNoFault : 1ull << 32 | one.fault), what);
        expect(offsets == one.after, what + ": after");
    }
    std::vector<int> ids{9, 0, 2, 3, 1};
    std::vector<int> offsets{0, 1, 0, 5};
    const IdFeature both{ids.data(), ids.data(), offsets.data(), &bags, 4, 4, 5, 0};
    expect(fault_of({both}, 1) == 2, "check_ids: a feature's offsets come before its ids");
}

void check_rename_ids() {
    const std::vector<int> places{2, 0, 1, 3};
    const std::vector<int> offsets{0, 2, 2, 5};
    const int bags = 3;
    std::vector<int> ids{3, 0, 1, 2, 0, -1};
    std::vector<int> ones{1, 1, 2, -1};
    std::vector<int> kept{3, 2, 1, -1};
    const RenamedIds features[] = {{ids.data(), offsets.data(), &bags, places.data()},
                                   {ones.data(), nullptr, &bags, places.data()},
                                   {kept.data(), nullptr, &bags, nullptr}};
    emulator::launch({2, 3}, 32, 1, 0, [&] { rename_ids(features); });
    expect(ids == std::vector<int>({3, 2, 0, 1, 2, -1}), "rename_ids");
    expect(ones == std::vector<int>({0, 0, 1, -1}), "rename_ids, one id a bag");
    expect(kept == std::vector<int>({3, 2, 1, -1}), "rename_ids, a table in its own order");
}

void check_widen_ints() {
    const std::vector<int> from{7, -1, std::numeric_limits<int>::max(), 5};
    std::vector<long long> to(4, 9);
    emulator::launch({2, 1}, 1, 1, 0, [&] { widen_ints(from.data(), to.data(), 3); });
    expect(to == std::vector<long long>({7, -1, std::numeric_limits<int>::max(), 9}), "widen_ints");
}

// `launch` runs the kernel over a feature; ranges: 1, or 8 where it goes by range.
template <typename Row, typename Pooled>
void check_embedding_bag(const char* name, const std::function<void(const BagFeature*)>& launch,
                         int dim, int mean, bool one_id, int ranges) {
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
    const int shift = 3;
    const BagFeature feature{table.data(), ids.data(), one_id ? nullptr : offsets.data(), &bags,
                             pooled.data(), stride, pooled_stride, mean, shift};
    launch(&feature);

    const std::string what = std::string(name) + ", dim " + std::to_string(dim);
    for (int bag = 0; bag < bags; bag++) {
        const int first = one_id ? bag : offsets[bag];
        const int last = one_id ? bag + 1 : offsets[bag + 1];
        for (int d = 0; d < dim; d++) {
            float sum = 0;
            for (int range = 0; range < ranges; range++) {
                for (int i = first; i < last; i++) {
                    if (ranges == 1 || ids[i] >> shift == range) {
                        sum += value_of(table[static_cast<size_t>(ids[i]) * stride + d]);
                    }
                }
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
    const auto batched = [](void (*kernel)(const BagFeature*)) {
        return [kernel](const BagFeature* feature) {
            emulator::launch({2, 1}, 96, 1, 0, [&] { kernel(feature); });
        };
    };
    const auto staged = [](void (*kernel)(const BagFeature*, int)) {
        return [kernel](const BagFeature* feature) {
            emulator::launch({2, 1}, 256, 1, 0, [&] { kernel(feature, 1); });
        };
    };
#define CHECK_EMBEDDING_BAG(Row, Pooled, types, one_id)                                            \
    check_embedding_bag<Row, Pooled>(#types, batched(embedding_bag_##types), dim, mean, one_id, 1); \
    check_embedding_bag<Row, Pooled>("long " #types, batched(embedding_bag_long_##types), dim,      \
                                     mean, one_id, 1);                                              \
    check_embedding_bag<Row, Pooled>("deep " #types, batched(embedding_bag_deep_##types), dim,      \
                                     mean, one_id, 1);                                              \
    check_embedding_bag<Row, Pooled>("lines " #types, batched(embedding_bag_lines_##types), dim,    \
                                     mean, one_id, 1);                                              \
    check_embedding_bag<Row, Pooled>("range " #types, staged(embedding_bag_range_##types), dim,     \
                                     mean, one_id, 8)
    for (const int dim : {1, 4, 8, 12, 16, 20, 96, 128, 256, 500}) {
        for (int mean = 0; mean < 2; mean++) {
            CHECK_EMBEDDING_BAG(float, float, f32_f32, false);
            CHECK_EMBEDDING_BAG(__half, float, f16_f32, false);
            CHECK_EMBEDDING_BAG(__nv_bfloat16, float, bf16_f32, false);
            CHECK_EMBEDDING_BAG(float, __nv_bfloat16, f32_bf16, false);
            CHECK_EMBEDDING_BAG(__half, __nv_bfloat16, f16_bf16, true);
            CHECK_EMBEDDING_BAG(__nv_bfloat16, __nv_bfloat16, bf16_bf16, true);
        }
    }
#undef CHECK_EMBEDDING_BAG
}

}  // namespace checks
