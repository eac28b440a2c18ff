// Small windows in registers: rows, then columns, with nothing stored in between.
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

// Vector m of output row r. Only where the rows behind are yet to come may it run over the row's end.
template <class T, class Op>
CONVX_INLINE void put(const PoolSmall<T>& p, T* dst, int64_t r, int64_t m, vec<T> v, bool rows_in_order) {
    constexpr int L = LANES<T>;
    const int64_t q = m * L;
    v = Op::finish(v, p.divisor, q, r);
    dst += q;
    if (q + L <= p.outputs || (rows_in_order && p.dst_end - dst >= L)) return store(dst, v);
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
    vec<T> a[OUT], b[OUT], even[OUT], odd[OUT];
    rows_at<T, Op, ROWS, OUT, S, ONE_VECTOR>(a, p, src, 0, edges, sums);
    if (S == 2) {
        rows_at<T, Op, ROWS, OUT, S, ONE_VECTOR>(b, p, src, 1, edges, sums);
        CONVX_UNROLL
        for (int n = 0; n < OUT; ++n) {
            even[n] = every_second<0, T, LANES<T>>(a[n], b[n], All{});
            odd[n] = every_second<1, T, LANES<T>>(a[n], b[n], All{});
        }
    }
    for (int64_t m = 0; m < vectors; ++m) {
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
            put<T, Op>(p, dst + n * p.dst_row, r + n, m, v, n == OUT - 1 || vectors == 1);
        }
    }
}

template <class T, class Op, int TAPS, int S, bool ONE_VECTOR>
CONVX_INLINE void one_image(const PoolSmall<T>& p, const T* src, T* dst, const Edges<T>& edges, vec<T> (&sums)[2]) {
    const bool share = p.stride_h == S;
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
    if constexpr (!Op::SECOND && VECTOR_BYTES == POOL_DOWN_BYTES)
        if (p.down) return pool_down<T, Op, TAPS, S>(p);
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
