// Whether the arrays of a call hold neither NaN nor infinity.
#pragma once
#include "../../kernels/kernels.h"
#include "../shape/shape.h"
#include "../shape/view.h"

namespace convx {

template <class T>
bool all_finite(const T* x, int64_t count, const Kernels<T>& k);
template <class T>
bool all_finite(const ConvShape& shape, const View<const T>& x, const Kernels<T>& k);

}  // namespace convx
