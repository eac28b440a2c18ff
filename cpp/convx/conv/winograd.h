// Winograd convolution for 3x3 and 5x5 kernels of stride 1 and 3x3 of stride 2: fewer multiplications, at a documented
// cost in accuracy.
#pragma once
#include "algorithm.h"

namespace convx::winograd {

// Whether "auto" may take it: CONVX_WINOGRAD=0 or allow(false) forbids. Asking for it by name always works.
bool allowed();
void allow(bool yes);

template <class T>
Algorithm<T> row();

}  // namespace convx::winograd
