// Small windows of an image that lies in L1, by columns: down a vector of outputs nothing has to be masked, moved
// between vectors or put together from parts, as it is along a row. The last outputs of a row overlap the ones before.
#pragma once
#include "every.h"
#include "pool_ops.h"

namespace convx::CONVX_ISA {

// EDGE: the first or the last outputs of a row. Padding may lie under them, and input that no others see.
template <class T, class Op, int TAPS, int S, bool EDGE>
struct Down {
    static constexpr int L = LANES<T>, LOADS = S == 1 ? 3 : TAPS == 2 ? 2 : 4;
    static constexpr int KEPT = Op::IDEMPOTENT ? 1 : LOADS;  // sums along rows come last, whichever way they are made
    using All = AllLanes<T>;
    struct Row {
        vec<T> v[KEPT];
    };

    const PoolSmall<T>& p;
    const int64_t src_row, dst_row;  // which no store changes
    const int64_t ahead;             // to the rows that come next, which go to L2
    const T* src;
    T* dst;
    int64_t q, r;
    vec<T> sums[3];
    mask<T> keep[EDGE ? LOADS : 1];

    // The first tap of load i, in columns from the first tap of the first output on.
    static constexpr int64_t place(int i) { return S == 1 ? i : i / 2 + i % 2 * L; }

    // Elements of the other loads are those of these, or of the next outputs'.
    static constexpr bool is_checked(int i) { return i == 0 || (S == 2 && i == 1) || (EDGE && i == LOADS - 1); }

    static __attribute__((always_inline)) vec<T> windows(const vec<T>* x) {
        if constexpr (S == 1) return Op::of(Op::of(x[0], x[1]), x[2]);
        const vec<T> two = Op::of(second_by_halves<0, T>(x[0], x[1], All{}), second_by_halves<1, T>(x[0], x[1], All{}));
        if constexpr (TAPS == 2) return two;
        return Op::of(two, second_by_halves<1, T>(x[2], x[3], All{}));
    }
    __attribute__((always_inline)) Row next() {
        vec<T> x[LOADS];
        CONVX_UNROLL
        for (int i = 0; i < LOADS; ++i) {
            x[i] = load(src + place(i));
            if (Op::CHECKED && EDGE) CONVX_HOLD(x[i]);
            if (Op::CHECKED && is_checked(i)) taint<T>(sums[i < 2 ? i : 2], x[i]);
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
        if (S == 2) v = in_order<T>(v, All{});
        store(dst, Op::finish(v, p.divisor, q, r++));
        dst += dst_row;
    }
    __attribute__((always_inline)) void run() {
        const int64_t end = p.rows - p.below;
        if constexpr (S == 1) {
            Row last = next(), two = last;
            if (!p.above) {
                const Row x = next();
                two = both(last, x);
                last = x;
            }
            while (r < end) {
                const Row x = next();
                put(both(two, x));
                two = both(last, x);
                last = x;
            }
            if (p.below) put(two);
        } else if constexpr (TAPS == 3) {
            Row last = next();
            if (p.above) {
                const Row x = next();
                put(both(last, x));
                last = x;
            }
            while (r < end) {
                const Row two = both(last, next());
                last = next();
                put(both(two, last));
            }
            if (p.below) put(both(last, next()));
        } else {
            if (p.above) put(next());
            while (r < end) {
                const Row x = next();
                put(both(x, next()));
            }
            if (p.below) put(next());
        }
    }
};

template <class T, class Op, int TAPS, int S, bool EDGE>
__attribute__((noinline)) static void pool_column(const PoolSmall<T>& p, const T* src, T* dst, int64_t q, vec<T>& sum) {
    using Column = Down<T, Op, TAPS, S, EDGE>;
    Column column{p, p.src_row, p.dst_row, p.rows * S * p.src_row, src + S * q, dst + q, q, 0, {}, {}};
    if (EDGE) {
        CONVX_UNROLL
        for (int i = 0; i < Column::LOADS; ++i) {
            const int64_t first = S * q + Column::place(i);
            column.keep[i] = lanes_between<T>(p.from - first, p.to - first, AllLanes<T>{});
        }
    }
    column.run();
    sum += column.sums[0] + column.sums[1] + column.sums[2];
}

template <class T, class Op, int TAPS, int S>
CONVX_INLINE bool pool_down(const PoolSmall<T>& p) {
    constexpr int L = LANES<T>;
    vec<T> sum = {};
    for (int64_t n = 0; n < p.images; ++n) {
        const T* const src = p.src + n * p.src_image + p.window[0].first;
        T* const dst = p.dst + n * p.dst_image;
        for (int64_t at = 0; at < p.outputs; at += L) {
            const int64_t q = at + L <= p.outputs ? at : p.outputs - L;
            if (S * q < p.from || q + L == p.outputs)
                pool_column<T, Op, TAPS, S, true>(p, src, dst, q, sum);
            else
                pool_column<T, Op, TAPS, S, false>(p, src, dst, q, sum);
        }
    }
    return !Op::CHECKED || !is_tainted<T>(sum);
}

}  // namespace convx::CONVX_ISA
