// Pooling, second half: each row of windows along W. Lanes are neighbouring outputs.
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

// Unit stride: tap t is the row moved by t*dilation.
template <class T, class Op, int TAPS>
struct Taps {
    CONVX_INLINE vec<T> at(const PoolColumns<T>& c, const T* row, int64_t q) {
        vec<T> acc = load(row + q);
        if constexpr (TAPS > 0) {
            CONVX_UNROLL
            for (int t = 1; t < TAPS; ++t) acc = Op::of(acc, load(row + q + t * c.dilation));
        } else {
            for (int64_t t = 1; t < c.taps; ++t) acc = Op::of(acc, load(row + q + t * c.dilation));
        }
        return acc;
    }
};

// Stride 2, adjacent taps.
template <class T, class Op, bool THIRD>
struct Stride2 {
    CONVX_INLINE vec<T> at(const PoolColumns<T>&, const T* row, int64_t q) {
        constexpr int L = LANES<T>;
        using All = AllLanes<T>;
        row += 2 * q;
        const vec<T> a = load_once(row), b = load_once(row + L);
        vec<T> acc = Op::of(every_second<0, T>(a, b, All{}), every_second<1, T>(a, b, All{}));
        if (THIRD) acc = Op::of(acc, every_second<1, T>(load(row + 1), load(row + 1 + L), All{}));
        return acc;
    }
};

// The row was reduced before.
template <class T>
struct Done {
    CONVX_INLINE vec<T> at(const PoolColumns<T>&, const T* row, int64_t q) { return load(row + q); }
};

template <class T, class Op, class Window>
CONVX_INLINE void one_row(T* dst, const T* src, const PoolColumns<T>& c, int64_t r) {
    constexpr int L = LANES<T>;
    const auto at = [&](int64_t q) __attribute__((always_inline)) {
        return Op::finish(Window::at(c, src, q), c.divisor, q, r);
    };
    if (c.outputs >= L) {
        for (int64_t q = 0; q + L <= c.outputs; q += L) store(dst + q, at(q));
        if (c.outputs % L) store(dst + c.outputs - L, at(c.outputs - L));  // overlaps the last one
    } else if (c.dst_end - dst >= L) {
        store(dst, at(0));
    } else {
        T few[L];
        store(few, at(0));
        copy_few(dst, few, c.outputs);
    }
}

template <class T, class Op, class Window>
CONVX_INLINE void all_rows(const PoolColumns<T>& c) {
    const T* src = c.src;
    for (int64_t n = 0; n < c.images; ++n) {
        T* dst = c.dst + n * c.dst_image;
        for (int64_t r = 0; r < c.rows; ++r, src += c.src_row, dst += c.dst_row) one_row<T, Op, Window>(dst, src, c, r);
    }
}

// x[i] = op of x[i] and x[i + by], from the left: what is read has not been written yet.
template <class T, class Op>
CONVX_INLINE void widen(T* x, int64_t by, int64_t count) {
    constexpr int L = LANES<T>;
    for (int64_t i = 0; i < count; i += L) store(x + i, Op::of(load_once(x + i), load_once(x + i + by)));
}

// Windows of 1, 2, 4, ... columns, each from two of the former. Two overlapping ones make the maximum of any width, and
// those named by the binary digits of the width, side by side, its sum. `count` outputs in one run, rows and what lies
// between them alike.
template <class T, class Op>
CONVX_INLINE const T* double_up(T* x, const PoolColumns<T>& c, int64_t count) {
    constexpr int L = LANES<T>;
    int64_t width = 1;
    if constexpr (Op::IDEMPOTENT) {
        for (; 2 * width <= c.taps; width *= 2) widen<T, Op>(x, width, count + c.taps - 2 * width);
        if (width < c.taps) widen<T, Op>(x, c.taps - width, count);
        return x;
    } else {
        for (int64_t done = 0;; width *= 2) {
            if (c.taps & width) {
                for (int64_t i = 0; i < count; i += L) {
                    const vec<T> v = load(x + done + i);
                    store(c.scratch + i, done ? load(c.scratch + i) + v : v);
                }
                done += width;
            }
            if (done == c.taps) return c.scratch;
            widen<T, Op>(x, width, count + c.taps - 2 * width);
        }
    }
}

// Several short rows at once: the next step would otherwise wait for what this one has just stored.
template <class T, class Op>
CONVX_INLINE void doubled_rows(const PoolColumns<T>& c) {
    const int64_t group = c.src_row < POOL_WIDE_GROUP ? POOL_WIDE_GROUP / c.src_row : 1, all = c.images * c.rows;
    for (int64_t first = 0; first < all; first += group) {
        const int64_t rows = all - first < group ? all - first : group;
        const T* x = double_up<T, Op>(c.src + first * c.src_row, c, (rows - 1) * c.src_row + c.outputs);
        for (int64_t i = 0; i < rows; ++i) {
            const int64_t n = (first + i) / c.rows, r = (first + i) % c.rows;
            one_row<T, Op, Done<T>>(c.dst + n * c.dst_image + r * c.dst_row, x + i * c.src_row, c, r);
        }
    }
}

}  // namespace

template <class T, class Op>
void pool_columns(const PoolColumns<T>& c) {
    if (c.along == Along::doubling) return doubled_rows<T, Op>(c);
    if (c.along == Along::pairs) return all_rows<T, Op, Stride2<T, Op, false>>(c);
    if (c.along == Along::triples) return all_rows<T, Op, Stride2<T, Op, true>>(c);
    if (c.taps == 2) return all_rows<T, Op, Taps<T, Op, 2>>(c);
    if (c.taps == 3) return all_rows<T, Op, Taps<T, Op, 3>>(c);
    all_rows<T, Op, Taps<T, Op, 0>>(c);
}

template void pool_columns<float, FiniteMax<float>>(const PoolColumns<float>&);
template void pool_columns<float, Max<float>>(const PoolColumns<float>&);
template void pool_columns<float, Sum<float>>(const PoolColumns<float>&);
template void pool_columns<double, FiniteMax<double>>(const PoolColumns<double>&);
template void pool_columns<double, Max<double>>(const PoolColumns<double>&);
template void pool_columns<double, Sum<double>>(const PoolColumns<double>&);

}  // namespace convx::CONVX_ISA
