// Register tiles of a filter of images, and the blocks that they are taken from.
#pragma once
#include <cstdint>

#include "../../kernels/kernels.h"
#include "../shape/shape.h"

namespace convx {

// Rows of outputs that a register tile takes at once, and how: as the rows of depthwise convolution, or each row of
// outputs as an output channel of a tile of pixels, whose taps are those of all of them.
struct FilterTile {
    bool depthwise;
    int64_t rows;
    int64_t tap_rows;  // of the input under all rows of a tile
    int64_t taps;      // of a tile in one channel
};

struct BlockSize {  // of outputs
    int64_t rows, columns;
};

template <class T>
FilterTile choose_tile(const ConvShape& s, const Kernels<T>& k);

// As many rows and columns as fit half of L2, with the rows of input under them.
BlockSize choose_block(const ConvShape& s, const FilterTile& tile, int64_t element, int threads);

}  // namespace convx
