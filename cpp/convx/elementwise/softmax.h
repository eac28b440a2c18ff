// The softmax along one axis.
#pragma once
#include "../../kernels/kernels.h"

namespace convx::elementwise {

// Arrays of outer x length x inner elements in C order; y may be x.
template <class T>
struct SoftmaxArrays {
    const T* x;
    T* y;
    int64_t outer, length, inner;
    bool logarithm;
};

template <class T>
void softmax(const SoftmaxArrays<T>& arrays);

}  // namespace convx::elementwise
