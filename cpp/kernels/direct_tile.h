// Direct convolution micro-kernels: lanes are output channels, pixels are broadcast straight from the input.
// Op::add(sum, x, w) is the multiply-add; Tiles::run<T, PIXELS, VECS> makes tiles of one size.
#pragma once
#include "contracts/direct.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class T>
constexpr int LINE = 64 / static_cast<int>(sizeof(T));

template <class Op, class T, int PIXELS, int VECS>
CONVX_INLINE void step(vec<T> (&acc)[PIXELS][VECS], const T* x, const T* w) {
    vec<T> wv[VECS];
    CONVX_UNROLL
    for (int j = 0; j < VECS; ++j) wv[j] = load(w + j * LANES<T>);
    CONVX_UNROLL
    for (int p = 0; p < PIXELS; ++p) {
        const vec<T> xv = splat(x[p]);
        CONVX_UNROLL
        for (int j = 0; j < VECS; ++j) acc[p][j] = Op::template add<LANES<T>>(acc[p][j], xv, wv[j]);
    }
}

// Where the pixels and weights of the next channel lie, and the next line that is to be cached.
template <class T>
struct Walk {
    const T *x, *w, *ahead;
};

template <bool AHEAD, class T>
CONVX_INLINE void fetch_ahead(Walk<T>& at) {
    if constexpr (AHEAD) {
        __builtin_prefetch(at.ahead, 0, 2);
        at.ahead += LINE<T>;
    }
}

template <class Op, bool AHEAD, class T, int PIXELS, int VECS>
CONVX_INLINE void one_tap(vec<T> (&acc)[PIXELS][VECS], Walk<T>& at, const DirectTile<T>& t) {
    fetch_ahead<AHEAD>(at);
    step<Op>(acc, at.x, at.w);
    at.x += t.x_channel;
    at.w += t.w_channel;
}

template <class Op, bool AHEAD, class T, int PIXELS, int VECS>
CONVX_INLINE void one_tap(vec<T> (&acc)[PIXELS][VECS], Walk<T>& at, const DirectTile<T>& t, int64_t channels) {
    if constexpr (PIXELS * VECS > 12) {  // enough to hide a loop behind
        for (int64_t c = 0; c < channels; ++c) one_tap<Op, AHEAD>(acc, at, t);
    } else {
        CONVX_UNROLL_LOOP
        for (int64_t c = 0; c < channels; ++c) one_tap<Op, AHEAD>(acc, at, t);
    }
}

template <class Op, bool AHEAD, class T, int PIXELS, int VECS>
CONVX_INLINE void all_taps(vec<T> (&acc)[PIXELS][VECS], Walk<T>& at, const DirectTile<T>& t, int64_t channels) {
    for (int64_t c = 0; c < channels; ++c, at.x += t.x_channel, at.w += t.w_channel) {
        for (int64_t i = 0; i < t.taps; ++i) {
            fetch_ahead<AHEAD>(at);
            step<Op>(acc, at.x + t.x_tap[i], at.w + t.w_tap[i]);
        }
    }
}

// With a line ahead for each tap of the first `ahead` channels.
template <class Op, class T, int PIXELS, int VECS>
CONVX_INLINE void accumulate(vec<T> (&acc)[PIXELS][VECS], const DirectTile<T>& t, Walk<T> at, int64_t ahead) {
    if (t.taps == 1) {
        at.x += t.x_tap[0];
        at.w += t.w_tap[0];
        if (ahead > 0) one_tap<Op, true>(acc, at, t, ahead);
        return one_tap<Op, false>(acc, at, t, t.depth - ahead);
    }
    if (ahead > 0) all_taps<Op, true>(acc, at, t, ahead);
    all_taps<Op, false>(acc, at, t, t.depth - ahead);
}

// A slab's bias, padded to full vectors; -0.0 is the neutral element of addition.
template <class T>
__attribute__((noinline)) void pad_bias(T* padded, const DirectTile<T>& t) {
    for (int64_t k = 0; k < NR<T>; ++k)
        padded[k] = k >= t.channels ? T(0) : t.epilogue.bias ? t.epilogue.bias[k] : T(-0.0);
}

template <class T, int PIXELS, int VECS>
CONVX_INLINE void add_bias(vec<T> (&acc)[PIXELS][VECS], const T* padded) {
    vec<T> bias[VECS];
    CONVX_UNROLL
    for (int j = 0; j < VECS; ++j) bias[j] = load(padded + j * LANES<T>);
    CONVX_UNROLL
    for (int p = 0; p < PIXELS; ++p) {
        CONVX_UNROLL
        for (int j = 0; j < VECS; ++j) acc[p][j] += bias[j];
    }
}

template <class Tiles, class T, int PIXELS>
void by_channels(const DirectTile<T>& t) {
    t.channels > LANES<T> ? Tiles::template run<T, PIXELS, 2>(t) : Tiles::template run<T, PIXELS, 1>(t);
}

template <class Tiles, class T, int PIXELS>
void by_pixels(const DirectTile<T>& t) {
    if (t.pixels == PIXELS) return by_channels<Tiles, T, PIXELS>(t);
    if constexpr (PIXELS > 1) by_pixels<Tiles, T, PIXELS - 1>(t);
}

// In even parts of at most MOST pixels, which need a part of the code.
template <class Tiles, class T, int MOST>
void in_parts(const DirectTile<T>& t) {
    DirectTile<T> part = t;
    int64_t left = t.pixels;
    for (int64_t parts = (left + MOST - 1) / MOST; parts > 0; --parts) {
        part.pixels = static_cast<decltype(part.pixels)>((left + parts - 1) / parts);
        by_pixels<Tiles, T, MOST>(part);
        part.x += part.pixels;
        part.out += part.pixels * (IS_FLOAT<T> ? t.out_pixel : 1);
        left -= part.pixels;
    }
}

// A whole tile, or halves of one, which take about the time of it.
template <class Tiles, class T>
void whole_or_halves(const DirectTile<T>& t) {
    t.pixels == MR ? by_channels<Tiles, T, MR>(t) : in_parts<Tiles, T, MR / 2>(t);
}

}  // namespace
}  // namespace convx::CONVX_ISA
