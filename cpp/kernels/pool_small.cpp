// Small windows in registers: rows, then columns, with nothing stored in between.
#include "every.h"
#include "pool_down.h"

namespace convx::CONVX_ISA {
namespace {

// What the rows of one call share. ONE_VECTOR: a row is one vector of input and one of output.
template <class T>
struct Edges {
    int64_t vectors;      // of a row, the others are neutral
    mask<T> first, last;  // lanes of the first and of the last vector that hold input
};

template <class T>
CONVX_INLINE Edges<T> edges_of(const PoolSmall<T>& p) {
    using All = AllLanes<T>;
    const int64_t vectors = (p.to + LANES<T> - 1) / LANES<T>, start = (vectors - 1) * LANES<T>;
    return {vectors, lanes_between<T>(p.from, p.to, All{}), lanes_between<T>(p.from - start, p.to - start, All{})};
}

// What lies `ahead` of VECS vectors of each of some rows.
template <class T, int ROWS, int VECS>
CONVX_INLINE void fetch(const T* src, int64_t src_row, int64_t ahead) {
    constexpr int LINE = 64, LINES = VECS * VECTOR_BYTES > LINE ? VECS * VECTOR_BYTES / LINE : 1;
    if (!ahead) return;
    CONVX_UNROLL
    for (int j = 0; j < ROWS; ++j) {
        CONVX_UNROLL
        for (int i = 0; i < LINES; ++i)
            __builtin_prefetch(src + j * src_row + ahead + i * int64_t(LINE / sizeof(T)), 0, 2);
    }
}

// Vector m of the rows under OUT rows of windows, S rows apart, each reduced to one. The rows that the windows before
// saw are not checked again.
template <class T, class Op, int ROWS, int OUT, int S, bool ONE_VECTOR>
CONVX_INLINE void rows_at(vec<T> (&v)[OUT], const PoolSmall<T>& p, const T* src, int64_t m, const Edges<T>& edges,
                          vec<T> (&sums)[2]) {
    constexpr int ALL = ROWS + (OUT - 1) * S, SEEN = OUT > 1 && ROWS > S ? ROWS - S : 0;
    if (m >= (ONE_VECTOR ? 1 : edges.vectors)) {
        CONVX_UNROLL
        for (int n = 0; n < OUT; ++n) v[n] = splat(Op::NEUTRAL);
        return;
    }
    vec<T> row[ALL];
    CONVX_UNROLL
    for (int j = 0; j < ALL; ++j) {
        row[j] = load(src + j * p.src_row + m * LANES<T>);
        if (Op::CHECKED && j >= SEEN) taint<T>(sums[j & 1], row[j]);
    }
    if constexpr (Op::CHECKED && OUT == 2 && ROWS == 3 && S == 1) {  // two maxima share the rows in the middle
        const vec<T> middle = Op::of(row[1], row[2]);
        v[0] = Op::of(row[0], middle);
        v[1] = Op::of(middle, row[3]);
    } else {
        CONVX_UNROLL
        for (int n = 0; n < OUT; ++n) {
            v[n] = row[n * S];
            CONVX_UNROLL
            for (int j = 1; j < ROWS; ++j) v[n] = Op::of(v[n], row[n * S + j]);
        }
    }
    if (!ONE_VECTOR && m > 0 && m + 1 < edges.vectors) return;
    const mask<T> keep = m == 0 ? edges.first : edges.last;
    CONVX_UNROLL
    for (int n = 0; n < OUT; ++n) v[n] = keep ? v[n] : splat(Op::NEUTRAL);
}

// Vector m of an output row. It may run over the row's end, as what lies behind is stored later.
template <class T>
CONVX_INLINE void put(const PoolSmall<T>& p, T* dst, int64_t m, vec<T> v) {
    constexpr int L = LANES<T>;
    const int64_t q = m * L;
    dst += q;
    if (q + L <= p.outputs || p.dst_end - dst >= L) return store(dst, v);
    T few[L];
    store(few, v);
    copy_few(dst, few, p.outputs - q);
}

// OUT rows of windows from r on.
template <class T, class Op, int TAPS, int S, bool ONE_VECTOR, int ROWS, int OUT>
CONVX_INLINE void some_rows(const PoolSmall<T>& p, const T* src, T* dst, int64_t r, const Edges<T>& edges,
                            vec<T> (&sums)[2]) {
    using All = AllLanes<T>;
    const int64_t vectors = ONE_VECTOR ? 1 : (p.outputs + LANES<T> - 1) / LANES<T>;
    vec<T> a[OUT], b[OUT], even[OUT], odd[OUT], first[OUT];
    rows_at<T, Op, ROWS, OUT, S, ONE_VECTOR>(a, p, src, 0, edges, sums);
    if (S == 2) {
        rows_at<T, Op, ROWS, OUT, S, ONE_VECTOR>(b, p, src, 1, edges, sums);
        CONVX_UNROLL
        for (int n = 0; n < OUT; ++n) {
            even[n] = every_second<0, T, LANES<T>>(a[n], b[n], All{});
            odd[n] = every_second<1, T, LANES<T>>(a[n], b[n], All{});
        }
    }
    const int64_t ahead = p.ahead;  // which no store changes
    for (int64_t m = 0; m < vectors; ++m) {
        if (ROWS == 3 && !ONE_VECTOR && !Op::SECOND) fetch<T, S * OUT, S>(src + m * S * LANES<T>, p.src_row, ahead);
        if (S == 1) {
            rows_at<T, Op, ROWS, OUT, S, ONE_VECTOR>(b, p, src, m + 1, edges, sums);
        } else if (TAPS == 3 || m + 1 < vectors) {
            rows_at<T, Op, ROWS, OUT, S, ONE_VECTOR>(a, p, src, 2 * m + 2, edges, sums);
            rows_at<T, Op, ROWS, OUT, S, ONE_VECTOR>(b, p, src, 2 * m + 3, edges, sums);
        }
        CONVX_UNROLL
        for (int n = 0; n < OUT; ++n) {
            vec<T> v;
            if (S == 1) {
                v = Op::of(Op::of(a[n], moved_down<1, T>(a[n], b[n], All{})), moved_down<2, T>(a[n], b[n], All{}));
                a[n] = b[n];
            } else {
                v = Op::of(even[n], odd[n]);
                const vec<T> next = every_second<0, T, LANES<T>>(a[n], b[n], All{});
                if (TAPS == 3) v = Op::of(v, moved_down<1, T>(even[n], next, All{}));
                even[n] = next;
                odd[n] = every_second<1, T, LANES<T>>(a[n], b[n], All{});
            }
            v = Op::finish(v, p.divisor, m * LANES<T>, r + n);
            if (n > 0 && m == 0)
                first[n] = v;  // until the row before has run over its end
            else
                put(p, dst + n * p.dst_row, m, v);
        }
    }
    CONVX_UNROLL
    for (int n = 1; n < OUT; ++n) put(p, dst + n * p.dst_row, 0, first[n]);
}

// Windows of two by two, none of which meets padding: each vector by itself, the last of a row overlaps the one before.
template <class T, class Op>
CONVX_INLINE void pairs_row(const PoolSmall<T>& p, const T* src, T* dst, int64_t r, vec<T> (&sums)[2]) {
    constexpr int L = LANES<T>;
    using All = AllLanes<T>;
    const T* const below = src + p.src_row;
    const int64_t ahead = p.ahead, outputs = p.outputs;  // which no store changes
    vec<T> more[2] = {};
    for (int64_t at = 0; at < outputs; at += L) {
        const int64_t q = at + L <= outputs ? at : outputs - L;
        fetch<T, 2, 2>(src + 2 * q, p.src_row, ahead);
        vec<T> v[2];
        CONVX_UNROLL
        for (int i = 0; i < 2; ++i) {
            vec<T> x = load(src + 2 * q + i * L), y = load(below + 2 * q + i * L);
            if (Op::CHECKED) {
                CONVX_HOLD(x);
                CONVX_HOLD(y);
                taint<T>(sums[i], x);
                taint<T>(more[i], y);
            }
            v[i] = Op::of(x, y);
        }
        vec<T> two = Op::of(by_halves<0, T>(v[0], v[1], All{}), by_halves<1, T>(v[0], v[1], All{}));
        if (BY_HALVES<T>) two = in_order<T>(two, All{});
        store(dst + q, Op::finish(two, p.divisor, q, r));
    }
    CONVX_UNROLL
    for (int i = 0; i < 2; ++i) sums[i] += more[i];
}

template <class T, class Op, int TAPS, int S, bool ONE_VECTOR>
CONVX_INLINE void one_image(const PoolSmall<T>& p, const T* src, T* dst, const Edges<T>& edges, vec<T> (&sums)[2]) {
    const bool share = p.stride_h == S, whole = p.from == 0 && 2 * p.outputs <= p.to && LANES<T> <= p.outputs;
    for (int64_t r = 0; r < p.rows;) {
        const WindowRows& w = p.window[r];
        const T* x = src + w.first;
        T* y = dst + r * p.dst_row;
        if constexpr (TAPS == 3) {
            if (share && r > 0 && r + 1 < p.rows && w.rows == 3 && p.window[r + 1].rows == 3) {
                some_rows<T, Op, TAPS, S, ONE_VECTOR, 3, 2>(p, x, y, r, edges, sums);
                r += 2;
                continue;
            }
        }
        if constexpr (TAPS == 2 && !ONE_VECTOR && !Op::SECOND && HAS_FMA) {  // elsewhere code is small
            if (w.rows == 2 && whole) {
                pairs_row<T, Op>(p, x, y, r++, sums);
                continue;
            }
        }
        if (w.rows == 1) some_rows<T, Op, TAPS, S, ONE_VECTOR, 1, 1>(p, x, y, r, edges, sums);
        if (w.rows == 2) some_rows<T, Op, TAPS, S, ONE_VECTOR, 2, 1>(p, x, y, r, edges, sums);
        if (w.rows == 3) some_rows<T, Op, TAPS, S, ONE_VECTOR, 3, 1>(p, x, y, r, edges, sums);
        ++r;
    }
}

template <class T, class Op, int TAPS, int S, bool ONE_VECTOR>
bool all_images(const PoolSmall<T>& p) {
    const Edges<T> edges = edges_of(p);
    vec<T> sums[2] = {};
    for (int64_t n = 0; n < p.images; ++n)
        one_image<T, Op, TAPS, S, ONE_VECTOR>(p, p.src + n * p.src_image, p.dst + n * p.dst_image, edges, sums);
    return !Op::CHECKED || !is_tainted<T>(sums[0] + sums[1]);
}

template <class T, class Op, int TAPS, int S>
CONVX_INLINE bool by_width(const PoolSmall<T>& p) {
    if constexpr (!Op::SECOND && VECTOR_BYTES >= POOL_DOWN_BYTES && S == 1)
        if (p.down) return pool_down<T, Op>(p);
    if constexpr (!Op::SECOND && LANES<T> >= 8)
        if (p.to <= LANES<T> && p.outputs <= LANES<T>) return all_images<T, Op, TAPS, S, true>(p);
    return all_images<T, Op, TAPS, S, false>(p);
}

}  // namespace

template <class T, class Op>
bool Small<T, Op>::pool_small(const PoolSmall<T>& p) {
    if constexpr (Op::CHECKED && (Op::NEUTRAL > 0 || !HAS_FMA)) {
        return false;  // rare: the one that lets NaN through will do
    } else {
        if (p.along == Along::pairs) return by_width<T, Op, 2, 2>(p);
        if (p.along == Along::triples) return by_width<T, Op, 3, 2>(p);
        return by_width<T, Op, 3, 1>(p);
    }
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
