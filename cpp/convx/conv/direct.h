// Blocked direct convolution: lanes are output channels, the input is read in place or from a padded copy of a block.
#pragma once
#include "algorithm.h"

namespace convx::direct {

// Whether what tiles of mr pixels and nr channels read is packed, tile by tile: the scattered pixels of kernels of one
// tap, and small maps whose rows would make small tiles.
bool packs_pixels(const ConvShape& s, int64_t mr, int64_t nr);

template <class T>
Algorithm<T> row();

}  // namespace convx::direct
