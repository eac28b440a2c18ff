// im2col + GEMM: lanes are pixels; the matrix of patches exists only as one panel in L1 at a time.
#pragma once
#include "algorithm.h"

namespace convx::im2col {

bool supports(const ConvSpec&);
template <class T>
PackedWeight<T> pack(const ConvSpec& spec, const T* weight, const Kernels<T>& k, int variant);
template <class T>
int64_t workspace(const ConvShape& shape, const Kernels<T>& k, int threads, int variant);
template <class T>
void run(const ConvCall<T>& call);

}  // namespace convx::im2col
