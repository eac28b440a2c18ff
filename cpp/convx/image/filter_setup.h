// How a filter of an image is cut, and what it needs beside its arrays.
#pragma once
#include <cstdint>

#include "../runtime/workspace.h"
#include "float_patch.h"
#include "sum_plan.h"

namespace convx {

// Rows of outputs that a register tile takes at once, and how: as the rows of depthwise convolution, or each row of
// outputs as an output channel of a tile of pixels, whose taps are those of all of them.
struct FilterTile {
    bool depthwise;
    int64_t rows;
    int64_t tap_rows;  // of the input under all rows of a tile
};

struct BlockSize {  // of outputs
    int64_t rows, columns;
};

template <class T>
FilterTile choose_tile(const ConvShape& s, const Kernels<T>& k);

template <class T>
struct FilterSetup {
    FilterTile tile;
    BlockSize block;
    int64_t bands, pieces;  // blocks along H and W
    FloatPatchMaker<T> maker;
    int64_t tile_taps, tile_weights;  // of a channel's tile
    Workspace workspace;
    Part<int64_t> tap, tile_tap;
    Part<SettleTerm> terms;  // depth() of each output channel
    Part<int64_t> term_count;
    Part<T> weight, inside;
    Part<PixelVector> vectors;
    Part<int64_t> row_step;
    Part<const T*> row;
    Part<T> patch, sums;

    FilterSetup(const ImageFilter& f, const Context& context, bool settles);
    int64_t tasks() const;
    void fill();

  private:
    void fill_tile(const double* w, T* to) const;
    void fill_list() const;

    const ImageFilter& f_;
    const int threads_;
    const int64_t lanes_;
    const bool settles_;
};

}  // namespace convx
