// Depthwise convolution of few channels that lie side by side: lanes are elements of some pixels, weights a vector for
// each tap, and each loaded input vector feeds all output rows of a strip.
#include "contracts/depthwise.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class T, int R>
CONVX_INLINE void put(const DepthwiseRows<T>& d, vec<T> (&acc)[R], T* out, int64_t e) {
    constexpr int L = LANES<T>;
    if (d.epilogue.has_residual) {
        CONVX_UNROLL
        for (int i = 0; i < R; ++i) {
            const T* const from = d.epilogue.residual_of(out + i * d.out_row + e);
            T few[L] = {};
            if (e + L > d.width) copy_few(few, from, d.width - e);
            acc[i] += load(e + L > d.width ? few : from);
        }
    }
    activate_all<T, L, R>(acc, d.epilogue);
    if (e + L <= d.width) {
        CONVX_UNROLL
        for (int i = 0; i < R; ++i) store(out + i * d.out_row + e, acc[i]);
    } else {
        CONVX_UNROLL
        for (int i = 0; i < R; ++i) {
            T few[L];
            store(few, acc[i]);
            copy_few(out + i * d.out_row + e, few, d.width - e);
        }
    }
}

// K x K taps, output rows S apart: the vectors whose weights are those of element `phase`.
template <class T, int K, int S, int R>
__attribute__((noinline)) void strip(const DepthwiseRows<T>& d, const T* const* rows, T* out, int64_t phase) {
    vec<T> w[K * K];
    CONVX_UNROLL
    for (int i = 0; i < K * K; ++i) w[i] = load(d.w + i * d.period + phase);
    int64_t tap[K];
    CONVX_UNROLL
    for (int s = 0; s < K; ++s) tap[s] = d.tap[s];
    const vec<T> bias = d.epilogue.bias ? load(d.epilogue.bias + phase) : splat(T(-0.0));
    for (int64_t e = phase; e < d.width; e += d.period) {
        vec<T> acc[R];
        CONVX_UNROLL
        for (int i = 0; i < R; ++i) acc[i] = bias;
        CONVX_UNROLL
        for (int y = 0; y < (R - 1) * S + K; ++y) {
            const T* const x = rows[y] + e;
            CONVX_UNROLL
            for (int s = 0; s < K; ++s) {
                vec<T> v = load(x + tap[s]);
                CONVX_HOLD(v);
                CONVX_UNROLL
                for (int i = 0; i < R; ++i)
                    if (y >= i * S && y < i * S + K) acc[i] += v * w[(y - i * S) * K + s];
            }
            CONVX_KEEP_ORDER;
        }
        put<T, R>(d, acc, out, e);
    }
}

// Any taps.
template <class T, int R>
__attribute__((noinline)) void any_strip(const DepthwiseRows<T>& d, const T* const* rows, T* out, int64_t phase) {
    const vec<T> bias = d.epilogue.bias ? load(d.epilogue.bias + phase) : splat(T(-0.0));
    for (int64_t e = phase; e < d.width; e += d.period) {
        vec<T> acc[R];
        CONVX_UNROLL
        for (int i = 0; i < R; ++i) acc[i] = bias;
        const T* w = d.w + phase;
        for (int64_t r = 0; r < d.kernel_h; ++r)
            for (int64_t s = 0; s < d.kernel_w; ++s, w += d.period) {
                const vec<T> v = load(w);
                CONVX_UNROLL
                for (int i = 0; i < R; ++i) acc[i] += load(rows[i * d.stride + r] + e + d.tap[s]) * v;
            }
        put<T, R>(d, acc, out, e);
    }
}

template <class T, int K, int S>
struct Square {
    template <int R>
    CONVX_INLINE void run(const DepthwiseRows<T>& d, const T* const* rows, T* out, int64_t phase) {
        strip<T, K, S, R>(d, rows, out, phase);
    }
};

template <class T>
struct AnyTaps {
    template <int R>
    CONVX_INLINE void run(const DepthwiseRows<T>& d, const T* const* rows, T* out, int64_t phase) {
        any_strip<T, R>(d, rows, out, phase);
    }
};

template <class T, class Taps, int R>
CONVX_INLINE int64_t strips(const DepthwiseRows<T>& d, int64_t top) {
    for (; top + R <= d.height; top += R)
        for (int64_t phase = 0; phase < d.period && phase < d.width; phase += LANES<T>)
            Taps::template run<R>(d, d.rows + top * d.stride, d.out + top * d.out_row, phase);
    return top;
}

template <class T, class Taps, int MOST>
CONVX_INLINE void all_rows(const DepthwiseRows<T>& d) {
    int64_t top = strips<T, Taps, MOST>(d, 0);
    if constexpr (MOST > 4) top = strips<T, Taps, 4>(d, top);
    if constexpr (MOST > 2) top = strips<T, Taps, 2>(d, top);
    strips<T, Taps, 1>(d, top);
}

// Rows at once; the maps of most networks are multiples of 7. Without FMA and with 16 registers few pay for their code.
template <class T, int K>
CONVX_INLINE void by_stride(const DepthwiseRows<T>& d) {
    constexpr int MOST = !HAS_FMA ? 2 : K == 3 && !FEW_TILES<T> ? 7 : 4;
    d.stride == 1 ? all_rows<T, Square<T, K, 1>, MOST>(d) : all_rows<T, Square<T, K, 2>, MOST>(d);
}

}  // namespace

template <class T>
void Float<T>::depthwise_rows(const DepthwiseRows<T>& d) {
    if (d.kernel_h == d.kernel_w && d.stride <= 2) {
        if (d.kernel_w == 3) return by_stride<T, 3>(d);
        if constexpr (!FEW_TILES<T>) {
            if (d.kernel_w == 5) return by_stride<T, 5>(d);
        }
    }
    all_rows<T, AnyTaps<T>, 4>(d);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
