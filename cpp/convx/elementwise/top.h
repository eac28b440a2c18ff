// The largest or smallest elements of rows, in their order.
#pragma once
#include "../../kernels/kernels.h"

namespace convx::elementwise {

// value and index, of rows x k, of the k <= length largest elements of each row of x, the largest first, or of the
// smallest. Of equals the first comes first; NaN is larger than any number.
template <class T>
struct TopArrays {
    const T* x;
    T* value;
    int64_t* index;
    int64_t rows, length, k;
    bool largest;
};

template <class T>
void top(const TopArrays<T>& arrays);

}  // namespace convx::elementwise
