// im2col + GEMM: lanes are pixels; the matrix of patches exists only as one panel in L1 at a time.
#pragma once
#include "../data/panel_depth.h"
#include "../shape/integer_math.h"
#include "algorithm.h"

namespace convx::im2col {

template <class T>
Algorithm<T> row();

// Terms of the sum that are multiplied at a time.
template <class T>
int64_t block_depth(int64_t depth, const Kernels<T>& k) {
    return even_part(depth, panel_depth<T>(k));
}

// The weight as its tiles read it: [group][block of terms][panel of at most mr output channels][term][channel]
template <class T>
PackedWeight<T> pack(const ConvSpec& spec, const T* weight, const Kernels<T>& k, int variant, int threads);

}  // namespace convx::im2col
