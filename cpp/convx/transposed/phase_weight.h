// The convolutions that compute the phases of a transposed one: which phases, their parameters, their weights.
#pragma once
#include <vector>

#include "../runtime/buffer.h"
#include "../runtime/context.h"
#include "../shape/shape.h"
#include "phases.h"

namespace convx {

// One group of phases on each axis: output channel (g*kg + k)*phases() + p of their convolution is phase p of channel k
// in group g, phases counted row by row.
struct SubConvolution {
    PhaseGroup axis[AXES];
    int64_t phases() const { return axis[0].phases * axis[1].phases * axis[2].phases; }
    int64_t taps() const { return axis[0].taps * axis[1].taps * axis[2].taps; }
};

struct PhaseSplit {
    Phases axis[AXES];
    explicit PhaseSplit(const ConvSpec& conv);             // of the convolution that is transposed
    std::vector<SubConvolution> sub_convolutions() const;  // in the order (d, h, w) of the groups
};

ConvSpec sub_spec(const ConvSpec& conv, const PhaseSplit& split, const SubConvolution& sub);

// weight (conv.k, conv.c_per_group, *kernel) to (channels of the convolution, conv.k / groups, *taps), the taps
// reversed, for each; as a part of a call.
template <class T>
std::vector<Buffer<T>> sub_weights(const Context& call, const ConvSpec& conv, const PhaseSplit& split,
                                   const std::vector<SubConvolution>& subs, const T* weight);
template <class T>
Buffer<T> sub_bias(const ConvSpec& conv, const SubConvolution& sub, const T* bias);

}  // namespace convx
