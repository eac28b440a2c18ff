// Winograd's output transform Y = Ah' M Aw with the epilogue; lanes are output channels until the last step, a
// transposition into rows of pixels.
#include "contracts/winograd.h"
#include "simd.h"
#include "winograd_store.h"

namespace convx::CONVX_ISA {
namespace {

constexpr int BEFORE_GAP = 3;  // points that six of eight have before those left out
template <class T>
constexpr bool HAS_GAPS = sizeof(T) == sizeof(float);

// A' holds the powers p^i of the points: sums of opposite points give the even ones, differences the odd ones.

// 0 if the points are even in number, +-a, ..., infinity: y[i] is made of even or odd powers of the pairs; the last
// takes what infinity adds.
template <class T, int N, int M, bool OF_EIGHT>
CONVX_INLINE void of_points(const vec<T> (&m)[N], vec<T> (&y)[M]) {
    constexpr int ZERO = N % 2 == 0, PAIRS = (N - 1 - ZERO) / 2;
    constexpr T POINTS[6][3] = {{1}, {0.5, 1.25}, {0.75, 1.5}, {0.375, 0.875, 1.875}, {0.5, 1, 2}, {0.5, 2}};
    constexpr int WHICH = OF_EIGHT ? 5 : N - 4;
    constexpr T SCALE[] = {-0.75, 3};  // p^2 - 1, by which G of eight divided besides
    vec<T> term[2][PAIRS];
    T power[PAIRS];
    CONVX_UNROLL
    for (int p = 0; p < PAIRS; ++p) {
        term[0][p] = m[2 * p + ZERO] + m[2 * p + ZERO + 1];
        term[1][p] = m[2 * p + ZERO] - m[2 * p + ZERO + 1];
        power[p] = OF_EIGHT ? SCALE[p % 2] : 1;
    }
    CONVX_UNROLL
    for (int i = 0; i < M; ++i) {
        vec<T> sum = power[0] * term[i % 2][0];
        CONVX_UNROLL
        for (int p = 1; p < PAIRS; ++p) sum += power[p] * term[i % 2][p];
        CONVX_UNROLL
        for (int p = 0; p < PAIRS; ++p) power[p] *= POINTS[WHICH][p];
        if (i == 0 && ZERO) sum = OF_EIGHT ? sum - m[0] : m[0] + sum;
        y[i] = i == M - 1 ? sum + m[N - 1] : sum;
    }
}

// Stride 2: five points of the even inputs, then the products of the odd ones, which are sums already.
template <class T>
CONVX_INLINE void of_stride_2(const vec<T> (&m)[9], vec<T> (&y)[4]) {
    constexpr T a = 0.5, b = 1.25;
    const vec<T> sum_a = m[0] + m[1], difference_a = m[0] - m[1], sum_b = m[2] + m[3], difference_b = m[2] - m[3];
    y[0] = m[5] + (sum_a + sum_b);
    y[1] = m[6] + (a * difference_a + b * difference_b);
    y[2] = m[7] + (a * a * sum_a + b * b * sum_b);
    y[3] = m[8] + (a * a * a * difference_a + (b * b * b * difference_b + m[4]));
}

template <class T, int N, int M, bool OF_EIGHT>
CONVX_INLINE void transform(const vec<T> (&m)[N], vec<T> (&y)[M]) {
    if constexpr (N == 1)
        y[0] = m[0];
    else if constexpr (N == 9)
        of_stride_2<T>(m, y);
    else
        of_points<T, N, M, OF_EIGHT>(m, y);
}

constexpr int MOST_OUTPUTS = 6;              // of a tile along one axis
constexpr int RUN_PIXELS = 3 * MOST_PIXELS;  // of a row of tiles at a time, where they are transformed along one axis
template <class T>
constexpr int MOST_HALF = (9 << 10) / sizeof(T);  // of tiles between the two passes: a part of L1, and one at least

// `rows` times `count` lines: N points `step` apart become M outputs, with the epilogue when these are the last.
template <class T>
struct Lines {
    const T* from;
    T* to;
    int64_t from_step, from_line, from_row, to_step, to_line, to_row, count, rows;
    vec<T> bias;
    const Epilogue<T>& epilogue;
    int64_t from_gap = 0;  // behind the third point
};
template <class T, int N, int M, bool LAST, bool OF_EIGHT = false>
__attribute__((noinline)) void lines(const Lines<T>& lines) {
    const Lines<T> s = lines;  // which no store can change, so that it stays in registers
    const Epilogue<T> epilogue = s.epilogue;
    for (int64_t row = 0; row < s.rows; ++row) {
        const T* from = s.from + row * s.from_row;
        T* to = s.to + row * s.to_row;
        for (int64_t i = 0; i < s.count; ++i, from += s.from_line, to += s.to_line) {
            vec<T> m[N], y[M];
            CONVX_UNROLL
            for (int j = 0; j < N; ++j)
                m[j] = load(from + j * s.from_step + (OF_EIGHT && j >= BEFORE_GAP ? s.from_gap : 0));
            transform<T, N, M, OF_EIGHT>(m, y);
            if constexpr (LAST) {
                CONVX_UNROLL
                for (int j = 0; j < M; ++j) y[j] += s.bias;
                activate_all<T, LANES<T>>(y, epilogue);
            }
            CONVX_UNROLL
            for (int j = 0; j < M; ++j) store(to + j * s.to_step, y[j]);
        }
    }
}

template <class T>
using Pass = void (*)(const Lines<T>&);
template <class T, bool LAST>
Pass<T> pass_of(int32_t points, int32_t outputs, int32_t gap) {
    if constexpr (HAS_GAPS<T>) {
        if (gap > 0)
            return outputs == 4   ? lines<T, 6, 4, LAST, true>
                   : outputs == 3 ? lines<T, 6, 3, LAST, true>
                                  : lines<T, 6, 2, LAST, true>;
    }
    if (points == 1) return lines<T, 1, 1, LAST>;
    if (points == 9) return lines<T, 9, 4, LAST>;
    if (points == 7) return lines<T, 7, 5, LAST>;
    if (points == 5) return lines<T, 5, 4, LAST>;
    if (points == 4) return outputs == 3 ? lines<T, 4, 3, LAST> : lines<T, 4, 2, LAST>;
    if (points == 6)
        return outputs == 5   ? lines<T, 6, 5, LAST>
               : outputs == 4 ? lines<T, 6, 4, LAST>
               : outputs == 3 ? lines<T, 6, 3, LAST>
                              : lines<T, 6, 2, LAST>;
    return outputs == 6   ? lines<T, 8, 6, LAST>
           : outputs == 5 ? lines<T, 8, 5, LAST>
           : outputs == 4 ? lines<T, 8, 4, LAST>
           : outputs == 3 ? lines<T, 8, 3, LAST>
                          : lines<T, 8, 2, LAST>;
}

template <class T>
struct Passes {
    Pass<T> down, along;
    Epilogue<T> epilogue;  // of the last one
};

// In place of an activation that waits for the residual.
template <class T>
CONVX_INLINE Epilogue<T> nothing_more() {
    constexpr T infinity = static_cast<T>(__builtin_inff());
    return {nullptr, Activation::clamp, -infinity, infinity};
}

// Tiles of a row, one vector of channels, into pixels[i*MOST_PIXELS + j][lane].
template <class T>
CONVX_INLINE void transform_tiles(const WinogradOutput<T>& w, const Passes<T>& passes, const T* m, int64_t tiles,
                                  vec<T> bias, T* half, T* pixels) {
    constexpr int64_t L = LANES<T>, ROW = MOST_PIXELS * L;
    const int64_t row = (w.nw + w.gap_w) * w.m_point, line = w.nw * L, outputs = w.mw * L;
    if (w.nw == 1) return passes.down({m, pixels, row, w.m_tile, 0, ROW, L, 0, tiles, 1, bias, passes.epilogue});
    const auto down = [&](const T* from, T* to, int64_t points) {
        passes.down({from, to, row, w.m_tile, w.m_point, tiles * line, line, L, tiles, points, bias, passes.epilogue,
                     w.gap_h * row});
    };
    if (HAS_GAPS<T> && w.gap_w > 0) {
        down(m, half, BEFORE_GAP);
        down(m + (BEFORE_GAP + w.gap_w) * w.m_point, half + BEFORE_GAP * L, w.nw - BEFORE_GAP);
    } else {
        down(m, half, w.nw);
    }
    passes.along({half, pixels, L, line, tiles * line, L, outputs, ROW, tiles, w.mh, bias, passes.epilogue});
}

// Tiles taken together, or rows of them, whose pixels fill whole vectors as nearly as can be.
template <class T>
int64_t at_once(int64_t outputs, int64_t most) {
    constexpr int L = LANES<T>;
    int64_t best = 1;
    const auto vectors = [&](int64_t tiles) { return (tiles * outputs + L - 1) / L; };
    for (int64_t tiles = 2; tiles * outputs <= most; ++tiles)
        if (vectors(tiles) * best <= vectors(best) * tiles) best = tiles;
    return best;
}

template <class T>
CONVX_INLINE vec<T> bias_of(const WinogradOutput<T>& w, int64_t k, int64_t channels) {
    if (!w.epilogue.bias) return splat(T(-0.0));
    alignas(64) T padded[LANES<T>] = {};
    copy_few(padded, w.epilogue.bias + k, channels);
    return load(padded);
}

// Tiles [t0, t1) of a row, one vector of channels.
template <class T>
CONVX_INLINE void some_tiles(const WinogradOutput<T>& w, const Passes<T>& passes, int64_t t0, int64_t t1, int64_t k,
                             T* half, T* pixels) {
    constexpr int L = LANES<T>;
    const int64_t channels = w.channels - k < L ? w.channels - k : L, q0 = t0 * w.mw;
    const int64_t q1 = t1 * w.mw < w.width ? t1 * w.mw : w.width;
    T* const out = w.out + k * w.out_channel + q0 * w.out_pixel;
    prefetch_rows(w, out, channels, q1 - q0);
    const vec<T> bias = bias_of(w, k, channels);
    const int64_t some = w.nw == 1 ? t1 - t0 : MOST_HALF<T> / (w.mh * w.nw * L);
    for (int64_t t = t0; t < t1; t += some)
        transform_tiles(w, passes, w.m + t * w.m_tile + k, t + some < t1 ? some : t1 - t, bias, half,
                        pixels + (t - t0) * w.mw * L);
    store_rows(w, pixels, out, channels, q1 - q0);
}

// The same where the outputs of `period` tiles alternate: rows [r0, r1) of so many, whose outputs are one run of
// pixels.
template <class T>
CONVX_INLINE void some_runs(const WinogradOutput<T>& w, const Passes<T>& passes, int64_t r0, int64_t r1, int64_t k,
                            T* pixels) {
    constexpr int L = LANES<T>;
    const int64_t channels = w.channels - k < L ? w.channels - k : L, period = w.period, run = period * w.mw;
    const int64_t q0 = r0 * run, q1 = r1 * run < w.width ? r1 * run : w.width;
    T* const out = w.out + k * w.out_channel + q0 * w.out_pixel;
    prefetch_rows(w, out, channels, q1 - q0);
    const vec<T> bias = bias_of(w, k, channels);
    const T* const m = w.m + r0 * period * w.m_tile + k;
    const int64_t rows = r1 - r0, line = period * w.m_tile;
    passes.along(period < rows ? Lines<T>{m, pixels, w.m_point, line, w.m_tile, period * L, run * L, L, rows, period,
                                          bias, passes.epilogue}
                               : Lines<T>{m, pixels, w.m_point, w.m_tile, line, period * L, L, run * L, period, rows,
                                          bias, passes.epilogue});
    for (int64_t q = q0; q < q1; q += L)
        store_block(w, pixels + (q - q0) * L, out + (q - q0) * w.out_pixel, channels, q1 - q < L ? q1 - q : L);
}

}  // namespace

template <class T>
void Float<T>::winograd_output(const WinogradOutput<T>& w) {
    constexpr int L = LANES<T>;
    alignas(64) T pixels[MOST_OUTPUTS * MOST_PIXELS * L], half[MOST_HALF<T>];
    const Passes<T> passes{w.nw == 1 ? pass_of<T, true>(w.nh, w.mh, 0) : pass_of<T, false>(w.nh, w.mh, w.gap_h),
                           pass_of<T, true>(w.nw, w.mw, w.gap_w),
                           w.epilogue.has_residual ? nothing_more<T>() : w.epilogue};
    // All channels of some tiles, so that lines of M come into L1 once.
    if (w.nh == 1) {
        const int64_t rows = w.tiles / w.period, some = at_once<T>(w.mw * w.period, RUN_PIXELS);
        for (int64_t r = 0; r < rows; r += some)
            for (int64_t k = 0; k < w.channels; k += L)
                some_runs(w, passes, r, r + some < rows ? r + some : rows, k, pixels);
        return;
    }
    const int64_t some = at_once<T>(w.mw, MOST_PIXELS);
    for (int64_t t = 0; t < w.tiles; t += some)
        for (int64_t k = 0; k < w.channels; k += L)
            some_tiles(w, passes, t, t + some < w.tiles ? t + some : w.tiles, k, half, pixels);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
