// Windows of 3x3 that move by one over an image that lies in L1, by columns: down a vector of outputs nothing has to be
// masked, moved between vectors or put together from parts, as it is along a row. The last outputs of a row overlap the
// ones before.
#pragma once
#include "pool_ops.h"

namespace convx::CONVX_ISA {

// EDGE: the first or the last outputs of a row. Padding may lie under them, and input that no others see.
template <class T, class Op, bool EDGE>
struct Down {
    static constexpr int TAPS = 3, KEPT = Op::IDEMPOTENT ? 1 : TAPS;  // sums along rows come last, by columns or rows
    struct Row {
        vec<T> v[KEPT];
    };

    const PoolSmall<T>& p;
    const int64_t src_row, dst_row;  // which no store changes
    const int64_t ahead;             // to the rows that come next, which go to L2
    const T* src;
    T* dst;
    int64_t q, r;
    vec<T> sums[2];
    mask<T> keep[EDGE ? TAPS : 1];

    static __attribute__((always_inline)) vec<T> windows(const vec<T>* x) { return Op::of(Op::of(x[0], x[1]), x[2]); }
    __attribute__((always_inline)) Row next() {
        vec<T> x[TAPS];
        CONVX_UNROLL
        for (int i = 0; i < TAPS; ++i) {
            x[i] = load(src + i);
            if (Op::CHECKED && (EDGE || i == 0)) CONVX_HOLD(x[i]);
            if (Op::CHECKED && (i == 0 || (EDGE && i == TAPS - 1)))  // others are elements of these, or of the next
                taint<T>(sums[i ? 1 : 0], x[i]);
            if (EDGE) x[i] = keep[i] ? x[i] : splat(Op::NEUTRAL);
        }
        __builtin_prefetch(src + ahead, 0, 2);
        src += src_row;
        if constexpr (KEPT == 1) return {{windows(x)}};
        Row row;
        CONVX_UNROLL
        for (int i = 0; i < KEPT; ++i) row.v[i] = x[i];
        return row;
    }
    static __attribute__((always_inline)) Row both(const Row& a, const Row& b) {
        Row row;
        CONVX_UNROLL
        for (int i = 0; i < KEPT; ++i) row.v[i] = Op::of(a.v[i], b.v[i]);
        return row;
    }
    __attribute__((always_inline)) void put(const Row& row) {
        vec<T> v = row.v[0];
        if constexpr (KEPT > 1) v = windows(row.v);
        store(dst, Op::finish(v, p.divisor, q, r++));
        dst += dst_row;
    }
    __attribute__((always_inline)) void run() {
        Row last = next(), two = last;
        if (!p.above) {
            const Row x = next();
            two = both(last, x);
            last = x;
        }
        for (const int64_t end = p.rows - p.below; r < end;) {
            const Row x = next();
            put(both(two, x));
            two = both(last, x);
            last = x;
        }
        if (p.below) put(two);
    }
};

template <class T, class Op, bool EDGE>
__attribute__((noinline)) static void pool_column(const PoolSmall<T>& p, const T* src, T* dst, int64_t q, vec<T>& sum) {
    using Column = Down<T, Op, EDGE>;
    Column column{p, p.src_row, p.dst_row, p.rows * p.src_row, src + q, dst + q, q, 0, {}, {}};
    if (EDGE) {
        CONVX_UNROLL
        for (int i = 0; i < Column::TAPS; ++i)
            column.keep[i] = lanes_between<T>(p.from - q - i, p.to - q - i, AllLanes<T>{});
    }
    column.run();
    sum += column.sums[0] + column.sums[1];
}

template <class T, class Op>
CONVX_INLINE bool pool_down(const PoolSmall<T>& p) {
    constexpr int L = LANES<T>;
    vec<T> sum = {};
    for (int64_t n = 0; n < p.images; ++n) {
        const T* const src = p.src + n * p.src_image + p.window[0].first;
        T* const dst = p.dst + n * p.dst_image;
        for (int64_t at = 0; at < p.outputs; at += L) {
            const int64_t q = at + L <= p.outputs ? at : p.outputs - L;
            if (q < p.from || q + L == p.outputs)
                pool_column<T, Op, true>(p, src, dst, q, sum);
            else
                pool_column<T, Op, false>(p, src, dst, q, sum);
        }
    }
    return !Op::CHECKED || !is_tainted<T>(sum);
}

}  // namespace convx::CONVX_ISA
