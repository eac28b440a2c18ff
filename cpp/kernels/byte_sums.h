// Mirrored sums of bytes by weights that sum up to one, in integers of 16 bits: x and what the differences of its
// neighbours, y = a + b - 2x, add to it. Products modulo 2^16 give the fraction of that, and coarse ones how many
// wholes it has.
#pragma once
#include "bytes.h"

namespace convx::CONVX_ISA {
namespace {

constexpr int COARSE = 6;  // bits of fraction, beside which y fits 16 bits

// Fractions are counted from -2^15 on. They are made larger than those of the sums, by a unit or by one for each
// product that was cut off too: those near to a whole number come out least.
CONVX_INLINE Signed first_fraction(const MirroredBytes& f) {
    return splat(static_cast<int16_t>(-32768 + (f.flat_less ? f.taps / 2 + 1 : 0)));
}
CONVX_INLINE Signed open_below(const MirroredBytes& f) {
    return splat(static_cast<int16_t>(-32768 + (f.flat_less ? f.taps / 2 + 2 : 0)));
}

// What is added to x. The fraction wraps, which signed numbers may not.
struct Beyond {
    Signed fine, coarse;

    __attribute__((always_inline)) void add(Signed y, Signed upper_weight, Signed lower_weight) {
        fine = (Signed)((Shorts)fine + (Shorts)y * (Shorts)upper_weight + (Shorts)upper(y, lower_weight));
        coarse += upper((Signed)((Shorts)y << COARSE), upper_weight);
    }
    // The coarse sum is off by less than half of a whole: by 5/4 of its unit for each product if it is too small, by
    // 1/4 if it is too large.
    __attribute__((always_inline)) Signed whole() const { return (coarse - (fine >> (16 - COARSE))) >> COARSE; }
};

CONVX_INLINE Signed least_of(Signed a, Signed b) { return a < b ? a : b; }

// A vector of the first row, any number of taps. The coarse sum is made to err to both sides alike.
struct AnySums {
    Pixels middle;
    Halves x, off{};
    Beyond even, odd;

    __attribute__((always_inline)) AnySums(const MirroredBytes& f, Signed first, Signed coarse, int64_t i)
        : even{first, coarse}, odd{first, coarse} {
        const auto src = reinterpret_cast<const uint8_t* const*>(f.src);
        const int64_t half = f.taps / 2;
        middle = load(src[half] + i);
        x = halves(middle);
        const Halves twice = x + x;
        for (int64_t t = 0; t < half; ++t) {
            const Halves y = halves(src[t] + i) + halves(src[2 * half - t] + i) - twice;
            const Signed upper_weight = splat(f.units[t].upper), lower_weight = splat(f.units[t].lower);
            even.add((Signed)y.even, upper_weight, lower_weight);
            odd.add((Signed)y.odd, upper_weight, lower_weight);
            off = {off.even | y.even, off.odd | y.odd};
        }
    }
    __attribute__((always_inline)) Pixels whole() const {
        return together(x + Halves{(Shorts)even.whole(), (Shorts)odd.whole()});
    }
};

// 16 sums of the first row, or fewer, as they are made where rounding decides.
__attribute__((noinline)) void sum_exactly(const MirroredBytes& f, int64_t i, int64_t count) {
    float sums[16];
    Pixel<uint8_t>::filter_exactly(
        {f.src, f.w, sums, 1, f.taps, count, 0, false, TermOrder::sums, {8, false, true, {}}, i});
    uint8_t* const dst = f.dst + i;
    for (int64_t k = 0; k < count; ++k) dst[k] = static_cast<uint8_t>(sums[k]);
}

// Those of a vector in parts of which a byte is set.
__attribute__((noinline)) void sum_exactly_where(const MirroredBytes& f, int64_t i, Pixels open) {
    Sixteen parts[L / 16];
    __builtin_memcpy(parts, &open, sizeof open);
    for (int p = 0; p < L / 16; ++p)
        if (any<2>((vec<int64_t, 2>)parts[p])) sum_exactly(f, i + 16 * p, 16);
}

// Bytes from i to end, at least a vector of them; the last one overlaps the one before. Where x is the mean of every
// two that mirror each other it alone decides about an open sum. Returns whether there was one.
__attribute__((noinline)) bool careful(const MirroredBytes& f, int64_t i, int64_t end) {
    const Signed first = first_fraction(f), limit = open_below(f), coarse = splat(static_cast<int16_t>(f.taps / 4));
    Pixels some{};
    for (const int64_t last = end - L;; i = i + L < last ? i + L : last) {
        const AnySums s(f, first, coarse, i);
        const Pixels open = places((Shorts)(s.even.fine < limit), (Shorts)(s.odd.fine < limit)),
                     flat = places((Shorts)(s.off.even == Shorts{}), (Shorts)(s.off.odd == Shorts{})) & open;
        store_flat_sums(f.dst + i, f.flat_less, s.middle, flat, s.whole());
        if (const Pixels left = open & ~flat; any_byte(left)) sum_exactly_where(f, i, left);
        some |= open;
        if (i == last) return any_byte(some);
    }
}

// The same where no sum is expected to be open.
CONVX_INLINE bool quick(const MirroredBytes& f, int64_t i, int64_t end) {
    const Signed first = first_fraction(f), limit = open_below(f), coarse = splat(static_cast<int16_t>(f.taps / 4));
    Signed least = splat<int16_t>(0x7fff);
    for (const int64_t last = end - L;; i = i + L < last ? i + L : last) {
        const AnySums s(f, first, coarse, i);
        store(f.dst + i, s.whole());
        least = least_of(least, least_of(s.even.fine, s.odd.fine));
        if (i == last) return any_byte((Pixels)(least < limit));
    }
}

CONVX_INLINE MirroredBytes rows_of(MirroredBytes f, int64_t first, int64_t rows) {
    f.src += first;
    f.dst += first * f.dst_row;
    f.rows = rows;
    return f;
}

// Spans of whole vectors, or up to the end. What was open goes on to be, as areas of one value do.
template <class Quick>
CONVX_INLINE void in_spans(const MirroredBytes& f, int64_t span, const Quick& quick) {
    constexpr int64_t LONG = 8 * L;
    bool open = false;
    for (int64_t begin = 0, end; begin < f.count; begin = end) {
        end = begin + (open ? LONG : span);
        if (end + L > f.count) end = f.count;
        if (!open && !quick(begin, end)) continue;
        open = false;
        for (int64_t r = 0; r < f.rows; ++r) open |= careful(rows_of(f, r, 1), begin, end);
    }
}

// A row of fewer bytes than a vector, or of any number of taps.
void any_row(const MirroredBytes& f) {
    if (f.count < L)
        for (int64_t i = 0; i < f.count; i += 16) sum_exactly(f, i, f.count - i < 16 ? f.count - i : 16);
    else
        in_spans(f, 4 * L, [&](int64_t begin, int64_t end) { return quick(f, begin, end); });
}

}  // namespace
}  // namespace convx::CONVX_ISA
