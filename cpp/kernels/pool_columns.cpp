// Pooling, second half: each row of windows along W. Lanes are neighbouring outputs.
#include "every.h"
#include "pool_ops.h"

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
        const vec<T> a = load(row), b = load(row + L);
        vec<T> acc = Op::of(every_second<0, T, LANES<T>>(a, b, All{}), every_second<1, T, LANES<T>>(a, b, All{}));
        if (THIRD) acc = Op::of(acc, every_second<1, T, LANES<T>>(load(row + 1), load(row + 1 + L), All{}));
        return acc;
    }
};

// Row r of outputs; window(q) are those from q on before an average is divided.
template <class T, class Op, class Window>
CONVX_INLINE void one_row(T* dst, const PoolColumns<T>& c, int64_t r, const Window& window) {
    constexpr int L = LANES<T>;
    const auto at = [&](int64_t q) __attribute__((always_inline)) { return Op::finish(window(q), c.divisor, q, r); };
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
        for (int64_t r = 0; r < c.rows; ++r, src += c.src_row, dst += c.dst_row)
            one_row<T, Op>(dst, c, r, [&](int64_t q) __attribute__((always_inline)) { return Window::at(c, src, q); });
    }
}

template <bool FIRST, class A, class B>
struct Choose {
    using type = A;
};
template <class A, class B>
struct Choose<false, A, B> {
    using type = B;
};

// dst[i] = op of src[i], src[i + by], src[i + 2*by] and src[i + 3*by]. In place too: what is read has not been written
// yet.
template <class T, class Op>
CONVX_INLINE void four_times(T* dst, const T* src, int64_t by, int64_t count) {
    for (int64_t i = 0; i < count; i += LANES<T>) {
        const vec<T> low = Op::of(load(src + i), load(src + i + by));
        store(dst + i, Op::of(low, Op::of(load(src + i + 2 * by), load(src + i + 3 * by))));
    }
}

// Windows of 1, 4, 16, ... columns, each from four of the former; a window of any width is put together from the widest
// of them that overlap, for a maximum, ...
template <class T, class Op>
struct Overlapping {
    const PoolColumns<T>& c;
    const T* x;
    int64_t width = 1;

    Overlapping(const PoolColumns<T>& call, const T* rows, int64_t count) : c(call), x(rows) {
        for (; 4 * width <= c.taps; width *= 4, x = c.scratch)
            four_times<T, Op>(c.scratch, x, width, count + c.taps - 4 * width);
    }
    __attribute__((always_inline)) vec<T> at(int64_t q) const {
        vec<T> acc = Op::of(load(x + q), load(x + q + c.taps - width));
        for (int64_t t = width; t < c.taps - width; t += width) acc = Op::of(acc, load(x + q + t));
        return acc;
    }
};

// ... or, for a sum, from as many of each width as the digits of the number of taps say, the widest first.
template <class T, class Op>
struct SideBySide {
    const PoolColumns<T>& c;
    const T* x;
    int64_t level;  // elements from the windows of one width to those of the next, of which x holds the first
    int64_t widest = 1;
    int levels = 0;

    SideBySide(const PoolColumns<T>& call, const T* rows, int64_t count)
        : c(call), x(rows), level((c.src_row > POOL_WIDE_GROUP ? c.src_row : POOL_WIDE_GROUP) + 2 * LANES<T>) {
        const T* from = rows;
        for (; 4 * widest <= c.taps; widest *= 4, ++levels) {
            T* to = c.scratch + levels * level;
            four_times<T, Op>(to, from, widest, count + c.taps - 4 * widest);
            from = to;
        }
    }
    __attribute__((always_inline)) vec<T> at(int64_t q) const {
        vec<T> acc = vec<T>{};
        int64_t t = 0, width = widest;
        for (int l = levels; l > 0; --l, width /= 4) {
            const T* wide = c.scratch + (l - 1) * level + q;
            for (; t + width <= c.taps; t += width) acc += load(wide + t);
        }
        for (; t < c.taps; ++t) acc += load(x + q + t);
        return acc;
    }
};

// Several short rows at once: the next step would otherwise wait for what this one has just stored.
template <class T, class Op>
CONVX_INLINE void wide_rows(const PoolColumns<T>& c) {
    const int64_t group = c.src_row < POOL_WIDE_GROUP ? POOL_WIDE_GROUP / c.src_row : 1, all = c.images * c.rows;
    for (int64_t first = 0; first < all; first += group) {
        const int64_t rows = all - first < group ? all - first : group, count = (rows - 1) * c.src_row + c.outputs;
        const T* src = c.src + first * c.src_row;
        using Parts = typename Choose<Op::IDEMPOTENT, Overlapping<T, Op>, SideBySide<T, Op>>::type;
        const Parts parts(c, src, count);
        for (int64_t i = 0; i < rows; ++i) {
            const int64_t n = (first + i) / c.rows, r = (first + i) % c.rows;
            one_row<T, Op>(c.dst + n * c.dst_image + r * c.dst_row, c, r,
                           [&](int64_t q) __attribute__((always_inline)) { return parts.at(i * c.src_row + q); });
        }
    }
}

}  // namespace

template <class T, class Op>
void Pool<T, Op>::pool_columns(const PoolColumns<T>& c) {
    if (c.along == Along::wide) return wide_rows<T, Op>(c);
    if (c.along == Along::pairs) return all_rows<T, Op, Stride2<T, Op, false>>(c);
    if (c.along == Along::triples) return all_rows<T, Op, Stride2<T, Op, true>>(c);
    if (c.taps == 2) return all_rows<T, Op, Taps<T, Op, 2>>(c);
    if (c.taps == 3) return all_rows<T, Op, Taps<T, Op, 3>>(c);
    all_rows<T, Op, Taps<T, Op, 0>>(c);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
