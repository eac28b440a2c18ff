// Pooling, first half: the rows under a window become one. Lanes are neighbouring columns.
#include "pool_ops.h"

namespace convx::CONVX_ISA {
namespace {

constexpr int SIDE = 4;

// The rows of window w at column src. A CHECKED reduction looks at every element when it comes under a window first.
template <class T, class Op, int ROWS, int FRESH>
CONVX_INLINE vec<T> under(const T* src, const PoolRows<T>& p, const WindowRows& w, vec<T> (&sums)[2]) {
    if constexpr (ROWS > 0) {
        vec<T> acc;
        CONVX_UNROLL
        for (int j = 0; j < ROWS; ++j) {
            const vec<T> v = load(src + j * p.src_row);
            if (Op::CHECKED && j >= ROWS - FRESH) taint<T>(sums[j & 1], v);
            acc = j ? Op::of(acc, v) : v;
        }
        return acc;
    }
    vec<T> acc = splat(Op::NEUTRAL);
    for (int64_t t = 0; t < w.planes; ++t) {
        const T* row = src + t * p.src_plane;
        for (int64_t j = 0; j < w.rows; ++j, row += p.src_row) {
            const vec<T> v = load(row);
            if (Op::CHECKED) taint<T>(sums[0], v);
            acc = Op::of(acc, v);
        }
    }
    return acc;
}

// SIDE vectors of sums side by side: one chain of additions would wait for itself, and for half of each cache line.
template <class T, class Op, int SIDE>
CONVX_INLINE void sums_under(T* dst, const T* src, const PoolRows<T>& p, const WindowRows& w) {
    vec<T> acc[SIDE];
    CONVX_UNROLL
    for (int v = 0; v < SIDE; ++v) acc[v] = splat(Op::NEUTRAL);
    for (int64_t t = 0; t < w.planes; ++t) {
        const T* row = src + t * p.src_plane;
        for (int64_t j = 0; j < w.rows; ++j, row += p.src_row) {
            CONVX_UNROLL
            for (int v = 0; v < SIDE; ++v) acc[v] = Op::of(acc[v], load(row + v * LANES<T>));
        }
    }
    CONVX_UNROLL
    for (int v = 0; v < SIDE; ++v) store(dst + v * LANES<T>, acc[v]);
}

// A row shorter than a vector; where the vector would end behind the input, through a copy.
template <class T, class Op>
CONVX_INLINE vec<T> few_under(const T* src, const PoolRows<T>& p, const WindowRows& w, vec<T> (&sums)[2]) {
    constexpr int L = LANES<T>;
    vec<T> acc = splat(Op::NEUTRAL);
    for (int64_t t = 0; t < w.planes; ++t) {
        const T* row = src + t * p.src_plane;
        for (int64_t j = 0; j < w.rows; ++j, row += p.src_row) {
            vec<T> v;
            if (p.src_end - row >= L) {
                v = load(row);
            } else {
                T few[L] = {};
                copy_few(few, row, p.count);
                v = load(few);
            }
            if (Op::CHECKED) taint<T>(sums[0], v);
            acc = Op::of(acc, v);
        }
    }
    return acc;
}

template <class T, class Op, int ROWS, int FRESH>
CONVX_INLINE void long_row(T* dst, const T* src, const PoolRows<T>& p, const WindowRows& w, vec<T> (&sums)[2]) {
    constexpr int L = LANES<T>;
    int64_t i = 0;
    if constexpr (ROWS == 0 && !Op::IDEMPOTENT && sizeof(T) == 4)  // of rare types less code

        for (; i + SIDE * L <= p.count; i += SIDE * L) sums_under<T, Op, SIDE>(dst + i, src + i, p, w);
    for (; i + L <= p.count; i += L) store(dst + i, under<T, Op, ROWS, FRESH>(src + i, p, w, sums));
    i = p.count - L;  // overlaps the last one
    if (p.count % L) store(dst + i, under<T, Op, ROWS, FRESH>(src + i, p, w, sums));
}

template <class T, class Op>
CONVX_INLINE void by_rows(T* dst, const T* src, const PoolRows<T>& p, const WindowRows& w, vec<T> (&sums)[2]) {
    const int64_t rows = w.planes == 1 ? w.rows : 0;
    const bool all = Op::CHECKED && w.fresh > 1;
    if (rows == 1) return long_row<T, Op, 1, 1>(dst, src, p, w, sums);
    if (rows == 2)
        return all ? long_row<T, Op, 2, 2>(dst, src, p, w, sums) : long_row<T, Op, 2, 1>(dst, src, p, w, sums);
    if (rows == 3) {
        if (all && w.fresh > 2) return long_row<T, Op, 3, 3>(dst, src, p, w, sums);
        return all ? long_row<T, Op, 3, 2>(dst, src, p, w, sums) : long_row<T, Op, 3, 1>(dst, src, p, w, sums);
    }
    long_row<T, Op, 0, 0>(dst, src, p, w, sums);
}

template <class T, class Op>
CONVX_INLINE void short_row(T* dst, const T* src, const PoolRows<T>& p, const WindowRows& w, vec<T> (&sums)[2],
                            mask<T> keep) {
    const vec<T> v = keep ? few_under<T, Op>(src, p, w, sums) : splat(Op::NEUTRAL);
    if (p.dst_end - dst >= LANES<T>) return store(dst, v);
    T few[LANES<T>];
    store(few, v);
    copy_few(dst, few, p.count);
}

}  // namespace

template <class T, class Op>
bool Pool<T, Op>::pool_rows(const PoolRows<T>& p) {
    constexpr int L = LANES<T>;
    vec<T> sums[2] = {};
    const mask<T> keep = lanes_between<T>(0, p.count < L ? p.count : L, AllLanes<T>{});
    T* dst = p.dst;
    for (int64_t n = 0; n < p.images; ++n) {
        const T* image = p.src + n * p.src_image;
        for (int64_t r = 0; r < p.rows; ++r, dst += p.dst_row) {
            const WindowRows& w = p.window[r];
            if (p.count < L)
                short_row<T, Op>(dst, image + w.first, p, w, sums, keep);
            else
                by_rows<T, Op>(dst, image + w.first, p, w, sums);
        }
    }
    return !Op::CHECKED || !is_tainted<T>(sums[0] + sums[1]);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
