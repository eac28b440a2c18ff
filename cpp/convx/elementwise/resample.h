// Weighted sums of elements along one axis, as a resized image has them.
#pragma once
#include "../../kernels/contracts/filter.h"
#include "../../kernels/kernels.h"

namespace convx::elementwise {

constexpr int64_t MOST_SAMPLES = 8;  // of an element, along the last axis

// y(o, r, i) = sum over t < taps of weight[t*resized + r] * x(o, index[t*resized + r], i), of arrays of outer x length
// x inner and outer x resized x inner elements in C order. taps is 2, 4 or 8 where inner is 1.
template <class T>
struct ResampleArrays {
    const T* x;
    T* y;
    const int64_t* index;
    const T* weight;
    int64_t outer, length, inner, resized, taps;
};

template <class T>
void resample(const ResampleArrays<T>& arrays);

}  // namespace convx::elementwise
