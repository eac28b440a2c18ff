// Blocked direct convolution: lanes are output channels, the input is read in place or from a padded copy of a block.
#pragma once
#include "algorithm.h"

namespace convx::direct {

bool supports(const ConvSpec&);
template <class T>
PackedWeight<T> pack(const ConvSpec& spec, const T* weight, const Kernels<T>& k, int variant);
template <class T>
int64_t workspace(const ConvShape& shape, const Kernels<T>& k, int threads, int variant);
template <class T>
void run(const ConvCall<T>& call);

}  // namespace convx::direct
