#include "pool_windows.h"

#include <algorithm>

#include "../shape/taps.h"
#include "pool_paths.h"

namespace convx::pool {

AxisWindows sliding_windows(const Axis& a) {
    AxisWindows w{trimmed(a), true, {}};
    w.spans.reserve(static_cast<size_t>(a.out));
    for (int64_t o = 0; o < a.out; ++o) {
        const Range live = live_taps(a, o, o + 1);
        w.spans.push_back({o * a.stride - a.lo + live.begin * a.dilation, live.size()});
    }
    return w;
}

AxisWindows adaptive_windows(int64_t in, int64_t out) {
    AxisWindows w{{in, out, 1, 1, 1, 0, 0}, false, {}};
    w.spans.reserve(static_cast<size_t>(out));
    // o*in/out without its product, which may not fit: quotient and remainder go up step by step.
    int64_t first = 0, rest = 0;
    for (int64_t o = 0; o < out; ++o) {
        int64_t next = first + in / out, next_rest = rest + in % out;
        if (next_rest >= out) {
            next_rest -= out;
            ++next;
        }
        w.spans.push_back({first, next + (next_rest > 0) - first});
        w.axis.kernel = std::max(w.axis.kernel, w.spans.back().count);
        first = next;
        rest = next_rest;
    }
    return w;
}

}  // namespace convx::pool
