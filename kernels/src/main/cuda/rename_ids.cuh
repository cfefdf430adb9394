// rename_ids: puts in the place of each row id where that row lies in a table whose rows are ordered
// anew, the frequent ones first.
//
//   features [gridDim.y]  one RenamedIds a sparse feature, see below
//
// check_ids comes before. A thread takes an id; the grid strides over them with x.
#pragma once

// The ids of one sparse feature, 32 bytes.
struct RenamedIds {
    int* ids;            // [offsets[*count]] row ids that check_ids let pass
    const int* offsets;  // [*count + 1]; null: one id a bag
    const int* count;    // [1] number of bags
    const int* places;   // [num_embeddings] where each row lies; null: all where they were
};
static_assert(sizeof(RenamedIds) == 32, "the host writes this layout");

extern "C" __global__ void __launch_bounds__(256) rename_ids(const RenamedIds* features) {
    const RenamedIds& feature = features[blockIdx.y];
    if (feature.places == nullptr) {
        return;
    }
    const int bags = *feature.count;
    const unsigned ids =
        static_cast<unsigned>(feature.offsets == nullptr ? bags : feature.offsets[bags]);
    for (unsigned at = blockIdx.x * blockDim.x + threadIdx.x; at < ids;
         at += gridDim.x * blockDim.x) {
        feature.ids[at] = __ldg(feature.places + feature.ids[at]);
    }
}
