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

// Outputs [begin, end) of a row that meet the same taps along it.
struct Stretch {
    int64_t begin, end;
    Range taps;
};

// The stretches of outputs `q`, at most 2*kernel + 1: where a dilation is wide, many outputs meet but some taps.
inline int64_t list_stretches(const Axis& w, const Range& q, Stretch* list) {
    Stretch* to = list;
    for (int64_t at = q.begin; at < q.end; at = to++->end) {
        *to = {at, q.end, live_taps(w, at, at + 1)};
        for (int64_t s = 0; s < w.kernel; ++s)
            for (const int64_t column : {w.lo - s * w.dilation, w.in + w.lo - s * w.dilation}) {
                const int64_t turn = column <= 0 ? 0 : ceil_div(column, w.stride);  // where tap s comes or goes
                if (turn > at) to->end = std::min(to->end, turn);
            }
    }
    return to - list;
}

}  // namespace convx
