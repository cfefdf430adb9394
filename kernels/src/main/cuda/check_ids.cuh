// check_ids: unpacks the row ids of a batch to int32 and checks them, before anything follows one.
//
//   features [gridDim.y]  one IdFeature a sparse feature, see below
//   bad_id   [1] uint64   set to all ones by the host before a batch. Afterwards, if any id lies
//                         outside its table, (feature << 32 | position in packed) of the first one
//                         of the first such feature; the host discards the batch
//
// A bad id becomes row 0, which every table has: the kernels that follow need no check and read no
// memory that is not there. One thread an id (four in place), the grid strides; blockIdx.y is the feature.
#pragma once

#include <device/ptx.cuh>

// Row ids of one sparse feature as they crossed to the device, 40 bytes.
struct IdFeature {
    const void* packed;  // id_bytes each, little-endian; only 4-byte ids are signed
    int* ids;            // the same ids, checked; 16-byte aligned. Packed itself is checked in
                         // place, four ids a load, when id_bytes is 4
    const int* offsets;  // [*count + 1] where each bag starts in ids; null: one id a bag
    const int* count;    // [1] number of bags
    int num_embeddings;  // ids must lie in [0, num_embeddings)
    int id_bytes;        // 1, 2, 3 or 4
};
static_assert(sizeof(IdFeature) == 40, "the host writes this layout");

__device__ __forceinline__ int unpack_id(const void* packed, int bytes, unsigned at) {
    const unsigned char* narrow = static_cast<const unsigned char*>(packed);
    switch (bytes) {
        case 1:
            return narrow[at];
        case 2:
            return static_cast<const unsigned short*>(packed)[at];
        case 3:
            narrow += static_cast<unsigned long long>(at) * 3;
            return narrow[0] | narrow[1] << 8 | narrow[2] << 16;
        default:
            return static_cast<const int*>(packed)[at];
    }
}

// Returns the id, or 0 and says so where it lies outside its table.
__device__ __forceinline__ int checked_id(const IdFeature& feature, int id, unsigned at,
                                          unsigned long long* bad_id) {
    if (id >= 0 && id < feature.num_embeddings) {
        return id;
    }
    atomicMin(bad_id, static_cast<unsigned long long>(blockIdx.y) << 32 | at);
    return 0;
}

extern "C" __global__ void __launch_bounds__(256)
    check_ids(const IdFeature* features, unsigned long long* bad_id) {
    const IdFeature feature = features[blockIdx.y];
    const int bags = *feature.count;
    const unsigned count =
        static_cast<unsigned>(feature.offsets == nullptr ? bags : feature.offsets[bags]);
    const unsigned thread = blockIdx.x * blockDim.x + threadIdx.x;
    const unsigned threads = gridDim.x * blockDim.x;
    unsigned first = 0;  // of the ids that go one by one
    if (feature.packed == feature.ids) {
        first = count / 4 * 4;
        for (unsigned at = thread * 4; at < first; at += threads * 4) {
            const int4 ids = *reinterpret_cast<const int4*>(feature.ids + at);
            const unsigned most = static_cast<unsigned>(feature.num_embeddings);
            if (static_cast<unsigned>(ids.x) >= most || static_cast<unsigned>(ids.y) >= most ||
                static_cast<unsigned>(ids.z) >= most || static_cast<unsigned>(ids.w) >= most) {
                for (unsigned i = at; i < at + 4; i++) {
                    feature.ids[i] = checked_id(feature, feature.ids[i], i, bad_id);
                }
            }
        }
    }
    for (unsigned at = first + thread; at < count; at += threads) {
        feature.ids[at] =
            checked_id(feature, unpack_id(feature.packed, feature.id_bytes, at), at, bad_id);
    }
}
