// Winograd convolution for 3x3 and 5x5 kernels of stride 1 and 3x3 of stride 2: fewer multiplications, at a documented
// cost in accuracy.
#pragma once
#include "algorithm.h"

namespace convx::winograd {

// Whether "auto" may take it: CONVX_WINOGRAD=0 or allow(false) forbids. Asking for it by name always works.
bool allowed();
void allow(bool yes);

bool supports(const ConvSpec&);
double cost(const ConvShape& shape, const cost::Machine& machine);
// The scheme for a shape: F(4x4,3x3), for stride 2 too, or F(2x2,5x5); F(2x2,3x3) where it pays to transform fewer
// weights.
template <class T>
int variant(const ConvShape& shape, const Kernels<T>& k);
template <class T>
PackedWeight<T> pack(const ConvSpec& spec, const T* weight, const Kernels<T>& k, int variant);
template <class T>
int64_t workspace(const ConvShape& shape, const Kernels<T>& k, int threads, int variant);
template <class T>
void run(const ConvCall<T>& call);

}  // namespace convx::winograd
