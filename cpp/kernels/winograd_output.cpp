// Winograd's output transform Y = A' M A with the epilogue; lanes are output channels until the last step, a
// transposition into rows of pixels.
#include "contracts/winograd.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

// Sums of equal and opposite points: A' holds the powers p^i of the points.
template <class T>
struct PointPairs {
    vec<T> sum_a, difference_a, sum_b, difference_b;
    CONVX_INLINE PointPairs of(const vec<T> (&m)[6]) { return {m[1] + m[2], m[1] - m[2], m[3] + m[4], m[3] - m[4]}; }
};

template <class T>
CONVX_INLINE void transform(const vec<T> (&m)[6], vec<T> (&y)[4]) {
    constexpr T a = 0.75, b = 1.5;
    const PointPairs<T> p = PointPairs<T>::of(m);
    y[0] = m[0] + (p.sum_a + p.sum_b);
    y[1] = a * p.difference_a + b * p.difference_b;
    y[2] = a * a * p.sum_a + b * b * p.sum_b;
    y[3] = a * a * a * p.difference_a + (b * b * b * p.difference_b + m[5]);
}

template <class T>
CONVX_INLINE void transform(const vec<T> (&m)[6], vec<T> (&y)[2]) {
    constexpr T a = 0.75, b = 1.5;
    const PointPairs<T> p = PointPairs<T>::of(m);
    y[0] = m[0] + (p.sum_a + p.sum_b);
    y[1] = a * p.difference_a + (b * p.difference_b + m[5]);
}

template <class T>
CONVX_INLINE void transform(const vec<T> (&m)[4], vec<T> (&y)[2]) {
    y[0] = m[0] + (m[1] + m[2]);
    y[1] = m[3] + (m[1] - m[2]);
}

// Stride 2: five points of the even inputs, then the products of the odd ones, which are sums already.
template <class T>
CONVX_INLINE void transform(const vec<T> (&m)[9], vec<T> (&y)[4]) {
    constexpr T a = 0.5, b = 1.25;
    const vec<T> sum_a = m[0] + m[1], difference_a = m[0] - m[1], sum_b = m[2] + m[3], difference_b = m[2] - m[3];
    y[0] = m[5] + (sum_a + sum_b);
    y[1] = m[6] + (a * difference_a + b * difference_b);
    y[2] = m[7] + (a * a * sum_a + b * b * sum_b);
    y[3] = m[8] + (a * a * a * difference_a + (b * b * b * difference_b + m[4]));
}

// One tile of one vector of channels into pixels[i][m*slot + j][lane].
template <class T, int N, int M, int WIDTH>
CONVX_INLINE void one_tile(const WinogradOutput<T>& w, const T* m, vec<T> bias, T* pixels) {
    vec<T> columns[M][N];
    CONVX_UNROLL
    for (int j = 0; j < N; ++j) {
        vec<T> points[N], y[M];
        CONVX_UNROLL
        for (int i = 0; i < N; ++i) points[i] = load(m + (i * N + j) * w.m_point);
        transform<T>(points, y);
        CONVX_UNROLL
        for (int i = 0; i < M; ++i) columns[i][j] = y[i];
    }
    CONVX_UNROLL
    for (int i = 0; i < M; ++i) {
        vec<T> y[M];
        transform<T>(columns[i], y);
        CONVX_UNROLL
        for (int j = 0; j < M; ++j) store(pixels + (i * WIDTH + j) * LANES<T>, activate<T>(y[j] + bias, w.epilogue));
    }
}

// A lanes x lanes block of [pixel][channel] to `rows` channels of `count` pixels.
template <class T>
__attribute__((noinline)) void store_block(const WinogradOutput<T>& w, const T* pixels, T* out, int64_t rows,
                                           int64_t count) {
    constexpr int L = LANES<T>;
    if (w.out_channel == 1) {
        for (int64_t i = 0; i < count; ++i) copy_few(out + i * w.out_pixel, pixels + i * L, rows);
        return;
    }
    vec<T> m[L];
    CONVX_UNROLL
    for (int i = 0; i < L; ++i) m[i] = load(pixels + i * L);
    transpose<T>(m);
    if (rows == L && count == L) {
        CONVX_UNROLL
        for (int i = 0; i < L; ++i) store(out + i * w.out_channel, m[i]);
        return;
    }
    alignas(64) T block[L * L];
    CONVX_UNROLL
    for (int i = 0; i < L; ++i) store(block + i * L, m[i]);
    for (int64_t i = 0; i < rows; ++i) copy_few(out + i * w.out_channel, block + i * L, count);
}

template <class T, int N, int M>
void run(const WinogradOutput<T>& w) {
    constexpr int L = LANES<T>;
    constexpr int GROUP = L > M ? L / M : 1;  // tiles that fill whole vectors of pixels
    constexpr int WIDTH = GROUP * M;
    alignas(64) T pixels[M * WIDTH * L];
    for (int64_t k = 0; k < w.channels; k += L) {
        const int64_t rows = w.channels - k < L ? w.channels - k : L;
        alignas(64) T padded[L] = {};
        if (w.epilogue.bias) copy_few(padded, w.epilogue.bias + k, rows);
        const vec<T> bias = w.epilogue.bias ? load(padded) : splat(T(-0.0));
        for (int64_t t0 = 0; t0 < w.tiles; t0 += GROUP) {
            const int64_t t1 = t0 + GROUP < w.tiles ? t0 + GROUP : w.tiles;
            for (int64_t t = t0; t < t1; ++t)
                one_tile<T, N, M, WIDTH>(w, w.m + t * w.m_tile + k, bias, pixels + (t - t0) * M * L);
            for (int64_t i = 0; i < w.height; ++i)
                for (int64_t q = 0; q < WIDTH; q += L) {
                    const int64_t left = w.width - t0 * M - q;
                    if (left <= 0) break;
                    T* out = w.out + k * w.out_channel + i * w.out_row + (t0 * M + q) * w.out_pixel;
                    store_block(w, pixels + (i * WIDTH + q) * L, out, rows, left < L ? left : L);
                }
        }
    }
}

}  // namespace

template <class T>
void Float<T>::winograd_output(const WinogradOutput<T>& w) {
    if (w.points == 9)
        run<T, 9, 4>(w);
    else if (w.points == 4)
        run<T, 4, 2>(w);
    else
        w.outputs == 4 ? run<T, 6, 4>(w) : run<T, 6, 2>(w);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
