// Mirrored sums of bytes. Two bytes are added as integers of 16 bits and multiplied once; which of them lie in which
// vector of floats follows from masks and shifts, which need no shuffles, and the same way leads back.
#include "filter.h"

namespace convx::CONVX_ISA {
namespace {

constexpr int L = LANES<uint8_t>;
using Pixels = vec<uint8_t>;
using Shorts = vec<uint16_t>;
using Words = vec<uint32_t>;

// Bytes 0, 2, 4 ... and 1, 3, 5 ...
struct Halves {
    Shorts even, odd;
};

CONVX_INLINE Halves halves(const uint8_t* p) {
    const Shorts both = (Shorts)load(p);
    return {both & 0xff, both >> 8};
}

CONVX_INLINE Halves mirrored(const uint8_t* a, const uint8_t* b) {
    const Halves x = halves(a), y = halves(b);
    return {x.even + y.even, x.odd + y.odd};
}

// Bytes of vectors that hold bytes 0, 4, 8 ... and 2, 6, 10 ... and 1, 5, 9 ... and 3, 7, 11 ...
CONVX_INLINE Pixels together(const Words (&x)[4]) { return (Pixels)(x[0] | x[1] << 16 | x[2] << 8 | x[3] << 24); }

CONVX_INLINE vec<float> floats(Words x) { return __builtin_convertvector((vec<int32_t>)x, vec<float>); }

CONVX_INLINE void add(vec<float> (&sums)[4], const Halves& x, float w) {
    const vec<float> weight = splat(w);
    sums[0] += weight * floats((Words)x.even & 0xffff);
    sums[1] += weight * floats((Words)x.even >> 16);
    sums[2] += weight * floats((Words)x.odd & 0xffff);
    sums[3] += weight * floats((Words)x.odd >> 16);
}

// HALF: taps before the middle, or 0 for any number.
template <int HALF>
CONVX_INLINE void sum(const FilterBytes& f, int64_t i, vec<float> (&sums)[4]) {
    const int64_t half = HALF ? HALF : f.taps / 2, last = 2 * half;
    const auto src = reinterpret_cast<const uint8_t* const*>(f.src);
    CONVX_UNROLL
    for (int p = 0; p < 4; ++p) sums[p] = splat(f.exactly.within);
    add(sums, halves(src[half] + i), f.w[half]);
    if constexpr (HALF) {
        CONVX_UNROLL
        for (int t = 0; t < HALF; ++t) add(sums, mirrored(src[t] + i, src[last - t] + i), f.w[t]);
    } else {
        for (int64_t t = 0; t < half; ++t) add(sums, mirrored(src[t] + i, src[last - t] + i), f.w[t]);
    }
}

// As the sums are made where rounding decides.
void sum_exactly(const FilterBytes& f, int64_t i, int64_t count) {
    float sums[L];
    Pixel<uint8_t>::filter_exactly(
        {f.src, f.exactly.w, sums, 1, f.taps, count, 0, false, f.exactly.order, {8, false, true, {}}, i});
    for (int64_t k = 0; k < count; ++k) f.dst[i + k] = static_cast<uint8_t>(sums[k]);
}

// Which bytes are the mean of every two that mirror each other, as in an even or an evenly rising area.
CONVX_INLINE Pixels even_places(const FilterBytes& f, int64_t i) {
    const auto src = reinterpret_cast<const uint8_t* const*>(f.src);
    const int64_t half = f.taps / 2;
    const Halves middle = halves(src[half] + i);
    Halves off{};
    for (int64_t t = 0; t < half; ++t) {
        const Halves x = mirrored(src[t] + i, src[f.taps - 1 - t] + i);
        off.even |= x.even ^ (middle.even + middle.even);
        off.odd |= x.odd ^ (middle.odd + middle.odd);
    }
    const Shorts even = (Shorts)(off.even == Shorts{}), odd = (Shorts)(off.odd == Shorts{});
    return (Pixels)((even & 0xff) | odd << 8);
}

// table[place] for places below 16.
using Sixteen = vec<uint8_t, 16>;
CONVX_INLINE Sixteen looked_up(Sixteen table, Sixteen place) {
#if defined(__clang__)
    Sixteen found;
    for (int k = 0; k < 16; ++k) found[k] = table[place[k]];
    return found;
#else
    return __builtin_shuffle(table, place);
#endif
}

// What areas of one value become: the value, or one less where its bit is set.
CONVX_INLINE Sixteen flat_sums(const uint8_t* less, Sixteen x) {
    constexpr Sixteen BIT = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const Sixteen low = x & 15, high = x >> 4, first = looked_up(load<uint8_t, 16>(less), low),
                  second = looked_up(load<uint8_t, 16>(less + 16), low), bits = x < 128 ? first : second;
    return x + (Sixteen)((bits & looked_up(BIT, high)) != 0);
}

// A vector of sums some of which are open. Where a byte is the mean of all others it alone decides.
__attribute__((noinline)) void settle(const FilterBytes& f, int64_t i, const vec<float>* sums) {
    const vec<float> limit = splat(2 * f.exactly.within);
    Words open[4];
    CONVX_UNROLL
    for (int p = 0; p < 4; ++p) open[p] = (Words)(gap<true>(sums[p]) <= limit) & 0xff;
    const Pixels even = even_places(f, i), left = together(open) & ~even;
    if (!f.flat_less || any<LANES<int64_t>>((vec<int64_t>)left)) return sum_exactly(f, i, L);
    const uint8_t* const middle = static_cast<const uint8_t*>(f.src[f.taps / 2]) + i;
    Sixteen parts[L / 16], made[L / 16];
    __builtin_memcpy(parts, &even, sizeof even);
    __builtin_memcpy(made, f.dst + i, sizeof made);
    CONVX_UNROLL
    for (int p = 0; p < L / 16; ++p) {
        const Sixteen flat = flat_sums(f.flat_less, load<uint8_t, 16>(middle + 16 * p));
        made[p] = (flat & parts[p]) | (made[p] & ~parts[p]);
    }
    __builtin_memcpy(f.dst + i, made, sizeof made);
}

template <int HALF>
CONVX_INLINE void tile(const FilterBytes& f, int64_t i) {
    vec<float> sums[4];
    sum<HALF>(f, i, sums);
    Words whole[4];
    CONVX_UNROLL
    for (int p = 0; p < 4; ++p) whole[p] = (Words)__builtin_convertvector(sums[p], vec<int32_t>);
    store(f.dst + i, together(whole));
    if (f.exactly.within > 0 && any_below(least_gap<true, 4>(sums), 2 * f.exactly.within)) {
        vec<float> open[4];
        __builtin_memcpy(open, sums, sizeof open);
        settle(f, i, open);
    }
}

// The last vector overlaps the one before.
template <int HALF>
void row(const FilterBytes& f) {
    int64_t i = 0;
    for (; i + L <= f.count; i += L) tile<HALF>(f, i);
    if (i < f.count) tile<HALF>(f, f.count - L);
}

}  // namespace

template <class T>
void Pixel<T>::filter_bytes(const FilterBytes& f) {
    if constexpr (SAME<T, uint8_t>) {
        if (f.count < L) return sum_exactly(f, 0, f.count);
        if (f.taps == 3) return row<1>(f);
        if (f.taps == 5) return row<2>(f);
        if (f.taps == 7) return row<3>(f);
        row<0>(f);
    }
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
