// Pooling, second half: each row of windows along W. Lanes are neighbouring outputs.
#include "every.h"
#include "pool_ops.h"

namespace convx::CONVX_ISA {
namespace {

template <class T>
constexpr int MANY = sizeof(T) > 4 ? 1 : 4;  // vectors that a loop over taps serves; of rare types less code

template <class T, class Op, int N>
CONVX_INLINE void take(vec<T> (&acc)[N], const T* x) {
    CONVX_UNROLL
    for (int v = 0; v < N; ++v) acc[v] = Op::of(acc[v], load(x + v * LANES<T>));
}

// Unit stride: tap t is the row moved by t*dilation.
template <class T, class Op, int TAPS>
struct Taps {
    static constexpr int VECS = TAPS ? 1 : MANY<T>;
    template <int N>
    CONVX_INLINE void at(const PoolColumns<T>& c, const T* row, int64_t q, vec<T> (&acc)[N]) {
        CONVX_UNROLL
        for (int v = 0; v < N; ++v) acc[v] = load(row + q + v * LANES<T>);
        if constexpr (TAPS > 0) {
            CONVX_UNROLL
            for (int t = 1; t < TAPS; ++t) take<T, Op>(acc, row + q + t * c.dilation);
        } else {
            for (int64_t t = 1; t < c.taps; ++t) take<T, Op>(acc, row + q + t * c.dilation);
        }
    }
};

// Stride 2, adjacent taps.
template <class T, class Op, bool THIRD>
struct Stride2 {
    static constexpr int VECS = 1;
    CONVX_INLINE void at(const PoolColumns<T>&, const T* row, int64_t q, vec<T> (&acc)[1]) {
        constexpr int L = LANES<T>;
        using All = AllLanes<T>;
        row += 2 * q;
        const vec<T> a = load(row), b = load(row + L);
        acc[0] = Op::of(every_second<0, T, LANES<T>>(a, b, All{}), every_second<1, T, LANES<T>>(a, b, All{}));
        if (THIRD) acc[0] = Op::of(acc[0], every_second<1, T, LANES<T>>(load(row + 1), load(row + 1 + L), All{}));
    }
};

// Row r of outputs, VECS vectors at a time; window(q, acc) are those from q on before an average is divided.
template <class T, class Op, int VECS, class Window>
CONVX_INLINE void one_row(T* dst, const PoolColumns<T>& c, int64_t r, const Window& window) {
    constexpr int L = LANES<T>;
    const auto put = [&](T* to, int64_t q, auto width) __attribute__((always_inline)) {
        vec<T> acc[width.value];
        window(q, acc);
        CONVX_UNROLL
        for (int v = 0; v < width.value; ++v) store(to + v * L, Op::finish(acc[v], c.divisor, q + v * L, r));
    };
    if (c.outputs >= L) {
        int64_t q = 0;
        for (; q + VECS * L <= c.outputs; q += VECS * L) put(dst + q, q, Width<VECS>{});
        if constexpr (VECS > 1)
            for (; q + L <= c.outputs; q += L) put(dst + q, q, Width<1>{});
        if (c.outputs % L) put(dst + c.outputs - L, c.outputs - L, Width<1>{});  // overlaps the last one
    } else if (c.dst_end - dst >= L) {
        put(dst, 0, Width<1>{});
    } else {
        T few[L];
        put(few, 0, Width<1>{});
        copy_few(dst, few, c.outputs);
    }
}

template <class T, class Op, class Window>
CONVX_INLINE void all_rows(const PoolColumns<T>& c) {
    const T* src = c.src;
    for (int64_t n = 0; n < c.images; ++n) {
        T* dst = c.dst + n * c.dst_image;
        for (int64_t r = 0; r < c.rows; ++r, src += c.src_row, dst += c.dst_row)
            one_row<T, Op, Window::VECS>(
                dst, c, r, [&](int64_t q, auto& acc) __attribute__((always_inline)) { Window::at(c, src, q, acc); });
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
    template <int N>
    __attribute__((always_inline)) void at(int64_t q, vec<T> (&acc)[N]) const {
        CONVX_UNROLL
        for (int v = 0; v < N; ++v) acc[v] = load(x + q + v * LANES<T>);
        take<T, Op>(acc, x + q + c.taps - width);
        for (int64_t t = width; t < c.taps - width; t += width) take<T, Op>(acc, x + q + t);
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
    template <int N>
    __attribute__((always_inline)) void at(int64_t q, vec<T> (&acc)[N]) const {
        CONVX_UNROLL
        for (int v = 0; v < N; ++v) acc[v] = vec<T>{};
        int64_t t = 0, width = widest;
        for (int l = levels; l > 0; --l, width /= 4) {
            const T* wide = c.scratch + (l - 1) * level + q;
            for (; t + width <= c.taps; t += width) take<T, Op>(acc, wide + t);
        }
        for (; t < c.taps; ++t) take<T, Op>(acc, x + q + t);
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
            one_row<T, Op, MANY<T>>(c.dst + n * c.dst_image + r * c.dst_row, c, r,
                                    [&](int64_t q, auto& acc)
                                        __attribute__((always_inline)) { parts.at(i * c.src_row + q, acc); });
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
