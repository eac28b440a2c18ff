// Winograd's input transform V = Bh' d Bw; lanes are channels, so both passes are plain vector arithmetic.
#include "contracts/winograd.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

// Row of point p in B' holds the coefficients of prod_{q != p} (x - q), that of infinity of the product over all.

// Points 0, +-1, infinity.
template <class T>
CONVX_INLINE void transform(vec<T> (&d)[4]) {
    const vec<T> d1 = d[1];
    d[0] = d[2] - d[0];
    d[1] = d1 + d[2];
    d[2] = d[2] - d1;
    d[3] = d[3] - d1;
}

constexpr int BEFORE_GAP = 3;  // points that six of eight have before those left out
template <class T>
constexpr bool HAS_GAPS = sizeof(T) == sizeof(float);

// Points 0, +-a, +-b, infinity with a = 3/4, b = 3/2, or of eight a = 1/2, b = 2.
template <class T, bool OF_EIGHT = false>
CONVX_INLINE void transform(vec<T> (&d)[6]) {
    constexpr T a = OF_EIGHT ? 0.5 : 0.75, b = OF_EIGHT ? 2 : 1.5, aa = a * a, bb = b * b;
    const vec<T> even_a = d[4] - bb * d[2], odd_a = d[3] - bb * d[1];
    const vec<T> even_b = d[4] - aa * d[2], odd_b = d[3] - aa * d[1];
    d[0] = aa * bb * d[0] + (d[4] - (aa + bb) * d[2]);
    d[5] = aa * bb * d[1] + (d[5] - (aa + bb) * d[3]);
    d[1] = even_a + a * odd_a;
    d[2] = even_a - a * odd_a;
    d[3] = even_b + b * odd_b;
    d[4] = even_b - b * odd_b;
}

// Points +-a, +-b, +-c, infinity with a = 3/8, b = 7/8, c = 15/8.
template <class T>
CONVX_INLINE void transform(vec<T> (&d)[7]) {
    constexpr T a = 0.375, b = 0.875, c = 1.875, aa = a * a, bb = b * b, cc = c * c;
    const vec<T> even_a = d[4] + (bb * cc * d[0] - (bb + cc) * d[2]),
                 odd_a = d[5] + (bb * cc * d[1] - (bb + cc) * d[3]);
    const vec<T> even_b = d[4] + (aa * cc * d[0] - (aa + cc) * d[2]),
                 odd_b = d[5] + (aa * cc * d[1] - (aa + cc) * d[3]);
    const vec<T> even_c = d[4] + (aa * bb * d[0] - (aa + bb) * d[2]),
                 odd_c = d[5] + (aa * bb * d[1] - (aa + bb) * d[3]);
    d[6] = d[6] - (aa + bb + cc) * d[4] + ((aa * bb + aa * cc + bb * cc) * d[2] - aa * bb * cc * d[0]);
    d[0] = odd_a + a * even_a;
    d[1] = odd_a - a * even_a;
    d[2] = odd_b + b * even_b;
    d[3] = odd_b - b * even_b;
    d[4] = odd_c + c * even_c;
    d[5] = odd_c - c * even_c;
}

// Points 0, +-1/2, +-1, +-2, infinity: (x^2 - 1/4)(x^2 - 1)(x^2 - 4) = x^6 - 21/4 x^4 + 21/4 x^2 - 1.
template <class T>
CONVX_INLINE void transform(vec<T> (&d)[8]) {
    const vec<T> even_half = d[6] + T(4) * d[2] - T(5) * d[4], odd_half = d[5] + T(4) * d[1] - T(5) * d[3];
    const vec<T> even_one = d[6] + d[2] - T(4.25) * d[4], odd_one = d[5] + d[1] - T(4.25) * d[3];
    const vec<T> even_two = d[6] + T(0.25) * d[2] - T(1.25) * d[4], odd_two = d[5] + T(0.25) * d[1] - T(1.25) * d[3];
    d[0] = d[6] - d[0] + T(5.25) * (d[2] - d[4]);
    d[7] = d[7] - d[1] + T(5.25) * (d[3] - d[5]);
    d[1] = even_half + T(0.5) * odd_half;
    d[2] = even_half - T(0.5) * odd_half;
    d[3] = even_one + odd_one;
    d[4] = even_one - odd_one;
    d[5] = even_two + T(2) * odd_two;
    d[6] = even_two - T(2) * odd_two;
}

// Points +-a, +-b, infinity with a = 1/2, b = 5/4.
template <class T>
CONVX_INLINE void transform(vec<T> (&d)[5]) {
    constexpr T a = 0.5, b = 1.25, aa = a * a, bb = b * b;
    const vec<T> even_a = d[2] - bb * d[0], odd_a = d[3] - bb * d[1];
    const vec<T> even_b = d[2] - aa * d[0], odd_b = d[3] - aa * d[1];
    d[4] = aa * bb * d[0] + (d[4] - (aa + bb) * d[2]);
    d[0] = odd_a + a * even_a;
    d[1] = odd_a - a * even_a;
    d[2] = odd_b + b * even_b;
    d[3] = odd_b - b * even_b;
}

// Stride 2: those of the even inputs; the odd inputs stay.
template <class T>
CONVX_INLINE void transform(vec<T> (&d)[9]) {
    vec<T> even[5] = {d[0], d[2], d[4], d[6], d[8]};
    transform<T>(even);
    d[8] = d[7];
    d[7] = d[5];
    d[6] = d[3];
    d[5] = d[1];
    CONVX_UNROLL
    for (int i = 0; i < 5; ++i) d[i] = even[i];
}

// One axis of `rows` times `count` lines: N values `step` apart become N points. Taken by value, the steps stay in
// registers: a store might change what lies behind a reference.
struct Lines {
    int64_t from_step, from_line, from_row, to_step, to_line, to_row, count, rows;
    int64_t to_gap = 0;  // behind the third point
};
template <class T, int N, bool OF_EIGHT = false>
__attribute__((noinline)) void lines(const T* x, T* v, Lines s) {
    for (int64_t row = 0; row < s.rows; ++row) {
        const T* from = x + row * s.from_row;
        T* to = v + row * s.to_row;
        for (int64_t i = 0; i < s.count; ++i, from += s.from_line, to += s.to_line) {
            vec<T> d[N];
            CONVX_UNROLL
            for (int j = 0; j < N; ++j) d[j] = load(from + j * s.from_step);
            if constexpr (OF_EIGHT)
                transform<T, true>(d);
            else
                transform<T>(d);
            CONVX_UNROLL
            for (int j = 0; j < N; ++j) store(to + j * s.to_step + (OF_EIGHT && j >= BEFORE_GAP ? s.to_gap : 0), d[j]);
        }
    }
}

template <class T>
using Pass = void (*)(const T*, T*, Lines);
template <class T>
Pass<T> pass_of(int32_t points, int32_t gap = 0) {
    if constexpr (HAS_GAPS<T>) {
        if (gap > 0) return lines<T, 6, true>;
    }
    return points == 4   ? lines<T, 4>
           : points == 5 ? lines<T, 5>
           : points == 6 ? lines<T, 6>
           : points == 7 ? lines<T, 7>
           : points == 8 ? lines<T, 8>
                         : lines<T, 9>;
}

constexpr int HALF_PIXELS = 32;  // columns of a row of tiles at a time, transformed along H

// Tiles [t, t + count) of row y, one vector of channels: the columns that tiles share are transformed once.
template <class T>
CONVX_INLINE void some_tiles(const WinogradInput<T>& w, Pass<T> down, Pass<T> along, const T* x, T* v, int64_t count,
                             T* half) {
    const int64_t row = (w.nw + w.gap_w) * w.v_point;
    constexpr int64_t L = LANES<T>, PITCH = HALF_PIXELS * L;
    down(x, half, {w.x_tap, w.x_pixel, 0, PITCH, L, 0, (count - 1) * w.step + w.nw, 1});
    Lines lines{L, w.step * L, PITCH, w.v_point, w.v_tile, row, count, w.nh, w.gap_w * w.v_point};
    if (HAS_GAPS<T> && w.gap_h > 0) {
        lines.rows = BEFORE_GAP;
        along(half, v, lines);
        lines.rows = w.nh - BEFORE_GAP;
        half += BEFORE_GAP * PITCH;
        v += (BEFORE_GAP + w.gap_h) * row;
    }
    along(half, v, lines);
}

// Along one axis, one vector of channels of all tiles: rows of them, or columns where these are longer.
template <class T>
CONVX_INLINE void one_axis(const WinogradInput<T>& w, Pass<T> pass, const T* x, T* v) {
    const int64_t tap = w.nw == 1 ? w.x_tap : w.x_pixel, step = w.step * w.x_pixel, line = w.cols * w.v_tile;
    if (w.cols < w.rows)
        pass(x, v, {tap, w.x_row, step, w.v_point, line, w.v_tile, w.rows, w.cols});
    else
        pass(x, v, {tap, step, w.x_row, w.v_point, w.v_tile, line, w.cols, w.rows});
}

}  // namespace

template <class T>
void Float<T>::winograd_input(const WinogradInput<T>& w) {
    constexpr int64_t L = LANES<T>;
    if (w.nh == 1 || w.nw == 1) {
        for (int64_t c = 0; c < w.channels; c += L) one_axis(w, pass_of<T>(w.nh * w.nw), w.x + c, w.v + c);
        return;
    }
    alignas(64) T half[9 * HALF_PIXELS * L];
    const Pass<T> down = pass_of<T>(w.nh, w.gap_h), along = pass_of<T>(w.nw, w.gap_w);
    const int64_t some = (HALF_PIXELS - w.nw) / w.step + 1;
    for (int64_t c = 0; c < w.channels; c += L)
        for (int64_t y = 0; y < w.rows; ++y)
            for (int64_t t = 0; t < w.cols; t += some)
                some_tiles(w, down, along, w.x + y * w.x_row + t * w.step * w.x_pixel + c,
                           w.v + (y * w.cols + t) * w.v_tile + c, t + some < w.cols ? some : w.cols - t, half);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
