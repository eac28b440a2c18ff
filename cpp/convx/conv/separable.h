// Convolution with kernels of rank one, of one input channel each: sums along columns, some rows of which lie in L1
// while sums along these rows are the result.
#pragma once
#include "algorithm.h"

namespace convx::separable {

template <class T>
Algorithm<T> row();

}  // namespace convx::separable
