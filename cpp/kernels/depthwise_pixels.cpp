// Depthwise convolution of channels that lie side by side: lanes are channels.
#include "contracts/depthwise.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

constexpr int MOST = 8;  // outputs at once, chains of additions: two FMA ports x 4 cycles

template <class T, int N, int PIXELS>
CONVX_INLINE void put(const DepthwisePixels<T>& d, vec<T, N> (&acc)[PIXELS], vec<T, N> bias, int64_t q, int64_t c) {
    CONVX_UNROLL
    for (int p = 0; p < PIXELS; ++p) acc[p] += bias;
    if (d.epilogue.has_residual) {
        const T* const from = d.epilogue.residual_of(d.out + q * d.channels + c);
        CONVX_UNROLL
        for (int p = 0; p < PIXELS; ++p) acc[p] += load<T, N>(from + p * d.channels);
    }
    activate_all<T, N, PIXELS>(acc, d.epilogue);
    CONVX_UNROLL
    for (int p = 0; p < PIXELS; ++p) store<T, N>(d.out + (q + p) * d.channels + c, acc[p]);
}

// PIXELS outputs of one vector of channels share each vector of weights.
template <class T, int N, int PIXELS>
CONVX_INLINE void any_taps(const DepthwisePixels<T>& d, vec<T, N> bias, int64_t q, int64_t c) {
    vec<T, N> acc[PIXELS];
    CONVX_UNROLL
    for (int p = 0; p < PIXELS; ++p) acc[p] = vec<T, N>{};
    for (int64_t r = 0; r < d.row_count; ++r) {
        const T* x = d.rows[r].x + q * d.step + c;
        const T* at = d.rows[r].w + c;
        for (int64_t s = 0; s < d.columns; ++s, x += d.column_step, at += d.w_step) {
            const vec<T, N> w = load<T, N>(at);
            CONVX_UNROLL
            for (int p = 0; p < PIXELS; ++p) acc[p] += load<T, N>(x + p * d.step) * w;
        }
    }
    put<T, N, PIXELS>(d, acc, bias, q, c);
}

// The same with a row of K weights in registers. Where outputs are S taps apart (0: any distance), each vector of input
// is loaded once for all outputs of the row that it counts in.
template <class T, int N, int K, int S, int PIXELS>
CONVX_INLINE void row_taps(const DepthwisePixels<T>& d, vec<T, N> bias, int64_t q, int64_t c) {
    vec<T, N> acc[PIXELS];
    CONVX_UNROLL
    for (int p = 0; p < PIXELS; ++p) acc[p] = vec<T, N>{};
    for (int64_t r = 0; r < d.row_count; ++r) {
        const T* x = d.rows[r].x + q * d.step + c;
        const T* at = d.rows[r].w + c;
        vec<T, N> w[K];
        CONVX_UNROLL
        for (int s = 0; s < K; ++s, at += d.w_step) w[s] = load<T, N>(at);
        if constexpr (S == 0) {
            CONVX_UNROLL
            for (int s = 0; s < K; ++s, x += d.column_step) {
                CONVX_UNROLL
                for (int p = 0; p < PIXELS; ++p) acc[p] += load<T, N>(x + p * d.step) * w[s];
            }
        } else {
            CONVX_UNROLL
            for (int u = 0; u < (PIXELS - 1) * S + K; ++u, x += d.column_step) {
                const vec<T, N> v = load<T, N>(x);
                CONVX_UNROLL
                for (int s = 0; s < K; ++s)
                    if (u >= s && (u - s) % S == 0 && (u - s) / S < PIXELS) acc[(u - s) / S] += v * w[s];
            }
        }
    }
    put<T, N, PIXELS>(d, acc, bias, q, c);
}

// How tiles sum their taps; Few is for single outputs, which are rare but where padding leaves one tap at a time.
template <class T>
struct AnyTaps {
    using Few = AnyTaps;
    template <int N, int PIXELS>
    CONVX_INLINE void run(const DepthwisePixels<T>& d, vec<T, N> bias, int64_t q, int64_t c) {
        any_taps<T, N, PIXELS>(d, bias, q, c);
    }
};

template <class T, int K, int S>
struct RowTaps {
    using Few = AnyTaps<T>;
    template <int N, int PIXELS>
    CONVX_INLINE void run(const DepthwisePixels<T>& d, vec<T, N> bias, int64_t q, int64_t c) {
        row_taps<T, N, K, S, PIXELS>(d, bias, q, c);
    }
};

template <class T>
struct OneTap : RowTaps<T, 1, 0> {
    using Few = OneTap;
};

// Tiles of PIXELS outputs of [from, to), the last of them moved back over its neighbour. Memory is walked in its own
// order: all channels of some pixels, then the next pixels. The last vector of channels overlaps the one before.
template <class T, class Taps, int PIXELS>
__attribute__((noinline)) void tiles(const DepthwisePixels<T>& d, int64_t from, int64_t to) {
    constexpr int L = LANES<T>;
    for (int64_t i = from; i < to; i += PIXELS) {
        const int64_t q = i + PIXELS <= d.count ? i : d.count - PIXELS;
        for (int64_t at = 0; at < d.channels; at += L) {
            const int64_t c = at + L <= d.channels ? at : d.channels - L;
            Taps::template run<L, PIXELS>(d, d.epilogue.bias ? load(d.epilogue.bias + c) : splat(T(-0.0)), q, c);
        }
    }
}

// In eights, but for maps whose width is a multiple of 7, as that of most networks is.
template <class T, class Taps>
void all_pixels(const DepthwisePixels<T>& d) {
    if (d.count % 7 == 0 && d.count % MOST != 0) return tiles<T, Taps, 7>(d, 0, d.count);
    if (d.count < MOST / 2) return tiles<T, typename Taps::Few, 1>(d, 0, d.count);
    const int64_t rest = d.count % MOST, eights = rest > MOST / 2 && d.count > MOST ? d.count : d.count - rest;
    tiles<T, Taps, MOST>(d, 0, eights);
    tiles<T, Taps, MOST / 2>(d, eights, d.count);
}

// Fewer channels than lanes: a short vector for each pixel. It runs over into the next pixel, which is yet to come; the
// last one must not.
template <class T, int N, class Taps>
CONVX_INLINE void few_pixels(const DepthwisePixels<T>& d) {
    alignas(64) T bias[N] = {}, last[N];
    if (d.epilogue.bias) copy_few<T, N>(bias, d.epilogue.bias, d.channels);
    const vec<T, N> b = d.epilogue.bias ? load<T, N>(bias) : splat<T, N>(T(-0.0));
    int64_t q = 0;
    for (; q + MOST < d.count; q += MOST) Taps::template run<N, MOST>(d, b, q, 0);
    for (; q + 1 < d.count; ++q) Taps::template run<N, 1>(d, b, q, 0);
    if (d.count == 0) return;
    vec<T, N> acc[1] = {};
    for (int64_t r = 0; r < d.row_count; ++r)
        for (int64_t s = 0; s < d.columns; ++s) {
            alignas(64) T x[N] = {};
            copy_few<T, N>(x, d.rows[r].x + q * d.step + s * d.column_step, d.channels);
            acc[0] += load<T, N>(x) * load<T, N>(d.rows[r].w + s * d.w_step);
        }
    acc[0] += b;
    if (d.epilogue.has_residual) {
        alignas(64) T residual[N] = {};
        copy_few<T, N>(residual, d.epilogue.residual_of(d.out + q * d.channels), d.channels);
        acc[0] += load<T, N>(residual);
    }
    activate_all<T, N, 1>(acc, d.epilogue);
    store<T, N>(last, acc[0]);
    copy_few<T, N>(d.out + q * d.channels, last, d.channels);
}

template <class T, int N>
__attribute__((noinline)) void few_channels(const DepthwisePixels<T>& d) {
    if constexpr (N > 2) {
        if (d.channels <= N / 2) return few_channels<T, N / 2>(d);
    }
    d.columns == 3 ? few_pixels<T, N, RowTaps<T, 3, 0>>(d) : few_pixels<T, N, AnyTaps<T>>(d);
}

template <class T, int K>
CONVX_INLINE void by_stride(const DepthwisePixels<T>& d) {
    if (d.step == d.column_step) return all_pixels<T, RowTaps<T, K, 1>>(d);
    if (d.step == 2 * d.column_step) return all_pixels<T, RowTaps<T, K, 2>>(d);
    if constexpr (K == 3) return all_pixels<T, RowTaps<T, K, 0>>(d);  // often dilated
    return all_pixels<T, AnyTaps<T>>(d);
}

}  // namespace

template <class T>
void Float<T>::depthwise_pixels(const DepthwisePixels<T>& d) {
    if (d.channels < LANES<T>) return few_channels<T, LANES<T>>(d);
    if (d.columns == 3) return by_stride<T, 3>(d);
    if constexpr (!FEW_TILES<T>) {
        if (d.columns == 1) return all_pixels<T, OneTap<T>>(d);
        if (d.columns == 2) return all_pixels<T, RowTaps<T, 2, 0>>(d);
        if (d.columns == 5) return by_stride<T, 5>(d);
        if (d.columns == 7) return by_stride<T, 7>(d);
    }
    all_pixels<T, AnyTaps<T>>(d);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
