// How a thread walks a bag: which rows it has asked for before it adds one. Each policy adds the
// rows in their order, so all give the same bits, for bags of any length.
//
//   InOrder            asks for a row when its turn comes; what more is in flight is up to nvcc
//   IntoRegisters<D>   asks for D rows, then adds those D
//   ByHalves<D>        asks for D rows, then adds those; at a bag's end for D/2, D/4, ...
//   InBatches<D>       asks for D rows, then adds those; for ids that lie in shared memory
//   IntoShared<D>      copies asynchronously to a ring in shared memory, D rows ahead
//   IntoLocal<D>       parks the next D rows in local memory while it adds the D before them
//   IntoL1<D>          asks for the row D places ahead to be brought to L1, and loads in order
//
// The distances D are powers of two. IntoRegisters and InBatches, IntoShared, IntoLocal and IntoL1 are
// RPF, SMPF, LMPF and L1DPF of arXiv 2410.22249.
//
// Where the rows lie is told by a Rows:
//   Raw               what the thread has of a row
//   kIdsALoad         ids that one load may bring: 1, or 4 where they are int
//   ids, id(at)       the row ids, and the one at a place
//   row(id)           where the thread's part of that row lies, if it is in one place
//   load(id)          the thread's part of that row
//   add(sum, raw, at) adds it; at is the id's place
#pragma once

#include "row_piece.cuh"

struct InOrder {
    template <typename Rows, typename Id, int kValues>
    static __device__ __forceinline__ void add(float (&sum)[kValues], const Rows& rows, Id first,
                                               Id last) {
        for (Id at = first; at < last; at++) {
            rows.add(sum, rows.load(rows.id(at)), at);
        }
    }
};

template <int kDistance>
struct IntoRegisters {
    static constexpr int kFew = 3;  // ids of a bag that is not worth a batch

    template <typename Rows, typename Id, int kValues>
    static __device__ __forceinline__ void add(float (&sum)[kValues], const Rows& rows, Id first,
                                               Id last) {
        if (last - first <= kFew) {
            InOrder::add(sum, rows, first, last);
            return;
        }
        // Batches begin where several ids can be loaded at once, which may be before the bag.
        Id at = first;
        if constexpr (kTogether<Rows> > 1) {
            at -= static_cast<Id>(reinterpret_cast<unsigned long long>(rows.ids + first) /
                                  sizeof(Id) % kTogether<Rows>);
        }
        Id ids[kDistance];
        load_ids(ids, rows, at, first, last);
#pragma unroll 1
        while (at < last) {
            typename Rows::Raw raw[kDistance];
            const Id next = at + kDistance;
            if (at >= first && next <= last) {
#pragma unroll
                for (int i = 0; i < kDistance; i++) {
                    raw[i] = rows.load(ids[i]);
                }
                if (next < last) {
                    load_ids(ids, rows, next, first, last);
                }
#pragma unroll
                for (int i = 0; i < kDistance; i++) {
                    rows.add(sum, raw[i], at + i);
                }
            } else {  // the bag begins or ends within this batch
#pragma unroll
                for (int i = 0; i < kDistance; i++) {
                    if (at + i >= first && at + i < last) {
                        raw[i] = rows.load(ids[i]);
                    }
                }
                if (next < last) {
                    load_ids(ids, rows, next, first, last);
                }
#pragma unroll
                for (int i = 0; i < kDistance; i++) {
                    if (at + i >= first && at + i < last) {
                        rows.add(sum, raw[i], at + i);
                    }
                }
            }
            at = next;
        }
    }

  private:
    template <typename Rows>
    static constexpr int kTogether = Rows::kIdsALoad < kDistance ? Rows::kIdsALoad : kDistance;

    // The ids of a batch; places outside of the bag get any of its ids.
    template <typename Rows, typename Id>
    static __device__ __forceinline__ void load_ids(Id (&ids)[kDistance], const Rows& rows, Id at,
                                                    Id first, Id last) {
        if (at >= first && at + kDistance <= last) {
#pragma unroll
            for (int i = 0; i < kDistance; i += kTogether<Rows>) {
                if constexpr (kTogether<Rows> == 4) {
                    const int4 four = __ldg(reinterpret_cast<const int4*>(rows.ids + at + i));
                    ids[i] = four.x;
                    ids[i + 1] = four.y;
                    ids[i + 2] = four.z;
                    ids[i + 3] = four.w;
                } else if constexpr (kTogether<Rows> == 2) {
                    const int2 two = __ldg(reinterpret_cast<const int2*>(rows.ids + at + i));
                    ids[i] = two.x;
                    ids[i + 1] = two.y;
                } else {
                    ids[i] = rows.id(at + i);
                }
            }
        } else {
#pragma unroll
            for (int i = 0; i < kDistance; i++) {
                const Id from = at + i < first ? first : at + i;
                ids[i] = rows.id(from < last ? from : last - 1);
            }
        }
    }
};

template <int kDistance>
struct ByHalves {
    template <typename Rows, typename Id, int kValues>
    static __device__ __forceinline__ void add(float (&sum)[kValues], const Rows& rows, Id first,
                                               Id last) {
        Id at = first;
#pragma unroll 1
        while (at + kDistance <= last) {
            add_next<kDistance>(sum, rows, at);
        }
        add_rest<kDistance>(sum, rows, at, last);
    }

  private:
    template <int kCount, typename Rows, typename Id, int kValues>
    static __device__ __forceinline__ void add_next(float (&sum)[kValues], const Rows& rows,
                                                    Id& at) {
        typename Rows::Raw raw[kCount];
#pragma unroll
        for (int i = 0; i < kCount; i++) {
            raw[i] = rows.load(rows.id(at + i));
        }
#pragma unroll
        for (int i = 0; i < kCount; i++) {
            rows.add(sum, raw[i], at + i);
        }
        at += kCount;
    }

    // Adds the fewer than kCount rows that are left: half of kCount, a quarter, ...
    template <int kCount, typename Rows, typename Id, int kValues>
    static __device__ __forceinline__ void add_rest(float (&sum)[kValues], const Rows& rows,
                                                    Id& at, Id last) {
        if constexpr (kCount > 1) {
            if (at + kCount / 2 <= last) {
                add_next<kCount / 2>(sum, rows, at);
            }
            add_rest<kCount / 2>(sum, rows, at, last);
        }
    }
};

template <int kDistance>
struct InBatches {
    // The id at `first` lies on a boundary of 16 bytes.
    template <typename Rows, typename Id, int kValues>
    static __device__ __forceinline__ void add(float (&sum)[kValues], const Rows& rows, Id first,
                                               Id last) {
#pragma unroll 1
        for (Id at = first; at < last; at += kDistance) {
            typename Rows::Raw raw[kDistance];
            if (at + kDistance <= last) {
#pragma unroll
                for (int i = 0; i < kDistance; i += 4) {
                    const int4 four = *reinterpret_cast<const int4*>(rows.ids + at + i);
                    raw[i] = rows.load(four.x);
                    raw[i + 1] = rows.load(four.y);
                    raw[i + 2] = rows.load(four.z);
                    raw[i + 3] = rows.load(four.w);
                }
#pragma unroll
                for (int i = 0; i < kDistance; i++) {
                    rows.add(sum, raw[i], at + i);
                }
            } else {
#pragma unroll
                for (int i = 0; i < kDistance; i++) {
                    if (at + i < last) {
                        raw[i] = rows.load(rows.id(at + i));
                    }
                }
#pragma unroll
                for (int i = 0; i < kDistance; i++) {
                    if (at + i < last) {
                        rows.add(sum, raw[i], at + i);
                    }
                }
            }
        }
    }
};

template <int kDistance>
struct IntoShared {
    static constexpr int kMostThreads = 256;

    template <typename Rows, typename Id, int kValues>
    static __device__ __forceinline__ void add(float (&sum)[kValues], const Rows& rows, Id first,
                                               Id last) {
        using Raw = typename Rows::Raw;
        __shared__ Raw ring[kDistance][kMostThreads];  // a thread sees its own column only
        Raw* const mine = &ring[0][threadIdx.y * blockDim.x + threadIdx.x];
#pragma unroll
        for (int i = 0; i < kDistance; i++) {
            if (first + i < last) {
                copy_async<sizeof(Raw)>(mine + i * kMostThreads, rows.row(rows.id(first + i)));
            }
            commit_copies();
        }
        int slot = 0;
#pragma unroll 1
        for (Id at = first; at < last; at++) {
            wait_copies<kDistance - 1>();
            rows.add(sum, mine[slot * kMostThreads], at);
            if (at + kDistance < last) {
                copy_async<sizeof(Raw)>(mine + slot * kMostThreads,
                                        rows.row(rows.id(at + kDistance)));
            }
            commit_copies();
            slot = (slot + 1) % kDistance;
        }
        wait_copies<0>();
    }
};

template <int kDistance>
struct IntoLocal {
    // A row's slot is its id's place, modulo kSlots: nvcc cannot know it and so keeps no register.
    static constexpr int kSlots = 32;
    static_assert(2 * kDistance <= kSlots);

    template <typename Rows, typename Id, int kValues>
    static __device__ __forceinline__ void add(float (&sum)[kValues], const Rows& rows, Id first,
                                               Id last) {
        typename Rows::Raw parked[kSlots];
        park(parked, rows, first, last);
#pragma unroll 1
        for (Id at = first; at < last; at += kDistance) {
            park(parked, rows, at + kDistance, last);
#pragma unroll
            for (int i = 0; i < kDistance; i++) {
                if (at + i < last) {
                    typename Rows::Raw raw;
                    load_local(raw, parked + (at + i) % kSlots);
                    rows.add(sum, raw, at + i);
                }
            }
        }
    }

  private:
    // Parks the rows of up to kDistance ids.
    template <typename Rows, typename Id>
    static __device__ __forceinline__ void park(typename Rows::Raw* parked, const Rows& rows,
                                                Id at, Id last) {
        typename Rows::Raw raw[kDistance];
#pragma unroll
        for (int i = 0; i < kDistance; i++) {
            if (at + i < last) {
                raw[i] = rows.load(rows.id(at + i));
            }
        }
#pragma unroll
        for (int i = 0; i < kDistance; i++) {
            if (at + i < last) {
                store_local(parked + (at + i) % kSlots, raw[i]);
            }
        }
    }
};

template <int kDistance>
struct IntoL1 {
    template <typename Rows, typename Id, int kValues>
    static __device__ __forceinline__ void add(float (&sum)[kValues], const Rows& rows, Id first,
                                               Id last) {
#pragma unroll
        for (int i = 0; i < kDistance; i++) {
            if (first + i < last) {
                prefetch_to_l1(rows.row(rows.id(first + i)));
            }
        }
        for (Id at = first; at < last; at++) {
            if (at + kDistance < last) {
                prefetch_to_l1(rows.row(rows.id(at + kDistance)));
            }
            rows.add(sum, rows.load(rows.id(at)), at);
        }
    }
};
