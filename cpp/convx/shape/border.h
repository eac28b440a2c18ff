// What lies beyond the input where padding is not zeros.
#pragma once
#include <cstdint>

#include "shape.h"

namespace convx {

// The element of the axis that position i reads, as np.pad extends it; -1 for a zero, which also lies beyond the
// padding.
//   replicate  aaa|abcd|ddd    circular  bcd|abcd|abc    symmetric  cba|abcd|dcb    reflect  dcb|abcd|cba
inline int64_t source_index(Border border, const Axis& a, int64_t i) {
    const int64_t n = a.in;
    if (i >= 0 && i < n) return i;
    if (i >= n + a.hi) return -1;
    const auto fold = [](int64_t at, int64_t period) { return (at % period + period) % period; };
    switch (border) {
        case Border::zeros:
            return -1;
        case Border::replicate:
            return i < 0 ? 0 : n - 1;
        case Border::circular:
            return fold(i, n);
        case Border::symmetric:
            i = fold(i, 2 * n);
            return i < n ? i : 2 * n - 1 - i;
        case Border::reflect:
            i = n > 1 ? fold(i, 2 * n - 2) : 0;
            return i < n ? i : 2 * n - 2 - i;
    }
    return -1;
}

}  // namespace convx
