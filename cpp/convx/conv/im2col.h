// im2col + GEMM: lanes are pixels; the matrix of patches exists only as one panel in L1 at a time.
#pragma once
#include "algorithm.h"

namespace convx::im2col {

template <class T>
Algorithm<T> row();

// The weight as its tiles read it.
template <class T>
PackedWeight<T> pack(const ConvSpec& spec, const T* weight, const Kernels<T>& k, int variant);

}  // namespace convx::im2col
