// Depthwise convolution: one input channel in each group, any number of output channels. Lanes are pixels.
#pragma once
#include "algorithm.h"

namespace convx::depthwise {

bool supports(const ConvSpec&);
bool has_kernel(const ConvShape& s);  // for rows; the rest is left to tiles of one output channel
template <class T>
bool writes_last(const ConvShape& shape, const View<const T>& x);  // channels side by side in input and output
template <class T>
void run_last(const ConvCall<T>& call);
template <class T>
PackedWeight<T> pack(const ConvSpec& spec, const T* weight, const Kernels<T>& k, int variant);
template <class T>
int64_t workspace(const ConvShape& shape, const Kernels<T>& k, int threads, int variant);
template <class T>
void run(const ConvCall<T>& call);

}  // namespace convx::depthwise
