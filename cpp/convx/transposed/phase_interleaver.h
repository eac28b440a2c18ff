// The outputs of a transposed convolution from those of its phases, block by block.
#pragma once
#include <vector>

#include "../../kernels/kernels.h"
#include "../shape/integer_math.h"
#include "../shape/range.h"
#include "../shape/shape.h"
#include "phase_weight.h"

namespace convx {

// A phase of one axis that writes to the output, and where it is computed: the `index`-th of group `phase_group`.
struct PlacedPhase {
    Phase phase;
    int64_t phase_group, index;
};

// What a call knows of one axis: its phases in the order of their first outputs.
struct PhasedAxis {
    const Phases& phases;
    Axis axis;
    std::vector<PlacedPhase> placed;

    PhasedAxis(const Phases& phases, const Axis& axis);
    int64_t units() const { return ceil_div(axis.in, phases.stride); }
    bool has_gaps() const;                                    // some output belongs to no phase
    Range positions(int64_t phase_group, Range units) const;  // at which the group's convolution is computed
    Range outputs(Range units) const;
};

// Images and, along each axis, strides of output that are computed at a time.
struct PhaseBlock {
    int64_t n0, n1;
    Range units[AXES];
};

// The results of one convolution for a block: (images, channels * phases, *positions), contiguous.
template <class T>
struct SubResult {
    const SubConvolution* sub;
    const T* data;
    Range positions[AXES];
    int64_t size(int axis) const { return positions[axis].size(); }
    int64_t pixels() const { return size(0) * size(1) * size(2); }
};

// Writes the block of `out`, an array of shape.c channels; `maps` are in the order of PhaseSplit::sub_convolutions. One
// channel of one image is a task; rows: scratch of each thread, as many as the last axis has phases.
template <class T>
class PhaseInterleaver {
  public:
    PhaseInterleaver(const ConvShape& shape, const PhasedAxis (&axes)[AXES], const Epilogue<T>& epilogue,
                     const Kernels<T>& k, T* out)
        : shape_(shape), axes_(axes), epilogue_(epilogue), kernels_(k), out_(out) {}

    int64_t tasks(const PhaseBlock& block) const { return (block.n1 - block.n0) * shape_.c; }
    void run(const PhaseBlock& block, const std::vector<SubResult<T>>& maps, int64_t task, PhaseRows<T>* rows) const;

  private:
    void fill(const PhaseBlock& block, int64_t channel, T* image) const;
    void rows(const PhaseBlock& block, const std::vector<SubResult<T>>& maps, int64_t plane, const PlacedPhase& d,
              int64_t z, const PlacedPhase& h, T* image, PhaseRows<T>* rows) const;

    const ConvShape& shape_;
    const PhasedAxis (&axes_)[AXES];
    const Epilogue<T> epilogue_;
    const Kernels<T>& kernels_;
    T* out_;
};

}  // namespace convx
