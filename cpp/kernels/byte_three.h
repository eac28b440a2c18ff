// Sums of three bytes in integers of 16 bits, see ThreeBytes.
#pragma once
#include "bytes.h"

namespace convx::CONVX_ISA {
namespace {

// The factor less 2^16 is what signed products take; x makes up for it.
CONVX_INLINE Shorts part(Shorts difference, const ThreeBytes& f) {
    const auto x = (Signed)difference;
    return (Shorts)((upper(x, splat(static_cast<int16_t>(f.factor))) + x) >> f.shift);
}

CONVX_INLINE void three(const ThreeBytes& f, uint8_t* dst, Pixels a, Pixels middle, Pixels b) {
    const Halves x = halves(middle), y = halves(a) + halves(b) - (x + x);
    const Pixels made = together(x + Halves{part(y.even, f), part(y.odd, f)});
    const Shorts least = y.even < y.odd ? y.even : y.odd;
    if (f.flat_less && any_byte((Pixels)(least == Shorts{})))
        store_flat_sums(dst, f.flat_less, middle, places((Shorts)(y.even == Shorts{}), (Shorts)(y.odd == Shorts{})),
                        made);
    else
        store(dst, made);
}

// The last vector overlaps the one before.
void three_rows(const ThreeBytes& row) {
    ThreeBytes f = row;
    uint8_t few[3][L] = {}, made[L];
    const void* const some[3] = {few[0], few[1], few[2]};
    if (row.count < L) {
        for (int t = 0; t < 3; ++t) copy_few<uint8_t>(few[t], static_cast<const uint8_t*>(row.src[t]), row.count);
        f.src = some;
        f.dst = made;
        f.count = L;
    }
    const auto a = static_cast<const uint8_t*>(f.src[0]), x = static_cast<const uint8_t*>(f.src[1]),
               b = static_cast<const uint8_t*>(f.src[2]);
    for (int64_t i = 0, last = f.count - L;; i = i + L < last ? i + L : last) {
        three(f, f.dst + i, load(a + i), load(x + i), load(b + i));
        if (i == last) break;
    }
    if (row.count < L) copy_few<uint8_t>(row.dst, made, row.count);
}

}  // namespace

}  // namespace convx::CONVX_ISA
