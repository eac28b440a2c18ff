// Winograd's input transform V = B' d B; lanes are neighbouring tiles, so both passes are plain vector arithmetic.
#include "contracts/winograd.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

// Points 0, +-a, +-b, infinity with a = 3/4, b = 3/2. Row of point p in B' holds the coefficients of prod_{q != p} (x -
// q).
template <class T>
CONVX_INLINE void transform(vec<T> (&d)[6]) {
    constexpr T a = 0.75, b = 1.5, aa = a * a, bb = b * b;
    const vec<T> even_a = d[4] - bb * d[2], odd_a = d[3] - bb * d[1];
    const vec<T> even_b = d[4] - aa * d[2], odd_b = d[3] - aa * d[1];
    d[0] = aa * bb * d[0] + (d[4] - (aa + bb) * d[2]);
    d[5] = aa * bb * d[1] + (d[5] - (aa + bb) * d[3]);
    d[1] = even_a + a * odd_a;
    d[2] = even_a - a * odd_a;
    d[3] = even_b + b * odd_b;
    d[4] = even_b - b * odd_b;
}

// Points 0, +-1, infinity.
template <class T>
CONVX_INLINE void transform(vec<T> (&d)[4]) {
    const vec<T> d1 = d[1];
    d[0] = d[2] - d[0];
    d[1] = d1 + d[2];
    d[2] = d[2] - d1;
    d[3] = d[3] - d1;
}

// Stride 2: points +-a, +-b, infinity of the even inputs with a = 1/2, b = 5/4; the odd inputs stay.
template <class T>
CONVX_INLINE void transform(vec<T> (&d)[9]) {
    constexpr T a = 0.5, b = 1.25, aa = a * a, bb = b * b;
    const vec<T> even_a = d[4] - bb * d[0], odd_a = d[6] - bb * d[2];
    const vec<T> even_b = d[4] - aa * d[0], odd_b = d[6] - aa * d[2];
    const vec<T> infinity = aa * bb * d[0] + (d[8] - (aa + bb) * d[4]);
    const vec<T> d1 = d[1], d3 = d[3];
    d[0] = odd_a + a * even_a;
    d[1] = odd_a - a * even_a;
    d[2] = odd_b + b * even_b;
    d[3] = odd_b - b * even_b;
    d[4] = infinity;
    d[6] = d3;
    d[8] = d[7];
    d[7] = d[5];
    d[5] = d1;
}

template <class T, int N>
CONVX_INLINE void tile_vector(const T* x, const int64_t* tap, T* v, int64_t v_point) {
    alignas(64) T columns[N * N * LANES<T>];  // more values than registers: the first pass goes through L1
    CONVX_UNROLL
    for (int j = 0; j < N; ++j) {
        vec<T> d[N];
        CONVX_UNROLL
        for (int i = 0; i < N; ++i) d[i] = load(x + tap[i * N + j]);
        transform<T>(d);
        CONVX_UNROLL
        for (int i = 0; i < N; ++i) store(columns + (i * N + j) * LANES<T>, d[i]);
    }
    CONVX_UNROLL
    for (int i = 0; i < N; ++i) {
        vec<T> d[N];
        CONVX_UNROLL
        for (int j = 0; j < N; ++j) d[j] = load(columns + (i * N + j) * LANES<T>);
        transform<T>(d);
        CONVX_UNROLL
        for (int j = 0; j < N; ++j) store(v + (i * N + j) * v_point, d[j]);
    }
}

template <class T, int N>
void run(const WinogradInput<T>& w) {
    for (int64_t c = 0; c < w.channels; ++c)
        for (int64_t y = 0; y < w.rows; ++y) {
            const T* x = w.x + c * w.x_channel + y * w.x_row;
            T* v = w.v + c * w.v_channel + y * w.tiles;
            for (int64_t t = 0; t < w.tiles; t += LANES<T>) tile_vector<T, N>(x + t, w.tap, v + t, w.v_point);
        }
}

}  // namespace

template <class T>
void Float<T>::winograd_input(const WinogradInput<T>& w) {
    if (w.points == 9)
        run<T, 9>(w);
    else
        w.points == 6 ? run<T, 6>(w) : run<T, 4>(w);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
