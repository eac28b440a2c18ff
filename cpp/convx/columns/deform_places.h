// Where the taps of a deformable convolution read, and with which weights.
#pragma once
#include "deform.h"

namespace convx {

// Output pixels [first, first + count) of one image, under one tap of one offset group.
struct Places {
    int64_t image, group, tap, first, count;
};

// For pixel i and corner j of 2^rank: weights[j*points + i] and offsets[j*points + i], the latter within a channel. A
// corner outside of the input, or of weight 0, has weight and offset 0; a place that is NaN has weights NaN.
template <class T>
void locate(const Deformation<T>& call, const Places& places, int64_t points, T* weights, int64_t* offsets);

}  // namespace convx
