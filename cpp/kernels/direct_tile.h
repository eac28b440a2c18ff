// Direct convolution micro-kernel: lanes are output channels, pixels are broadcast straight from the input.
// The finished tile is transposed so that NCHW receives runs of pixels. Op::add(sum, x, w) is the multiply-add. Sums of
// integers are whole and get no residual.
#pragma once
#include "contracts/direct.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class T>
constexpr int LINE = 64 / static_cast<int>(sizeof(T));

// Rows of `tile` hold NR<T> channels of one pixel; moves them to or from out[channel][pixel].
template <class T>
void store_transposed(const T* tile, const DirectTile<T>& t) {
    constexpr int L = LANES<T>;
    alignas(64) T block[L * L];
    for (int64_t k = 0; k < t.channels; k += L) {
        const int64_t rows = t.channels - k < L ? t.channels - k : L;
        for (int64_t p0 = 0; p0 < t.pixels; p0 += L) {
            const int64_t pixels = t.pixels - p0 < L ? t.pixels - p0 : L;
            vec<T> m[L];
            CONVX_UNROLL
            for (int p = 0; p < L; ++p) m[p] = p < pixels ? load(tile + (p0 + p) * NR<T> + k) : vec<T>{};
            transpose<T>(m);
            CONVX_UNROLL
            for (int l = 0; l < L; ++l) store(block + l * L, m[l]);
            T* out = t.out + k * t.out_channel + p0;
            for (int64_t l = 0; l < rows; ++l) copy_few(out + l * t.out_channel, block + l * L, pixels);
        }
    }
}

// Channels last: a pixel's channels lie side by side in the tile and in the output.
template <class T>
__attribute__((noinline)) void store_pixels(const T* tile, const DirectTile<T>& t) {
    constexpr int L = LANES<T>;
    for (int p = 0; p < t.pixels; ++p) {
        const T* row = tile + p * NR<T>;
        T* out = t.out + p * t.out_pixel;
        int64_t k = 0;
        for (; k + L <= t.channels; k += L) store(out + k, load(row + k));
        if (k < t.channels) copy_few(out + k, row + k, t.channels - k);
    }
}

template <class T>
void load_transposed(T* tile, const DirectTile<T>& t, const T* from) {
    const int64_t out_pixel = t.out_channel == 1 ? t.out_pixel : 1;
    for (int64_t p = 0; p < t.pixels; ++p) {
        T* row = tile + p * NR<T>;
        for (int64_t k = 0; k < NR<T>; ++k) row[k] = k < t.channels ? from[k * t.out_channel + p * out_pixel] : T(0);
    }
}

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

template <class Op, class T, int PIXELS, int VECS>
CONVX_INLINE void accumulate(vec<T> (&acc)[PIXELS][VECS], const DirectTile<T>& t) {
    const int64_t ahead = IS_FLOAT<T> ? t.ahead_channels : 0;
    if (t.taps == 1) {
        Walk<T> at{t.x + t.x_tap[0], t.w + t.w_tap[0], t.ahead};
        if (ahead > 0) one_tap<Op, true>(acc, at, t, ahead);
        return one_tap<Op, false>(acc, at, t, t.depth - ahead);
    }
    Walk<T> at{t.x, t.w, t.ahead};
    if (ahead > 0) all_taps<Op, true>(acc, at, t, ahead);
    all_taps<Op, false>(acc, at, t, t.depth - ahead);
}

// A slab's bias, padded to full vectors; -0.0 is the neutral element of addition.
template <class T>
__attribute__((noinline)) void pad_bias(T* padded, const DirectTile<T>& t) {
    for (int64_t k = 0; k < NR<T>; ++k)
        padded[k] = k >= t.channels ? T(0) : t.epilogue.bias ? t.epilogue.bias[k] : T(-0.0);
}

template <class Op, class T, int PIXELS, int VECS>
void tile(const DirectTile<T>& t) {
    constexpr int L = LANES<T>;
    alignas(64) T scratch[PIXELS * NR<T>];
    const bool in_place = t.out_channel == 1 && t.channels == VECS * L;
    T* const sums = in_place ? t.out : scratch;
    const int64_t pixel = in_place ? t.out_pixel : NR<T>;
    vec<T> acc[PIXELS][VECS];
    CONVX_UNROLL
    for (int p = 0; p < PIXELS; ++p) {
        CONVX_UNROLL
        for (int j = 0; j < VECS; ++j) acc[p][j] = vec<T>{};
    }
    if (IS_FLOAT<T> && !t.first) {
        if (!in_place) load_transposed(scratch, t, t.out);
        const T* row = sums;
        CONVX_UNROLL
        for (int p = 0; p < PIXELS; ++p) {
            CONVX_UNROLL
            for (int j = 0; j < VECS; ++j) acc[p][j] = load(row + j * L);
            next_row(row, pixel);
        }
    }
    accumulate<Op, T, PIXELS, VECS>(acc, t);
    if (!IS_FLOAT<T> || t.last) {
        vec<T> bias[VECS];
        pad_bias(scratch, t);
        CONVX_UNROLL
        for (int j = 0; j < VECS; ++j) bias[j] = load(scratch + j * L);
        CONVX_UNROLL
        for (int p = 0; p < PIXELS; ++p) {
            CONVX_UNROLL
            for (int j = 0; j < VECS; ++j) acc[p][j] += bias[j];
        }
        if (IS_FLOAT<T> && t.epilogue.has_residual) {
            const T* residual = t.epilogue.residual_of(t.out);
            if (!in_place) load_transposed(scratch, t, residual);
            if (!in_place) residual = scratch;
            CONVX_UNROLL
            for (int p = 0; p < PIXELS; ++p) {
                CONVX_UNROLL
                for (int j = 0; j < VECS; ++j) acc[p][j] += load(residual + j * L);
                next_row(residual, pixel);
            }
        }
        activate_tile<T, LANES<T>, PIXELS, VECS>(acc, t.epilogue);
    }
    T* row = sums;
    CONVX_UNROLL
    for (int p = 0; p < PIXELS; ++p) {
        CONVX_UNROLL
        for (int j = 0; j < VECS; ++j) store(row + j * L, acc[p][j]);
        next_row(row, pixel);
    }
    if (in_place) return;
    if (t.out_channel == 1)
        store_pixels(scratch, t);
    else
        store_transposed(scratch, t);
}

template <class Op, class T, int PIXELS>
void by_channels(const DirectTile<T>& t) {
    t.channels > LANES<T> ? tile<Op, T, PIXELS, 2>(t) : tile<Op, T, PIXELS, 1>(t);
}

template <class Op, class T, int PIXELS>
void by_pixels(const DirectTile<T>& t) {
    if (t.pixels == PIXELS) return by_channels<Op, T, PIXELS>(t);
    if constexpr (PIXELS > 1) by_pixels<Op, T, PIXELS - 1>(t);
}

// In even parts of at most MOST pixels, which need a part of the code.
template <class Op, class T, int MOST>
void in_parts(const DirectTile<T>& t) {
    DirectTile<T> part = t;
    int64_t left = t.pixels;
    for (int64_t parts = (left + MOST - 1) / MOST; parts > 0; --parts) {
        part.pixels = static_cast<decltype(part.pixels)>((left + parts - 1) / parts);
        by_pixels<Op, T, MOST>(part);
        part.x += part.pixels;
        part.out += part.pixels * (t.out_channel == 1 ? t.out_pixel : 1);
        left -= part.pixels;
    }
}

// A whole tile, or halves of one, which take about the time of it.
template <class Op, class T>
void whole_or_halves(const DirectTile<T>& t) {
    t.pixels == MR ? by_channels<Op, T, MR>(t) : in_parts<Op, T, MR / 2>(t);
}

}  // namespace

}  // namespace convx::CONVX_ISA
