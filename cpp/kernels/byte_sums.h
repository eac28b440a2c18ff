// Mirrored sums of bytes. Two bytes are added as integers of 16 bits and multiplied once; which of them lie in which
// vector of floats follows from masks and shifts, which need no shuffles, and the same way leads back.
#pragma once
#include "bytes.h"

namespace convx::CONVX_ISA {
namespace {

constexpr float ONE = 1 << 16;  // sums are made with 16 bits of fraction, more than float has of most of them
using Words = vec<uint32_t>;

// Bytes, from the upper halves of words that hold bytes 0, 4, 8 ... and 2, 6, 10 ... and 1, 5, 9 ... and 3, 7, 11 ...
CONVX_INLINE Pixels together(const Words (&x)[4]) {
    const Words even = x[0] >> 16 | (x[1] & 0xffff0000), odd = x[2] >> 16 | (x[3] & 0xffff0000);
    return (Pixels)(even | odd << 8);
}

CONVX_INLINE vec<float> floats(Words x) { return __builtin_convertvector((vec<int32_t>)x, vec<float>); }

CONVX_INLINE void add(vec<float> (&sums)[4], const Halves& x, vec<float> weight) {
    sums[0] += weight * floats((Words)x.even & 0xffff);
    sums[1] += weight * floats((Words)x.even >> 16);
    sums[2] += weight * floats((Words)x.odd & 0xffff);
    sums[3] += weight * floats((Words)x.odd >> 16);
}

// Rows and weights of HALF taps before the middle, it and as many behind it, in registers: what is stored might be a
// row of pointers, for all that a compiler knows. Any number of taps where HALF is 0.
template <int HALF>
struct Terms {
    const uint8_t* rows[2 * HALF + 1];
    vec<float> w[HALF + 1], first;

    explicit Terms(const MirroredBytes& f) : first(splat(ONE * f.exactly.within)) {
        CONVX_UNROLL
        for (int t = 0; t <= 2 * HALF; ++t) rows[t] = static_cast<const uint8_t*>(f.src[t]);
        CONVX_UNROLL
        for (int t = 0; t <= HALF; ++t) w[t] = splat(ONE * f.w[t]);
    }

    __attribute__((always_inline)) void sum(int64_t i, vec<float> (&sums)[4]) const {
        CONVX_UNROLL
        for (int p = 0; p < 4; ++p) sums[p] = first;
        add(sums, halves(rows[HALF] + i), w[HALF]);
        CONVX_UNROLL
        for (int t = 0; t < HALF; ++t) add(sums, halves(rows[t] + i) + halves(rows[2 * HALF - t] + i), w[t]);
    }
};

template <>
struct Terms<0> {
    const uint8_t* const* rows;
    const float* w;
    int64_t half;
    vec<float> first;

    explicit Terms(const MirroredBytes& f)
        : rows(reinterpret_cast<const uint8_t* const*>(f.src)),
          w(f.w),
          half(f.taps / 2),
          first(splat(ONE * f.exactly.within)) {}

    __attribute__((always_inline)) void sum(int64_t i, vec<float> (&sums)[4]) const {
        CONVX_UNROLL
        for (int p = 0; p < 4; ++p) sums[p] = first;
        add(sums, halves(rows[half] + i), splat(ONE * w[half]));
        for (int64_t t = 0; t < half; ++t)
            add(sums, halves(rows[t] + i) + halves(rows[2 * half - t] + i), splat(ONE * w[t]));
    }
};

// As the sums are made where rounding decides: 16, or fewer.
void sum_exactly(const MirroredBytes& f, int64_t i, int64_t count) {
    float sums[16];
    Pixel<uint8_t>::filter_exactly(
        {f.src, f.exactly.w, sums, 1, f.taps, count, 0, false, f.exactly.order, {8, false, true, {}}, i});
    for (int64_t k = 0; k < count; ++k) f.dst[i + k] = static_cast<uint8_t>(sums[k]);
}

// Which bytes are the mean of every two that mirror each other, as in an even or an evenly rising area.
CONVX_INLINE Pixels even_places(const MirroredBytes& f, int64_t i) {
    const auto src = reinterpret_cast<const uint8_t* const*>(f.src);
    const int64_t half = f.taps / 2;
    const Halves middle = halves(src[half] + i);
    Halves off{};
    for (int64_t t = 0; t < half; ++t) {
        const Halves x = halves(src[t] + i) + halves(src[f.taps - 1 - t] + i);
        off.even |= x.even ^ (middle.even + middle.even);
        off.odd |= x.odd ^ (middle.odd + middle.odd);
    }
    const Shorts even = (Shorts)(off.even == Shorts{}), odd = (Shorts)(off.odd == Shorts{});
    return (Pixels)((even & 0xff) | odd << 8);
}

// Fractions below it are open: none where sums are exact.
CONVX_INLINE uint32_t limit_of(const MirroredBytes& f) {
    return f.exactly.within > 0 ? static_cast<uint32_t>(2 * ONE * f.exactly.within) + 1 : 0;
}

CONVX_INLINE auto below(Words x, uint32_t limit) { return (vec<int32_t>)x < splat(static_cast<int32_t>(limit)); }

// The least fractions, below 16 bits that a minimum takes along.
CONVX_INLINE Shorts least_of(const Words (&sums)[4]) {
    Shorts least = (Shorts)sums[0];
    CONVX_UNROLL
    for (int p = 1; p < 4; ++p) least = (Shorts)sums[p] < least ? (Shorts)sums[p] : least;
    return least;
}

CONVX_INLINE bool is_open(Shorts least, uint32_t limit) {
    return any<LANES<int64_t>>((vec<int64_t>)below((Words)least & 0xffff, limit));
}

// Which sums are.
CONVX_INLINE Pixels open_places(const Words (&sums)[4], uint32_t limit) {
    Words open[4];
    CONVX_UNROLL
    for (int p = 0; p < 4; ++p) open[p] = (Words)below(sums[p] & 0xffff, limit) & 0xff0000;
    return together(open);
}

// A vector of sums some of which are open. Where a byte is the mean of all others it alone decides.
__attribute__((noinline)) void settle(const MirroredBytes& f, int64_t i, const Words (&sums)[4]) {
    const Pixels open = open_places(sums, limit_of(f));
    const Pixels even = f.flat_less ? even_places(f, i) : Pixels{}, other = open & ~even;
    const uint8_t* const middle = static_cast<const uint8_t*>(f.src[f.taps / 2]) + i;
    Sixteen flat[L / 16], left[L / 16];
    __builtin_memcpy(flat, &even, sizeof even);
    __builtin_memcpy(left, &other, sizeof other);
    CONVX_UNROLL
    for (int p = 0; p < L / 16; ++p) {
        uint8_t* const dst = f.dst + i + 16 * p;
        if (any<2>((vec<int64_t, 2>)left[p])) {
            sum_exactly(f, i + 16 * p, 16);
        } else if (any<2>((vec<int64_t, 2>)flat[p])) {
            const Sixteen made = flat_sums(f.flat_less, load<uint8_t, 16>(middle + 16 * p));
            store<uint8_t, 16>(dst, (made & flat[p]) | (load<uint8_t, 16>(dst) & ~flat[p]));
        }
    }
}

// Whether a vector of sums is open is asked when the next one is made, which need not wait for the answer. The last one
// overlaps the one before.
template <int HALF>
void row(const MirroredBytes& f) {
    const Terms<HALF> terms(f);
    const uint32_t limit = limit_of(f);
    uint8_t* const dst = f.dst;
    const int64_t last = f.count - L;
    Shorts least = ~Shorts{};
    Words kept[4];
    for (int64_t i = 0, before = 0;; before = i, i = i + L < last ? i + L : last) {
        vec<float> sums[4];
        terms.sum(i, sums);
        Words whole[4];
        CONVX_UNROLL
        for (int p = 0; p < 4; ++p) whole[p] = (Words) __builtin_convertvector(sums[p], vec<int32_t>);
        store(dst + i, together(whole));
        if (limit) {
            if (is_open(least, limit)) settle(f, before, kept);
            least = least_of(whole);
            CONVX_UNROLL
            for (int p = 0; p < 4; ++p) kept[p] = whole[p];
        }
        if (i == last) break;
    }
    if (limit && is_open(least, limit)) settle(f, last, kept);
}

void mirrored(const MirroredBytes& f) {
    if (f.count < L) {
        for (int64_t i = 0; i < f.count; i += 16) sum_exactly(f, i, f.count - i < 16 ? f.count - i : 16);
    } else if (f.taps == 3) {
        row<1>(f);
    } else if (f.taps == 5) {
        row<2>(f);
    } else if (f.taps == 7) {
        row<3>(f);
    } else {
        row<0>(f);
    }
}

}  // namespace

}  // namespace convx::CONVX_ISA
