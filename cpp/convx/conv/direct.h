// Blocked direct convolution: lanes are output channels, the input is read in place or from a padded copy of a block.
#pragma once
#include "algorithm.h"

namespace convx::direct {

template <class T>
Algorithm<T> row();

}  // namespace convx::direct
