// check_ids: unpacks the row ids of a batch to int32, or hashes values to such, and checks them and
// their offsets, before anything follows one.
//
//   features [*count]     one IdFeature a sparse feature, see below; then one a map from rows to
//                         distinct instances, whose ids are instances
//   count    [1]          number of those
//   fault    [1] uint64   set to all ones by the host before a batch. Afterwards the first fault of
//                         the first feature that has one: feature << 32 | bag for an offset that
//                         falls or lies outside its ids, else feature << 32 | 1 << 31 | position
//                         for an id outside its table. The host discards the batch
//
// A bad id becomes row 0, which every table has, and an offset past the ids becomes 0: the kernels
// that follow need no check and read no memory that is not there. One thread four ids, or an
// offset; the grid strides over them with x, and over the features with y.
#pragma once

#include <device/ptx.cuh>

#include "hash.cuh"

// Row ids of one sparse feature as they crossed to the device, 48 bytes.
struct IdFeature {
    const void* packed;  // id_bytes each, little-endian, 16-byte aligned; only 4-byte ids are
                         // signed, and those may be checked in place unless they are values
    int* ids;            // the same ids, or the values' hashes, checked; 16-byte aligned
    int* offsets;        // [*count + 1] where each bag starts in ids; null: one id a bag
    const int* count;    // [1] number of bags
    int limit;           // ids must lie in [0, limit): num_embeddings, or the number of instances
    int id_bytes;        // 1, 2, 3 or 4
    int id_count;        // where the last bag ends; not looked at where offsets is null
    int hash_rows;       // 0: there are ids; else values, whose hashes lie in [0, hash_rows)
};
static_assert(sizeof(IdFeature) == 48, "the host writes this layout");

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

// Ids 4 * group to 4 * group + 3: as many words as an id has bytes.
__device__ __forceinline__ int4 unpack_four(const void* packed, int bytes, unsigned group) {
    const unsigned* words =
        static_cast<const unsigned*>(packed) + static_cast<unsigned long long>(group) * bytes;
    const auto id = [](unsigned value) { return static_cast<int>(value); };
    switch (bytes) {
        case 1: {
            const unsigned a = words[0];
            return make_int4(id(a & 0xff), id(a >> 8 & 0xff), id(a >> 16 & 0xff), id(a >> 24));
        }
        case 2: {
            const uint2 a = *reinterpret_cast<const uint2*>(words);
            return make_int4(id(a.x & 0xffff), id(a.x >> 16), id(a.y & 0xffff), id(a.y >> 16));
        }
        case 3: {
            const unsigned a = words[0];
            const unsigned b = words[1];
            const unsigned c = words[2];
            return make_int4(id(a & 0xffffff), id(a >> 24 | (b & 0xffff) << 8),
                             id(b >> 16 | (c & 0xff) << 16), id(c >> 8));
        }
        default:
            return *reinterpret_cast<const int4*>(words);
    }
}

// What each thread does for one feature.
struct IdCheck {
    const IdFeature& feature;
    unsigned long long* fault;
    unsigned long long name;  // feature << 32

    __device__ __forceinline__ int id_of(int unpacked) const {
        return feature.hash_rows == 0 ? unpacked : row_id_of(unpacked, feature.hash_rows);
    }

    __device__ __forceinline__ int checked(int id, unsigned at) const {
        if (static_cast<unsigned>(id) < static_cast<unsigned>(feature.limit)) {
            return id;
        }
        atomicMin(fault, name | 1ull << 31 | at);
        return 0;
    }

    __device__ __forceinline__ void ids(unsigned count, unsigned thread, unsigned threads) const {
        const bool in_place = feature.packed == feature.ids;
        for (unsigned group = thread; group < count / 4; group += threads) {
            const unsigned most = static_cast<unsigned>(feature.limit);
            int4 ids = unpack_four(feature.packed, feature.id_bytes, group);
            ids = make_int4(id_of(ids.x), id_of(ids.y), id_of(ids.z), id_of(ids.w));
            const bool good =
                static_cast<unsigned>(ids.x) < most && static_cast<unsigned>(ids.y) < most &&
                static_cast<unsigned>(ids.z) < most && static_cast<unsigned>(ids.w) < most;
            if (!good) {
                ids = make_int4(checked(ids.x, 4 * group), checked(ids.y, 4 * group + 1),
                                checked(ids.z, 4 * group + 2), checked(ids.w, 4 * group + 3));
            }
            if (!good || !in_place) {
                reinterpret_cast<int4*>(feature.ids)[group] = ids;
            }
        }
        const unsigned at = count / 4 * 4 + thread;
        if (at < count) {
            const int id = id_of(unpack_id(feature.packed, feature.id_bytes, at));
            feature.ids[at] = checked(id, at);
        }
    }

    // An offset may be put to 0 while its neighbour is looked at: that neighbour's fault, if it
    // becomes one by this, comes after the fault that is told.
    __device__ __forceinline__ void offsets(unsigned bags, unsigned thread,
                                            unsigned threads) const {
        for (unsigned bag = thread; bag <= bags; bag += threads) {
            const int end = feature.offsets[bag];
            const int least = bag == 0 ? 0 : feature.offsets[bag - 1];
            const int most = bag == 0 ? 0 : feature.id_count;
            if (end < least || end > most || (bag == bags && end != feature.id_count)) {
                atomicMin(fault, name | bag);
            }
            if (end < 0 || end > feature.id_count) {
                feature.offsets[bag] = 0;
            }
        }
    }
};

extern "C" __global__ void __launch_bounds__(256)
    check_ids(const IdFeature* features, const int* count, unsigned long long* fault) {
    const unsigned thread = blockIdx.x * blockDim.x + threadIdx.x;
    const unsigned threads = gridDim.x * blockDim.x;
    const unsigned all = static_cast<unsigned>(*count);
    for (unsigned i = blockIdx.y; i < all; i += gridDim.y) {
        const IdFeature feature = features[i];
        const unsigned bags = static_cast<unsigned>(*feature.count);
        const IdCheck check{feature, fault, static_cast<unsigned long long>(i) << 32};
        if (feature.offsets == nullptr) {
            check.ids(bags, thread, threads);
        } else {
            check.offsets(bags, thread, threads);
            check.ids(static_cast<unsigned>(feature.id_count), thread, threads);
        }
    }
}
