// Weights of mirrored taps that sum up to one, in parts of 16 bits.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "../../kernels/contracts/bytes.h"
#include "separable.h"

namespace convx::filter {

// The nearest multiple of 2^-32.
inline SplitWeight split(double w) {
    const double parts = std::rint(std::ldexp(w, 32)), upper = std::floor((parts + 32768) / 65536);
    return {static_cast<int16_t>(upper), static_cast<int16_t>(parts - 65536 * upper)};
}

// Whether bytes that mirror each other, with no negative weight, are summed in 16 bits.
inline bool has_units(const Line& line) {
    constexpr double MOST = 0.5 - 1.0 / (1 << 16);
    const double sum = std::accumulate(line.w.begin(), line.w.end(), 0.0);
    return line.taps() <= MOST_MIRRORED && std::abs(sum - 1) <= 1e-12 &&
           std::none_of(line.w.begin(), line.w.begin() + line.taps() / 2, [](double w) { return w >= MOST; });
}

}  // namespace convx::filter
