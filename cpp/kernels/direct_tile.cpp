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

// What follows the sums, which is needed for channels last: in registers of the tiles that are common.
template <int PIXELS, int VECS>
constexpr bool COMMON = VECS == 2 && 2 * PIXELS > MR;

template <class T, int PIXELS, int VECS>
CONVX_INLINE void finish(vec<T> (&acc)[PIXELS][VECS], const DirectTile<T>& t, const T* bias, const T* out, T* edge) {
    constexpr int L = LANES<T>;
    add_bias(acc, bias);
    if (t.epilogue.has_residual) {
        const T* row = t.epilogue.residual_of(out);
        int64_t pixel = t.out_pixel;
        if (t.channels < VECS * L) {
            copy_block(edge, VECS * L, row, pixel, PIXELS, t.channels);
            row = edge;
            pixel = VECS * L;
        }
        CONVX_UNROLL
        for (int p = 0; p < PIXELS; ++p) {
            CONVX_UNROLL
            for (int j = 0; j < VECS; ++j) acc[p][j] += load(row + j * L);
            next_row(row, pixel);
        }
    }
    activate_tile<T, L, PIXELS, VECS>(acc, t.epilogue);
}

// One pixel after the other for all others.
template <class T, int VECS>
__attribute__((noinline)) void finish_stored(const DirectTile<T>& t, T* sums, int64_t pixel, const T* out) {
    alignas(64) T bias[NR<T>], edge[NR<T>];
    pad_bias(bias, t);
    for (int64_t p = 0; p < t.pixels; ++p, sums += pixel, out += t.out_pixel) {
        vec<T> acc[1][VECS];
        CONVX_UNROLL
        for (int j = 0; j < VECS; ++j) acc[0][j] = load(sums + j * LANES<T>);
        finish(acc, t, bias, out, edge);
        CONVX_UNROLL
        for (int j = 0; j < VECS; ++j) store(sums + j * LANES<T>, acc[0][j]);
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
    if (COMMON<PIXELS, VECS> && t.last) {
        alignas(64) T bias[NR<T>];
        pad_bias(bias, t);
        finish(acc, t, bias, at.out, edge);
    }
    T* row = sums;
    CONVX_UNROLL
    for (int p = 0; p < PIXELS; ++p) {
        CONVX_UNROLL
        for (int j = 0; j < VECS; ++j) store(row + j * L, acc[p][j]);
        next_row(row, pixel);
    }
    if (!COMMON<PIXELS, VECS> && t.last) finish_stored<T, VECS>(t, sums, pixel, at.out);
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
