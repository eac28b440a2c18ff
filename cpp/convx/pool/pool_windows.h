// Where the windows of one axis lie: sliding, or dividing the axis among a number of outputs (adaptive pooling).
#pragma once
#include <vector>

#include "../shape/shape.h"

namespace convx::pool {

// The elements of the input that one output sees: `count` from `first` on, `step` of the axis apart.
struct WindowSpan {
    int64_t first, count;
};

struct AxisWindows {
    Axis axis;  // of sliding windows without the taps that never meet the input; else its sizes, and the widest window
    bool sliding;
    std::vector<WindowSpan> spans;  // one for each output
    int64_t step() const { return axis.dilation; }
    int64_t most() const { return axis.kernel; }
};

AxisWindows sliding_windows(const Axis& a);

// Output o of `out` sees the elements from floor(o*in/out) to ceil((o + 1)*in/out).
AxisWindows adaptive_windows(int64_t in, int64_t out);

}  // namespace convx::pool
