// Depthwise convolution of channels that lie side by side: lanes are channels.
#include "contracts/depthwise.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

constexpr int MOST = 8;  // chains of additions: two FMA ports x 4 cycles

// PIXELS outputs of one vector of channels share each vector of weights.
template <class T, int PIXELS>
CONVX_INLINE void pixels(const DepthwisePixels<T>& d, vec<T> bias, int64_t q, int64_t c) {
    vec<T> acc[PIXELS];
    CONVX_UNROLL
    for (int p = 0; p < PIXELS; ++p) acc[p] = vec<T>{};
    for (int64_t t = 0; t < d.tap_count; ++t) {
        const vec<T> w = load(d.w + t * d.channels + c);
        const T* x = d.taps[t] + q * d.step + c;
        CONVX_UNROLL
        for (int p = 0; p < PIXELS; ++p) acc[p] += load(x + p * d.step) * w;
    }
    CONVX_UNROLL
    for (int p = 0; p < PIXELS; ++p) store(d.out + (q + p) * d.channels + c, activate<T>(acc[p] + bias, d.epilogue));
}

// Fewer channels than lanes.
template <class T>
__attribute__((noinline)) void few_channels(const DepthwisePixels<T>& d) {
    constexpr int L = LANES<T>;
    alignas(64) T w[L] = {}, x[L] = {}, bias[L] = {};
    if (d.epilogue.bias) copy_few(bias, d.epilogue.bias, d.channels);
    const vec<T> b = d.epilogue.bias ? load(bias) : splat(T(-0.0));
    for (int64_t q = 0; q < d.count; ++q) {
        vec<T> acc = {};
        for (int64_t t = 0; t < d.tap_count; ++t) {
            copy_few(w, d.w + t * d.channels, d.channels);
            copy_few(x, d.taps[t] + q * d.step, d.channels);
            acc += load(x) * load(w);
        }
        store(x, activate<T>(acc + b, d.epilogue));
        copy_few(d.out + q * d.channels, x, d.channels);
    }
}

}  // namespace

// Memory is walked in its own order: all channels of some pixels, then the next pixels. The last vector of channels
// overlaps the one before.
template <class T>
void Float<T>::depthwise_pixels(const DepthwisePixels<T>& d) {
    constexpr int L = LANES<T>;
    if (d.channels < L) return few_channels(d);
    const auto all_channels = [&](auto body) {
        for (int64_t at = 0; at < d.channels; at += L) {
            const int64_t c = at + L <= d.channels ? at : d.channels - L;
            body(c, d.epilogue.bias ? load(d.epilogue.bias + c) : splat(T(-0.0)));
        }
    };
    int64_t q = 0;
    for (; q + MOST <= d.count; q += MOST)
        all_channels([&](int64_t c, vec<T> bias) { pixels<T, MOST>(d, bias, q, c); });
    for (; q + MOST / 2 <= d.count; q += MOST / 2)
        all_channels([&](int64_t c, vec<T> bias) { pixels<T, MOST / 2>(d, bias, q, c); });
    for (; q < d.count; ++q) all_channels([&](int64_t c, vec<T> bias) { pixels<T, 1>(d, bias, q, c); });
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
