// embedding_bag_one_table: pools the bags of one table as PyTorch 2.1's embedding_bag does, which
// arXiv 2410.22249 starts from. It is here to be compared with.
//
// What makes that kernel what it is, is kept: the block is 32 x 8, a thread makes one element of a
// pooled vector, threadIdx.x counts elements, threadIdx.y pieces of 32 of them, and the grid
// strides over all pieces of all bags; ids, offsets and strides have eight bytes; each id is
// asserted to be in the table where it is used; padding, weights of samples, the mean and the bag
// of each id are asked for at run time; tables are launched one after another.
#pragma once

#include "prefetch.cuh"

// One table's bags, 128 bytes.
template <typename Row>
struct OneTable {
    const Row* table;              // [num_embeddings, dim]
    const long long* ids;          // [offsets[bags]] row ids
    const long long* offsets;      // [bags + 1] where each bag starts in ids
    float* pooled;                 // [bags, dim]
    const float* sample_weights;   // [offsets[bags]]; null: 1
    long long* bag_of_id;          // [offsets[bags]] gets each id's bag; or null
    long long* lengths;            // [bags] gets each bag's ids that are not padding; or null
    long long num_embeddings;
    long long dim;
    long long row_stride;          // elements from a row to the next
    long long element_stride;      // and from an element to the next
    long long bags;
    long long padding;             // an id that adds nothing; -1: none
    long long mean;                // 0: sum; 1: mean
};
static_assert(sizeof(OneTable<float>) == 112, "the host writes this layout");

// A bag's rows as a thread sees them that makes one element.
template <typename Row>
struct ElementsOfRows {
    using Raw = Row;
    static constexpr int kIdsALoad = 1;

    const OneTable<Row>& from;
    const Row* element;  // of the first row
    const long long* ids;
    long long bag;
    long long& length;

    __device__ __forceinline__ long long id(long long at) const { return __ldg(ids + at); }

    __device__ __forceinline__ const Row* row(long long id) const {
        assert(static_cast<unsigned long long>(id) <
               static_cast<unsigned long long>(from.num_embeddings));
        return element + id * from.row_stride;
    }

    __device__ __forceinline__ Row load(long long id) const { return __ldg(row(id)); }

    __device__ __forceinline__ void add(float (&sum)[1], Row raw, long long at) const {
        const bool padding = id(at) == from.padding;
        const float value = padding ? 0.0f : static_cast<float>(raw);
        if (from.sample_weights != nullptr) {
            sum[0] += value * __ldg(from.sample_weights + at);
        } else {
            sum[0] += value;
        }
        length += padding ? 0 : 1;
        if (from.bag_of_id != nullptr) {
            from.bag_of_id[at] = bag;
        }
    }
};

template <typename Row, typename Prefetch>
__device__ __forceinline__ void embedding_bag_one_table(const OneTable<Row>& from) {
    const long long chunks = (from.dim + 31) / 32;  // of a pooled vector
    for (long long chunk = blockIdx.x * blockDim.y + threadIdx.y; chunk < from.bags * chunks;
         chunk += gridDim.x * blockDim.y) {
        const long long element = chunk % chunks * 32 + threadIdx.x;
        if (element < from.dim) {
            const long long bag = chunk / chunks;
            long long length = 0;
            float sum[1] = {};
            const ElementsOfRows<Row> rows{from, from.table + element * from.element_stride,
                                           from.ids, bag, length};
            Prefetch::add(sum, rows, __ldg(from.offsets + bag), __ldg(from.offsets + bag + 1));
            if (from.mean && length > 0) {
                sum[0] /= static_cast<float>(length);
            }
            if (from.lengths != nullptr) {
                from.lengths[bag] = length;
            }
            from.pooled[bag * from.dim + element] = sum[0];
        }
    }
}
