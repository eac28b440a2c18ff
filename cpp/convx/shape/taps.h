// Which taps of a window meet the input.
#pragma once
#include <algorithm>
#include <cstdint>

#include "range.h"
#include "shape.h"

namespace convx {

// Taps of one axis that reach neither wholly below nor wholly above the input for outputs [o0, o1).
inline Range live_taps(const Axis& a, int64_t o0, int64_t o1) {
    const auto below = [&](int64_t limit) {  // number of taps t with t*dilation < limit
        if (limit <= 0) return int64_t{0};
        return std::min(a.dilation == 1 ? limit : ceil_div(limit, a.dilation), a.kernel);
    };
    const int64_t first = below(a.lo - (o1 - 1) * a.stride);
    return {first, std::max(below(a.in + a.lo - o0 * a.stride), first)};
}

}  // namespace convx
