// Winograd's transforms of the gradient with respect to a weight; lanes are channels.
#include "contracts/winograd.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

constexpr int M = 4, N = 6, R = 3;

// Rows (1, p, p^2, p^3) of A for the points 0, +-a, +-b with a = 3/4, b = 3/2, then infinity.
template <class T>
CONVX_INLINE void spread(const vec<T> (&g)[M], vec<T> (&v)[N]) {
    constexpr T a = 0.75, b = 1.5;
    const vec<T> even_a = g[0] + a * a * g[2], odd_a = a * (g[1] + a * a * g[3]);
    const vec<T> even_b = g[0] + b * b * g[2], odd_b = b * (g[1] + b * b * g[3]);
    v[0] = g[0];
    v[1] = even_a + odd_a;
    v[2] = even_a - odd_a;
    v[3] = even_b + odd_b;
    v[4] = even_b - odd_b;
    v[5] = g[3];
}

template <class T>
CONVX_INLINE void spread_vector(const WinogradInput<T>& w, const T* g, T* v) {
    alignas(64) T columns[N * M * LANES<T>];  // more values than registers
    CONVX_UNROLL
    for (int j = 0; j < M; ++j) {
        vec<T> in[M], out[N];
        CONVX_UNROLL
        for (int i = 0; i < M; ++i) in[i] = load(g + i * w.x_tap + j * w.x_pixel);
        spread<T>(in, out);
        CONVX_UNROLL
        for (int i = 0; i < N; ++i) store(columns + (i * M + j) * LANES<T>, out[i]);
    }
    CONVX_UNROLL
    for (int i = 0; i < N; ++i) {
        vec<T> in[M], out[N];
        CONVX_UNROLL
        for (int j = 0; j < M; ++j) in[j] = load(columns + (i * M + j) * LANES<T>);
        spread<T>(in, out);
        CONVX_UNROLL
        for (int j = 0; j < N; ++j) store(v + (i * N + j) * w.v_point, out[j]);
    }
}

// G' of the same points: each column of G is p^i over the product of the differences of p to the other points.
template <class T>
CONVX_INLINE void taps_of(const vec<T> (&m)[N], vec<T> (&w)[R]) {
    constexpr T n0 = T(64.0 / 81), na = T(-128.0 / 243), nb = T(32.0 / 243), a = 0.75, b = 1.5;
    const vec<T> sum_a = na * (m[1] + m[2]), sum_b = nb * (m[3] + m[4]);
    const vec<T> difference_a = na * a * (m[1] - m[2]), difference_b = nb * b * (m[3] - m[4]);
    w[0] = n0 * m[0] + (sum_a + sum_b);
    w[1] = difference_a + difference_b;
    w[2] = a * a * sum_a + (b * b * sum_b + m[5]);
}

}  // namespace

template <class T>
void Float<T>::winograd_grad_output(const WinogradInput<T>& w) {
    for (int64_t y = 0; y < w.rows; ++y)
        for (int64_t t = 0; t < w.cols; ++t)
            for (int64_t c = 0; c < w.channels; c += LANES<T>)
                spread_vector<T>(w, w.x + y * w.x_row + t * w.step * w.x_pixel + c,
                                 w.v + (y * w.cols + t) * w.v_tile + c);
}

template <class T>
void Float<T>::winograd_grad_weight(const WinogradGradWeight<T>& w) {
    for (int64_t t = 0; t < w.channels; t += LANES<T>) {
        vec<T> half[R][N];
        CONVX_UNROLL
        for (int j = 0; j < N; ++j) {
            vec<T> in[N], out[R];
            CONVX_UNROLL
            for (int i = 0; i < N; ++i) in[i] = load(w.m + (i * N + j) * w.m_point + t);
            taps_of<T>(in, out);
            CONVX_UNROLL
            for (int i = 0; i < R; ++i) half[i][j] = out[i];
        }
        CONVX_UNROLL
        for (int i = 0; i < R; ++i) {
            vec<T> out[R];
            taps_of<T>(half[i], out);
            CONVX_UNROLL
            for (int j = 0; j < R; ++j) store(w.w + (i * R + j) * w.w_tap + t, out[j]);
        }
    }
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
