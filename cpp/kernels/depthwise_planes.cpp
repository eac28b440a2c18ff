// Depthwise convolution straight from the input's rows: lanes are pixels, weights stay in registers, each loaded input
// vector feeds all output rows of a strip. Padding to the left and right is masked away, rows of padding are rows of
// zeros.
#include "aliasing.h"
#include "contracts/depthwise.h"
#include "depthwise_finish.h"
#include "depthwise_pairs.h"
#include "depthwise_taps.h"

namespace convx::CONVX_ISA {
namespace {

template <class T, int N>
CONVX_INLINE vec<T, N> keep(vec<T, N> v, vec<T, N> mask) {
    using Bits = decltype(v < mask);
    return (vec<T, N>)((Bits)v & (Bits)mask);
}

// R output rows x N columns. Every output sums its taps in the same order, whatever R and N.
template <class T, int N, int K, int S, int R, bool EDGE>
CONVX_INLINE void tile(vec<T, N> (&acc)[R], const T* const* rows, int64_t column, const T* inside,
                       const vec<T, N> (&w)[K * K]) {
    vec<T, N> mask[K], x[K];
    if constexpr (EDGE) load_taps<T, N, K, S>(mask, inside + column);
    CONVX_UNROLL
    for (int y = 0; y < (R - 1) * S + K; ++y) {
        load_taps<T, N, K, S>(x, rows[y] + column);
        CONVX_UNROLL
        for (int s = 0; s < K; ++s) {
            if constexpr (EDGE) x[s] = keep<T, N>(x[s], mask[s]);
            CONVX_UNROLL
            for (int i = 0; i < R; ++i)
                if (y >= i * S && y < i * S + K) acc[i] += x[s] * w[(y - i * S) * K + s];
        }
        CONVX_KEEP_ORDER;
    }
    put_in_order<T, N, S, R>(acc);
}

// What the strips of one plane share.
template <class T>
struct Plane {
    const T *const *rows, *const *first, *const *last;
    const T* w;
    const T* inside;
    T* out;
    int64_t height, width;
    int64_t room;  // elements from `out` on that are still to be written: a vector may overrun a short row
    int64_t inner0, inner1, count;  // vectors of a row: [inner0, inner1) meet no padding
    Aliasing aliasing;
    Epilogue<T> epilogue;
};

// Vectors [from, to) of R output rows from row `top` on, of input in `lines`.
template <class T, int N, int K, int S, int R, bool EDGE>
__attribute__((noinline)) void columns(const Plane<T>& p, const T* const* lines, int64_t top, int64_t from,
                                       int64_t to) {
    vec<T, N> w[K * K];
    CONVX_UNROLL
    for (int i = 0; i < K * K; ++i) w[i] = splat<T, N>(p.w[i]);
    const Epilogue<T> epilogue = p.epilogue;
    const vec<T, N> bias = splat<T, N>(epilogue.bias ? *epilogue.bias : T(-0.0));  // -0.0 is neutral
    const T* const* const rows = lines + top * S;
    const T* const inside = p.inside;
    const int64_t width = p.width, room = p.room - top * width;
    T* const out = p.out + top * width;
    for (int64_t at = from * N; at < to * N; at += N) {
        const int64_t q = at + N > width && width > N ? width - N : at;  // the last vector overlaps its neighbour
        vec<T, N> acc[R];
        CONVX_UNROLL
        for (int i = 0; i < R; ++i) acc[i] = bias;
        tile<T, N, K, S, R, EDGE>(acc, rows, q * S, inside, w);
        if (EDGE && (R - 1) * width + N > room && width < N) {
            vec<T, N> spilled[R];  // a copy, so that acc needs no address
            CONVX_UNROLL
            for (int i = 0; i < R; ++i) spilled[i] = acc[i];
            finish_short<T, N, R>(out, width, room, spilled, epilogue);
            return;
        }
        finish<T, N, R>(acc, epilogue, out + q, width);
        T* to_row = out + q;
        CONVX_UNROLL
        for (int i = 0; i < R; ++i, to_row += width) store<T, N>(to_row, acc[i]);
    }
}

// The same for vectors that meet no padding, each stored when Held::COUNT more are summed.
template <class T, int N, int K, int R>
__attribute__((noinline)) void columns_behind(const Plane<T>& p, int64_t top, int64_t from, int64_t to) {
    using Sums = Held<T, N, R, (K * K + K + 4 * R <= REGISTERS)>;
    vec<T, N> w[K * K];
    CONVX_UNROLL
    for (int i = 0; i < K * K; ++i) w[i] = splat<T, N>(p.w[i]);
    const Epilogue<T> epilogue = p.epilogue;
    const vec<T, N> bias = splat<T, N>(epilogue.bias ? *epilogue.bias : T(-0.0));
    const T* const* const rows = p.rows + top;
    const int64_t width = p.width;
    T* const out = p.out + top * width;
    Sums held{};
    for (int64_t i = from; i < to + Sums::COUNT; ++i) {
        vec<T, N> acc[R];
        CONVX_UNROLL
        for (int j = 0; j < R; ++j) acc[j] = bias;
        if (i < to) {
            tile<T, N, K, 1, R, false>(acc, rows, i * N, p.inside, w);
            finish<T, N, R>(acc, epilogue, out + i * N, width);
        }
        held.exchange(acc, i);
        if (i < from + Sums::COUNT) continue;
        T* to_row = out + (i - Sums::COUNT) * N;
        CONVX_UNROLL
        for (int j = 0; j < R; ++j, to_row += width) store<T, N>(to_row, acc[j]);
    }
}

// The same for pairs of vectors, at least one, of which the last may overlap the one before. Where stores are in the
// way of loads, sums wait.
template <class T, int N, int K, int R>
__attribute__((noinline)) void columns_in_pairs(const Plane<T>& p, int64_t top, int64_t from, int64_t to) {
    const Epilogue<T> epilogue = p.epilogue;
    const vec<T, N> bias = splat<T, N>(epilogue.bias ? *epilogue.bias : T(-0.0));
    const T* const* const rows = p.rows + top;
    const int64_t width = p.width;
    T* const out = p.out + top * width;
    const bool behind = p.aliasing.behind;
    WaitingPairs<T, N, R> waiting(width);
    for (; from < to; from += 2) {
        const int64_t q = (from + 2 <= to ? from : to - 2) * N;
        vec<T, N> acc[2][R];
        CONVX_UNROLL
        for (int i = 0; i < R; ++i) acc[0][i] = acc[1][i] = bias;
        pair_tile<T, N, K, R>(acc, rows, q, p.w);
        T* const sums = behind ? waiting.next() : out + q;
        const int64_t step = behind ? 2 * N : width;
        CONVX_UNROLL
        for (int v = 0; v < 2; ++v) {
            finish<T, N, R>(acc[v], epilogue, out + q + v * N, width);
            T* to_row = sums + v * N;
            CONVX_UNROLL
            for (int i = 0; i < R; ++i, to_row += step) store<T, N>(to_row, acc[v][i]);
        }
        if (behind) waiting.push(out + q);
    }
    waiting.put_all();
}

constexpr int CLOSE_ROWS = HAS_FMA ? 3 : 2;  // with these, input and output together stay in 8 ways of L1

template <class T, int N, int K, int S, int R>
CONVX_INLINE void inner_columns(const Plane<T>& p, int64_t top) {
    if constexpr (S == 1 && R == CLOSE_ROWS && !FEW_TILES<T>) {
        if (p.aliasing.behind) return columns_behind<T, N, K, R>(p, top, p.inner0, p.inner1);
    }
    // Not worth code of their own for columns that meet no padding: a last row, and of stride 2 what few use.
    constexpr bool RARE = S == 2 && FEW_TILES<T> && (K > 3 || !HAS_FMA);
    if constexpr (R == 1 || RARE)
        columns<T, N, K, S, R, true>(p, p.rows, top, p.inner0, p.inner1);
    else if constexpr (R == PAIR_ROWS)
        columns_in_pairs<T, N, K, R>(p, top, p.inner0, p.inner1);
    else
        columns<T, N, K, S, R, false>(p, p.rows, top, p.inner0, p.inner1);
}

// Vectors [from, to), under which there is padding.
template <class T, int N, int K, int S, int R>
CONVX_INLINE void edge(const Plane<T>& p, const T* const* lines, int64_t top, int64_t from, int64_t to) {
    if constexpr (R == PAIR_ROWS) {  // few, and not worth code of their own
        columns<T, N, K, S, 4, true>(p, lines, top, from, to);
        columns<T, N, K, S, 2, true>(p, lines, top + 4, from, to);
    } else {
        columns<T, N, K, S, R, true>(p, lines, top, from, to);
    }
}

// Output rows from `top` on in strips of R, as far as they go.
template <class T, int N, int K, int S, int R>
CONVX_INLINE int64_t strips(const Plane<T>& p, int64_t top) {
    for (; top + R <= p.height; top += R) {
        if (p.inner0) edge<T, N, K, S, R>(p, p.first, top, 0, p.inner0);
        if (p.inner0 < p.inner1) inner_columns<T, N, K, S, R>(p, top);
        if (p.inner1 < p.count) edge<T, N, K, S, R>(p, p.last, top, p.inner1, p.count);
    }
    return top;
}

template <class T, int N>
CONVX_INLINE Aliasing aliasing_of(const DepthwisePlanes<T>& t, const T* out) {
    const auto between = [](const T* a, const T* b) { return int64_t(uintptr_t(b) - uintptr_t(a)); };
    const int64_t middle = t.row_count / 2;  // where there is no padding
    return Aliasing::of(between(t.rows[middle - 1], t.rows[middle]), t.width * int64_t(sizeof(T)),
                        between(t.rows[middle], out), N * int64_t(sizeof(T)));
}

template <class T, int N, int K, int S>
void planes(const DepthwisePlanes<T>& t) {
    // Rows at once; the maps of most networks are multiples of 7. Without FMA and with 16 registers few pay for their
    // code.
    constexpr int MOST = !HAS_FMA ? 2 : K == 3 && !FEW_TILES<T> ? 7 : 4;
    constexpr int CLOSE = S == 1 && !IN_PAIRS<T, K, S> ? CLOSE_ROWS : MOST;  // rows of whole pages have pairs
    const int64_t size = t.height * t.width, count = (t.width + N - 1) / N;
    const bool whole = t.out_plane == size;  // then a short row at the end of a plane may overrun into the next
    Plane<T> p{t.rows,
               t.rows + (t.row_step ? 0 : t.row_count),
               t.rows + (t.row_step ? 0 : 2 * t.row_count),
               t.w,
               t.inside,
               t.out,
               t.height,
               t.width,
               size,
               (t.inner0 + N - 1) / N,
               t.inner1 / N,
               count,
               {},
               t.epilogue};
    if (whole) p.room = t.channels * t.multiplier * size;
    if (p.inner0 >= p.inner1) p.inner0 = p.inner1 = count;
    for (int64_t c = 0; c < t.channels; ++c) {
        for (int64_t m = 0; m < t.multiplier; ++m) {
            p.aliasing = aliasing_of<T, N>(t, p.out);
            int64_t top = 0;
            const bool in_pairs = IN_PAIRS<T, K, S> && p.inner1 - p.inner0 >= LEAST_IN_PAIRS;
            if constexpr (IN_PAIRS<T, K, S>)
                if (in_pairs) top = strips<T, N, K, S, PAIR_ROWS>(p, 0);
            if (S == 1 && p.aliasing.close && !in_pairs) {
                top = strips<T, N, K, S, CLOSE>(p, 0);
            } else {
                if (S == 1 || MOST <= 4 || !p.aliasing.stacked) top = strips<T, N, K, S, MOST>(p, top);
                if constexpr (MOST > 4) top = strips<T, N, K, S, 4>(p, top);
            }
            if constexpr (MOST > 2 && (K == 3 || !FEW_TILES<T>)) top = strips<T, N, K, S, 2>(p, top);
            strips<T, N, K, S, 1>(p, top);
            p.w += K * K;
            p.out += t.out_plane;
            if (whole) p.room -= size;
            if (p.epilogue.bias) ++p.epilogue.bias;
        }
        if (c + 1 < t.channels)
            for (int64_t i = 0; i < t.row_count; ++i) t.rows[i] += t.row_step[i];
    }
}

template <class T, int N, int K>
void by_stride(const DepthwisePlanes<T>& t) {
    t.stride == 1 ? planes<T, N, K, 1>(t) : planes<T, N, K, 2>(t);
}

template <class T, int N>
void by_kernel(const DepthwisePlanes<T>& t) {
    if (t.kernel == 3)
        by_stride<T, N, 3>(t);
    else if (t.kernel == 5)
        by_stride<T, N, 5>(t);
    else
        by_stride<T, N * sizeof(T) == 64 ? N / 2 : N, 7>(t);  // 49 weights leave no room for wide ones
}

}  // namespace

template <class T>
void Float<T>::depthwise_planes(const DepthwisePlanes<T>& t) {
    constexpr int L = LANES<T>;
    if constexpr (HALF_LANES<T> > 0) {
        // Rows that leave many lanes idle are short enough for half vectors: 7 columns of 16 lanes, or 17 to 24.
        if (t.kernel == 3 && (t.width + L / 2 - 1) / (L / 2) % 2 == 1 && t.width < 2 * L)
            return by_stride<T, L / 2, 3>(t);
    }
    by_kernel<T, L>(t);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
