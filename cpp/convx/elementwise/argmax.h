// Where the largest or smallest elements along one axis lie.
#pragma once
#include "../../kernels/kernels.h"

namespace convx::elementwise {

// x of outer x length x inner elements in C order, 1 <= length < 2^31; index of outer x inner. Of equals the first or
// the last; a NaN is both larger and smaller than any number.
template <class T>
struct ArgmaxArrays {
    const T* x;
    int64_t* index;
    int64_t outer, length, inner;
    bool least, last;
};

template <class T>
void argmax(const ArgmaxArrays<T>& arrays);

}  // namespace convx::elementwise
