// Mirrored sums of five and seven bytes: all weights in registers.
#pragma once
#include "byte_sums.h"

namespace convx::CONVX_ISA {
namespace {

template <int HALF>
struct Units {
    Signed upper[HALF], lower[HALF], first, limit;

    explicit Units(const MirroredBytes& f) : first(first_fraction(f)), limit(open_below(f)) {
        CONVX_UNROLL
        for (int t = 0; t < HALF; ++t) {
            upper[t] = splat(f.units[t].upper);
            lower[t] = splat(f.units[t].lower);
        }
    }

    // Of neighbouring rows: those of x and y lie at x[HALF], and around it.
    __attribute__((always_inline)) Signed made(const Signed* x, Signed& least) const {
        const Signed twice = x[HALF] + x[HALF];
        Beyond s{first, {}};
        CONVX_UNROLL
        for (int t = 0; t < HALF; ++t) s.add(x[t] + x[2 * HALF - t] - twice, upper[t], lower[t]);
        least = least_of(least, s.fine);
        return x[HALF] + s.whole();
    }
};

// Bytes 1, 3, 5 ... or 0, 2, 4 ... Of a row alone each vector is loaded once; those of several would fill the
// registers.
CONVX_INLINE Signed half_of(Pixels both, bool odd) { return (Signed)(odd ? (Shorts)both >> 8 : (Shorts)both & 0xff); }

template <int N>
CONVX_INLINE void load_once(const uint8_t* const* src, int64_t i, Pixels (&both)[N]) {
    CONVX_UNROLL
    for (int t = 0; t < N; ++t) {
        both[t] = load(src[t] + i);
        CONVX_HOLD(both[t]);
    }
}

// ROWS rows, from i to end. Returns whether a sum is open.
template <int HALF, int ROWS>
__attribute__((noinline)) void some_rows(const MirroredBytes& f) {
    constexpr int MOST = ROWS + 2 * HALF;
    const Units<HALF> w(f);
    const uint8_t* src[MOST];
    CONVX_UNROLL
    for (int t = 0; t < MOST; ++t) src[t] = static_cast<const uint8_t*>(f.src[t]);
    const int64_t dst_row = f.dst_row;
    uint8_t* const dst = f.dst;
    in_spans(f, FILTER_ROWS / ROWS * L, [&](int64_t i, int64_t end) __attribute__((always_inline)) {
        Signed least = splat<int16_t>(0x7fff);
        for (const int64_t last = end - L;; i = i + L < last ? i + L : last) {
            Shorts sums[2][ROWS];
            Pixels both[MOST];
            if constexpr (ROWS == 1) load_once(src, i, both);
            CONVX_UNROLL
            for (int odd = 0; odd < 2; ++odd) {
                Signed x[MOST];
                CONVX_UNROLL
                for (int t = 0; t < MOST; ++t) x[t] = half_of(ROWS == 1 ? both[t] : load(src[t] + i), odd);
                CONVX_UNROLL
                for (int row = 0; row < ROWS; ++row) sums[odd][row] = (Shorts)w.made(x + row, least);
            }
            CONVX_UNROLL
            for (int row = 0; row < ROWS; ++row)
                store(dst + row * dst_row + i, together(Halves{sums[0][row], sums[1][row]}));
            if (i == last) return any_byte((Pixels)(least < w.limit));
        }
    });
}

}  // namespace
}  // namespace convx::CONVX_ISA
