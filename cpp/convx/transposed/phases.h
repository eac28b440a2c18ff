// The phases of a transposed convolution along one axis. Output o is the sum over taps r of weight[r] * input[i] with
// o + lo = i*stride + r*dilation. Taps r, r + step, ... with step = stride / gcd(stride, dilation) write the same
// outputs, `stride` apart: they form a phase, which is an ordinary convolution with stride 1.
//
// Everything is told in terms of the convolution that is transposed: its `in` is our output, its `out` our input.
#pragma once
#include <cstdint>
#include <vector>

#include "../shape/range.h"
#include "../shape/shape.h"

namespace convx {

// Where phase r writes: outputs first + u*stride, u < count. Output u of it reads inputs position + u - t*dilation for
// its taps r + t*step.
struct Phase {
    int64_t position, first, count;
};

// Neighbouring phases computed by one convolution, as further output channels; all have as many taps.
struct PhaseGroup {
    int64_t phase, phases, taps;
};

struct Phases {
    int64_t kernel, stride, step, dilation;  // dilation: inputs from one tap of a phase to the next
    std::vector<PhaseGroup> phase_groups;

    // merge: groups as large as can be (dilation 1 only), else one phase in each.
    Phases(const Window& w, bool merge);

    int64_t count() const { return step < kernel ? step : kernel; }
    Phase at(const Axis& a, int64_t phase) const;
};

// The outputs of a phase that lie in a range of one axis counted in strides.
inline Range outputs_of(const Phase& p, Range units) {
    return {units.begin < p.count ? units.begin : p.count, units.end < p.count ? units.end : p.count};
}

// One axis of a group's convolution at these positions, and the first input it is given: what no tap reads is left
// out, so that its padding is never negative.
struct PhaseInput {
    Axis axis;
    int64_t begin;
};
PhaseInput phase_input(const Phases& phases, const PhaseGroup& phase_group, const Axis& a, Range positions);

}  // namespace convx
