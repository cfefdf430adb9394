// check_ids and embedding_bag, exactly.
#pragma once

#include "checks.hpp"

namespace checks {

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

}  // namespace checks
