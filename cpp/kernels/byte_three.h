// Sums of three bytes in integers of 16 bits, see ThreeBytes.
#pragma once
#include "bytes.h"

namespace convx::CONVX_ISA {
namespace {

// The factor less 2^16 is what signed products take; x makes up for it.
CONVX_INLINE Shorts part(Shorts difference, const ThreeBytes& f) {
    const auto x = (vec<int16_t>)difference;
    return (Shorts)((upper(x, static_cast<int16_t>(f.factor)) + x) >> f.shift);
}

CONVX_INLINE Pixels three(const ThreeBytes& f, Pixels a, Pixels middle, Pixels b) {
    const Halves x = halves(middle), y = halves(a) + halves(b) - (x + x);
    const Pixels made = together(x + Halves{part(y.even, f), part(y.odd, f)});
    if (!f.flat_less) return made;
    const Pixels flat = (Pixels)(((Shorts)(y.even == Shorts{}) & 0xff) | ((Shorts)(y.odd == Shorts{}) & 0xff00));
    return any<LANES<int64_t>>((vec<int64_t>)flat) ? with_flat_sums(f.flat_less, middle, flat, made) : made;
}

// The last vector overlaps the one before.
void three_rows(const ThreeBytes& row) {
    const ThreeBytes f = row;
    const auto a = static_cast<const uint8_t*>(f.src[0]), x = static_cast<const uint8_t*>(f.src[1]),
               b = static_cast<const uint8_t*>(f.src[2]);
    const int64_t n = f.count, last = n - L;
    if (last < 0) return store_few(f.dst, three(f, load_few(a, n), load_few(x, n), load_few(b, n)), n);
    for (int64_t i = 0;; i = i + L < last ? i + L : last) {
        store(f.dst + i, three(f, load(a + i), load(x + i), load(b + i)));
        if (i == last) return;
    }
}

}  // namespace

}  // namespace convx::CONVX_ISA
