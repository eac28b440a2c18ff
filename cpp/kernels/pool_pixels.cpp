// Pooling, second half, of pixels whose channels lie side by side: lanes are channels.
#include "every.h"
#include "pool_ops.h"

namespace convx::CONVX_ISA {
namespace {

// The operation on vectors of any width.
template <class Op, class V>
CONVX_INLINE V both(V a, V b) {
    if constexpr (!Op::IDEMPOTENT) {
        return a + b;
    } else {
        constexpr bool LEAST = Op::NEUTRAL > 0;
        const V extreme = LEAST ? (a < b ? a : b) : (a > b ? a : b);  // b when either is NaN
        if constexpr (Op::CHECKED) return extreme;
        return a == a ? extreme : a;
    }
}

// N lanes of the window of output q of row r, which begins at x; TAPS 0: any number.
template <class T, class Op, int N, int TAPS>
CONVX_INLINE vec<T, N> window(const PoolPixels<T>& p, const T* x, int64_t q, int64_t r) {
    const int64_t tap = p.dilation * p.pixel, taps = TAPS ? TAPS : p.taps;
    vec<T, N> acc = load<T, N>(x);
    CONVX_UNROLL_LOOP
    for (int64_t t = 1; t < taps; ++t) acc = both<Op>(acc, load<T, N>(x + t * tap));
    if constexpr (!Op::IDEMPOTENT) {
        const PoolDivisor<T>& d = p.divisor;
        acc = d.scale != 0 ? acc * d.scale : acc / (d.width[q] * d.height[r]);
    }
    return acc;
}

// Fewer channels than lanes run over into the next pixel, which is yet to come; the last vector of more overlaps the
// one before.
template <class T, class Op, int N, int TAPS>
CONVX_INLINE void pixel_row(const PoolPixels<T>& p, const T* x, T* dst, int64_t r) {
    const int64_t step = p.stride * p.pixel;
    int64_t q = 0;
    if (p.pixel >= N) {
        for (; q < p.outputs; ++q, x += step, dst += p.pixel)
            for (int64_t at = 0; at < p.pixel; at += N) {
                const int64_t c = at + N <= p.pixel ? at : p.pixel - N;
                store<T, N>(dst + c, window<T, Op, N, TAPS>(p, x + c, q, r));
            }
        return;
    }
    const int64_t row = p.outputs * p.pixel, room = p.dst_row == row ? p.dst_end - dst : row;
    const int64_t fit = room < N ? 0 : (room - N) / p.pixel + 1, whole = fit < p.outputs ? fit : p.outputs;
    for (; q < whole; ++q, x += step, dst += p.pixel) store<T, N>(dst, window<T, Op, N, TAPS>(p, x, q, r));
    for (; q < p.outputs; ++q, x += step, dst += p.pixel) {
        T few[N];
        store<T, N>(few, window<T, Op, N, TAPS>(p, x, q, r));
        copy_few<T, N>(dst, few, p.pixel);
    }
}

// Adjacent taps at stride 2: whole vectors are reduced at every pixel, and every second one is kept.
template <class T, class Op, int P, int TAPS>
CONVX_INLINE void second_row(const PoolPixels<T>& p, const T* x, T* dst, int64_t r) {
    constexpr int L = LANES<T>, PIXELS = L / P;
    const int64_t row = p.outputs * P, room = p.dst_row == row ? p.dst_end - dst : row;
    const PoolDivisor<T>& d = p.divisor;
    const bool scales = Op::IDEMPOTENT || d.scale != 0;
    int64_t q = 0;
    for (; scales && q + PIXELS <= p.outputs && q * P + L <= room; q += PIXELS, x += 2 * PIXELS * P) {
        vec<T> a = load(x), b = load(x + L);
        CONVX_UNROLL
        for (int t = 1; t < TAPS; ++t) {
            a = both<Op>(a, load(x + t * P));
            b = both<Op>(b, load(x + t * P + L));
        }
        vec<T> kept = second_pixels<P, T>(a, b, AllLanes<T>{});
        if constexpr (!Op::IDEMPOTENT) kept *= d.scale;
        store(dst + q * P, kept);
    }
    if (q == p.outputs) return;
    PoolPixels<T> rest = p;
    rest.outputs -= q;
    if (rest.divisor.width) rest.divisor.width += q;
    rest.dst_row = p.dst_row == row ? rest.outputs * P : 0;
    pixel_row<T, Op, (16 / int(sizeof(T)) < P ? 32 / int(sizeof(T)) : 16 / int(sizeof(T))), TAPS>(rest, x, dst + q * P,
                                                                                                  r);
}

template <class T, class Op, int P, int TAPS>
void second_rows(const PoolPixels<T>& p) {
    const T* x = p.src;
    for (int64_t n = 0; n < p.images; ++n)
        for (int64_t r = 0; r < p.rows; ++r, x += p.src_row)
            second_row<T, Op, P, TAPS>(p, x, p.dst + n * p.dst_image + r * p.dst_row, r);
}

template <class T, class Op, int P>
CONVX_INLINE bool takes_second(const PoolPixels<T>& p) {
    if constexpr (LANES<T> >= 2 * P) {
        if (p.pixel != P || p.stride != 2 || p.dilation != 1 || p.taps < 2 || p.taps > 3) return false;
        p.taps == 2 ? second_rows<T, Op, P, 2>(p) : second_rows<T, Op, P, 3>(p);
        return true;
    }
    return false;
}

template <class T, class Op, int N, int TAPS>
void all_rows(const PoolPixels<T>& p) {
    const T* x = p.src;
    for (int64_t n = 0; n < p.images; ++n)
        for (int64_t r = 0; r < p.rows; ++r, x += p.src_row)
            pixel_row<T, Op, N, TAPS>(p, x, p.dst + n * p.dst_image + r * p.dst_row, r);
}

template <class T, class Op, int N>
void by_taps(const PoolPixels<T>& p) {
    if (p.taps == 2) return all_rows<T, Op, N, 2>(p);
    if (p.taps == 3) return all_rows<T, Op, N, 3>(p);
    all_rows<T, Op, N, 0>(p);
}

// The shortest vectors, of 16 bytes at least, that hold a pixel.
template <class T, class Op, int N>
CONVX_INLINE void by_pixel(const PoolPixels<T>& p) {
    if constexpr (N < LANES<T>) {
        if (p.pixel > N) return by_pixel<T, Op, 2 * N>(p);
    }
    by_taps<T, Op, N>(p);
}

}  // namespace

template <class T, class Op>
void Small<T, Op>::pool_pixels(const PoolPixels<T>& p) {
    constexpr int SHORTEST = 16 / sizeof(T);
    if constexpr (Op::IDEMPOTENT && Op::NEUTRAL > 0) return all_rows<T, Op, SHORTEST, 0>(p);  // rare: least code
    if (takes_second<T, Op, 2>(p) || takes_second<T, Op, 3>(p) || takes_second<T, Op, 4>(p)) return;
    by_pixel<T, Op, SHORTEST>(p);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
