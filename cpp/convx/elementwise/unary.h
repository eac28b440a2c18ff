// A function of each element of an array.
#pragma once
#include "../../kernels/kernels.h"

namespace convx::elementwise {

// Of a whole array in one row, which may be long.
template <class T>
void unary(const UnaryRow<T>& array);

}  // namespace convx::elementwise
