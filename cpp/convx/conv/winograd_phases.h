// Strided and dilated convolutions by Winograd, split into such of stride and dilation 1.
#pragma once
#include "algorithm.h"

namespace convx::winograd::phases {

// That of winograd.h, and for what its schemes do not fit as it is.
template <class T>
Algorithm<T> row();

}  // namespace convx::winograd::phases
