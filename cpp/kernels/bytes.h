// Vectors of bytes as two vectors of integers of 16 bits.
#pragma once
#include "contracts/bytes.h"
#include "filter.h"

namespace convx::CONVX_ISA {

constexpr int L = LANES<uint8_t>, S = LANES<uint16_t>;
using Pixels = vec<uint8_t>;
using Shorts = vec<uint16_t>;
using Signed = vec<int16_t>;
using Wide = vec<uint16_t, L>;  // in the order of bytes

// Bytes 0, 2, 4 ... and 1, 3, 5 ...: a mask and a shift, which need no shuffles.
struct Halves {
    Shorts even, odd;
};

CONVX_INLINE Halves halves(Pixels pixels) {
    Shorts both = (Shorts)pixels;
    CONVX_HOLD(both);  // g++ would rather load it twice
    return {both & 0xff, both >> 8};
}
CONVX_INLINE Halves halves(const uint8_t* p) { return halves(load(p)); }

CONVX_INLINE Halves operator+(Halves a, Halves b) { return {a.even + b.even, a.odd + b.odd}; }
CONVX_INLINE Halves operator-(Halves a, Halves b) { return {a.even - b.even, a.odd - b.odd}; }

// Of numbers below 256.
CONVX_INLINE Pixels together(Halves x) { return (Pixels)(x.even | x.odd << 8); }

// Of words that are all ones or zeros.
CONVX_INLINE Pixels places(Shorts even, Shorts odd) { return (Pixels)((even & 0xff) | (odd & 0xff00)); }

CONVX_INLINE bool any_byte(Pixels x) { return any<LANES<int64_t>>((vec<int64_t>)x); }

// The upper 16 bits of products, W: twice as wide; both compilers know the loop.
template <class T, class W>
CONVX_INLINE vec<T> multiplied_high(vec<T> x, vec<T> factor) {
    T a[LANES<T>], b[LANES<T>], to[LANES<T>];
    __builtin_memcpy(a, &x, sizeof x);
    __builtin_memcpy(b, &factor, sizeof factor);
    for (int i = 0; i < LANES<T>; ++i) to[i] = static_cast<T>((static_cast<W>(a[i]) * b[i]) >> 16);
    __builtin_memcpy(&x, to, sizeof x);
    return x;
}

CONVX_INLINE Shorts upper(Shorts x, Shorts factor) { return multiplied_high<uint16_t, uint32_t>(x, factor); }
CONVX_INLINE Signed upper(Signed x, Signed factor) { return multiplied_high<int16_t, int32_t>(x, factor); }

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

// Stores the same where a byte of `flat` is set, `made` elsewhere: in parts, as a vector of them would have to wait
// until these are stored.
static __attribute__((noinline)) void store_flat_sums(uint8_t* dst, const uint8_t* less, Pixels x, Pixels flat,
                                                      Pixels made) {
    constexpr int PARTS = L / 16;
    Sixteen of[PARTS], is_flat[PARTS], other[PARTS];
    __builtin_memcpy(of, &x, sizeof x);
    __builtin_memcpy(is_flat, &flat, sizeof flat);
    __builtin_memcpy(other, &made, sizeof made);
    CONVX_UNROLL
    for (int p = 0; p < PARTS; ++p)
        store<uint8_t, 16>(dst + 16 * p, (flat_sums(less, of[p]) & is_flat[p]) | (other[p] & ~is_flat[p]));
}

// 1 <= n <= lanes bytes.
CONVX_INLINE Pixels load_few(const uint8_t* p, int64_t n) {
    Pixels x{};
    uint8_t few[L] = {};
    copy_few(few, p, n);
    __builtin_memcpy(&x, few, sizeof x);
    return x;
}

CONVX_INLINE void store_few(uint8_t* p, Pixels x, int64_t n) {
    uint8_t few[L];
    __builtin_memcpy(few, &x, sizeof x);
    copy_few<uint8_t>(p, few, n);
}

}  // namespace convx::CONVX_ISA
