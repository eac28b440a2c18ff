// The direct tile for floating point, whose sums stay as it holds them: the channels of a pixel side by side.
#include "direct_tile.h"

#include "copy_block.h"

namespace convx::CONVX_ISA {
namespace {

// Where one tile of a call lies, and what it is to have cached.
template <class T>
struct Place {
    const T* x;
    T* out;
    const T* ahead;
    int64_t ahead_channels;
};

// What follows the sums of a tile, which is needed for channels last: once for all sizes of tiles.
template <class T>
__attribute__((noinline)) void finish(const DirectTile<T>& t, T* sums, int64_t pixel, const T* out) {
    constexpr int L = LANES<T>;
    alignas(64) T bias[NR<T>], edge[NR<T>] = {};
    pad_bias(bias, t);
    const int64_t pixels = t.pixels, channels = t.channels, out_pixel = t.out_pixel;
    const T* residual = t.epilogue.has_residual ? t.epilogue.residual_of(out) : nullptr;
    for (int64_t p = 0; p < pixels; ++p, sums += pixel) {
        if (residual) copy_block(edge, 0, residual + p * out_pixel, 0, 1, channels);
        for (int64_t k = 0; k < channels; k += L) {
            vec<T> sum[1][1] = {{load(sums + k) + load(bias + k)}};
            if (residual) sum[0][0] += load(edge + k);
            activate_tile<T, L, 1, 1>(sum, t.epilogue);
            store(sums + k, sum[0][0]);
        }
    }
}

template <class T, int PIXELS, int VECS>
CONVX_INLINE void tile(const DirectTile<T>& t, const Place<T>& at) {
    constexpr int L = LANES<T>;
    alignas(64) T edge[PIXELS * NR<T>];
    const bool partial = t.channels < VECS * L;
    T* const sums = partial ? edge : at.out;
    const int64_t pixel = partial ? VECS * L : t.out_pixel;
    vec<T> acc[PIXELS][VECS];
    if (t.first) {
        CONVX_UNROLL
        for (int p = 0; p < PIXELS; ++p) {
            CONVX_UNROLL
            for (int j = 0; j < VECS; ++j) acc[p][j] = vec<T>{};
        }
    } else {
        if (partial) copy_block(edge, pixel, at.out, t.out_pixel, PIXELS, t.channels);
        const T* row = sums;
        CONVX_UNROLL
        for (int p = 0; p < PIXELS; ++p) {
            CONVX_UNROLL
            for (int j = 0; j < VECS; ++j) acc[p][j] = load(row + j * L);
            next_row(row, pixel);
        }
    }
    accumulate<Multiply>(acc, t, Walk<T>{at.x, t.w, at.ahead}, at.ahead_channels);
    T* row = sums;
    CONVX_UNROLL
    for (int p = 0; p < PIXELS; ++p) {
        CONVX_UNROLL
        for (int j = 0; j < VECS; ++j) store(row + j * L, acc[p][j]);
        next_row(row, pixel);
    }
    if (t.last) finish(t, sums, pixel, at.out);
    if (partial) copy_block(at.out, t.out_pixel, edge, pixel, PIXELS, t.channels);
}

template <class T, class Body>
CONVX_INLINE void for_each_tile(const DirectTile<T>& t, int64_t pixels, const Body& body) {
    Place<T> at{t.x, t.out, t.ahead, 0};
    int64_t left = t.ahead_channels;
    for (int64_t more = t.more;; --more) {
        at.ahead_channels = left < t.ahead_each ? left : t.ahead_each;
        body(at);
        if (more == 0) return;
        at.x += t.x_tile;
        at.out += pixels * t.out_pixel;
        at.ahead += at.ahead_channels * t.taps * LINE<T>;
        left -= at.ahead_channels;
    }
}

// All tiles in one function: a call of it takes as long as ten steps.
struct AllTiles {
    template <class T, int PIXELS, int VECS>
    static void run(const DirectTile<T>& t) {
        for_each_tile(t, PIXELS,
                      [&](const Place<T>& at) __attribute__((always_inline)) { tile<T, PIXELS, VECS>(t, at); });
    }
};

}  // namespace

template <class T>
void Float<T>::direct_tile(const DirectTile<T>& t) {
    if constexpr (FEW_TILES<T> && MR >= 12) {
        for_each_tile(t, t.pixels, [&](const Place<T>& at) {
            DirectTile<T> one = t;
            one.more = 0;
            one.x = at.x;
            one.out = at.out;
            one.ahead = at.ahead;
            one.ahead_channels = one.ahead_each = at.ahead_channels;
            whole_or_halves<AllTiles>(one);
        });
    } else {
        by_pixels<AllTiles, T, MR>(t);
    }
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
