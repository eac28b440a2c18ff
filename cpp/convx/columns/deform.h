// Deformable convolution: every tap of every output pixel reads the input at a place of its own, by linear
// interpolation between the 2^rank elements around it.
#pragma once
#include "../runtime/context.h"
#include "../shape/shape.h"
#include "../shape/view.h"

namespace convx {

struct DeformShape {
    ConvShape conv;
    int rank;
    int64_t offset_groups;
    int64_t corners() const { return int64_t{1} << rank; }
    int64_t channels_per_offset() const { return conv.c / offset_groups; }
};

// groups = input channels / weight.shape[1]; the rest is checked by conv_spec and conv_shape.
int64_t deform_groups(const std::string& function, const Shape& input, int rank, const Shape& weight);

// Checks offset (N, offset groups * taps * rank, *out) and mask (N, offset groups * taps, *out), which may be null.
DeformShape deform_shape(const ConvSpec& spec, const ConvShape& conv, const Shape& offset, const Shape* mask);

// Tap t of output pixel o reads at o*stride - lo + t*dilation + offset[n][(g*taps + t)*rank + axis][o] along each axis,
// g the offset group of the channel, and weights what it reads by mask[n][g*taps + t][o].
template <class T>
struct Deformation {
    const ConvSpec& spec;
    const DeformShape& shape;
    View<const T> x, offset, mask;  // mask.data may be null
    const T *weight, *bias;         // contiguous; bias may be null
    T* out;                         // contiguous
};
template <class T>
void deform(const Deformation<T>& deformation);
template <class T>
void deform(const Deformation<T>& deformation, const Context& context);

}  // namespace convx
