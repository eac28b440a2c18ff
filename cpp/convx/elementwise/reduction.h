// Rows reduced to one number each.
#pragma once
#include "../../kernels/kernels.h"

namespace convx::elementwise {

// l1: the sum of sizes, l2: the root of the sum of squares. max and min are NaN where an element is.
enum class Reduction { sum, mean, l1, l2, squares, max, min };

// y[r] = the reduction of x[r*length + i], i < length; length >= 1
template <class T>
struct ReductionArrays {
    const T* x;
    T* y;
    int64_t rows, length;
    Reduction kind;
};

template <class T>
void reduce(const ReductionArrays<T>& arrays);

}  // namespace convx::elementwise
