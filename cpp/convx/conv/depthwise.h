// Depthwise convolution: one input channel in each group, any number of output channels. Lanes are pixels.
#pragma once
#include "algorithm.h"

namespace convx::depthwise {

template <class T>
Algorithm<T> row();

bool has_kernel(const ConvShape& s);  // for rows; the rest is left to tiles of one output channel
template <class T>
bool writes_last(const ConvShape& shape, const View<const T>& x);  // channels side by side in input and output
template <class T>
void run_last(const ConvCall<T>& call);

}  // namespace convx::depthwise
