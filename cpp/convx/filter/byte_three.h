// Sums of three bytes whose weights sum up to one: integers of 16 bits give them, as a trial of all of them shows.
#pragma once
#include <cmath>
#include <cstdint>
#include <optional>

#include "separable.h"

namespace convx::filter {

// A weight: factor / 2^(16 + shift), where factor >= 2^15.
struct ByteWeight {
    int64_t factor;
    int32_t shift;
    int64_t times(int64_t x) const { return x * factor >> (16 + shift); }
};

constexpr int64_t MOST_DIFFERENCE = 2 * 255;  // of two bytes from twice a third one
constexpr double OPEN = 1e-9;                 // that far from a whole number a sum in double is certain

// Whether w * y is cut off right for all differences y but zero. exact: so are sums in double, whole numbers too.
inline bool cuts_off(const ByteWeight& weight, double w, bool exact) {
    for (int64_t y = 1; y <= MOST_DIFFERENCE; ++y) {
        const double product = w * static_cast<double>(y), whole = std::floor(product), above = product - whole;
        if (!exact && (above < OPEN || above > 1 - OPEN)) return false;
        const int64_t up = static_cast<int64_t>(whole), down = above > 0 ? -up - 1 : -up;
        if (weight.times(y) != up || weight.times(-y) != down) return false;
    }
    return true;
}

// The weight of the outer two of three mirrored taps, if that is all that their sums need.
inline std::optional<ByteWeight> byte_weight(const Line& line, bool exact) {
    if (line.taps() != 3) return {};
    const double w = line.w[0];
    if (!(w > 0) || std::abs(w + line.w[1] + w - 1) > (exact ? 0 : 1e-12)) return {};
    int exponent = 0;
    const double mantissa = std::ldexp(std::frexp(w, &exponent), 16);  // in [2^15, 2^16)
    if (exponent > 0 || exponent < -15) return {};
    for (const double factor : {std::floor(mantissa), std::ceil(mantissa)}) {
        const ByteWeight weight{static_cast<int64_t>(factor), -exponent};
        if (factor < 1 << 16 && cuts_off(weight, w, exact)) return weight;
    }
    return {};
}

}  // namespace convx::filter
