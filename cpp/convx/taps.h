// Which taps of a window meet the input.
#pragma once
#include <algorithm>
#include <cstdint>

#include "integer_math.h"
#include "shape.h"

namespace convx {

struct TapRange {
    int64_t first, last;
    int64_t count() const { return std::max<int64_t>(last - first, 0); }
};

// Taps [first, last) of one axis that reach neither wholly below nor wholly above the input for outputs [o0, o1).
inline TapRange live_taps(const Axis& a, int64_t o0, int64_t o1) {
    const auto below = [&](int64_t limit) {  // number of taps t with t*dilation < limit
        return limit <= 0 ? int64_t{0} : std::min(ceil_div(limit, a.dilation), a.kernel);
    };
    return {below(a.lo - (o1 - 1) * a.stride), below(a.in + a.lo - o0 * a.stride)};
}

// Indices i in [0, count) whose position start + i*step lies in [0, size), as [from, to).
struct Inside {
    int64_t from, to;
};
inline Inside inside(int64_t start, int64_t step, int64_t count, int64_t size) {
    const auto up = [&](int64_t a) { return a <= 0 ? int64_t{0} : step == 1 ? a : ceil_div(a, step); };
    const int64_t from = std::min(up(-start), count);
    return {from, std::clamp(up(size - start), from, count)};
}

}  // namespace convx
