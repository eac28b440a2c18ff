// How a filter of an image is cut, and what it needs beside its arrays.
#pragma once
#include <cstdint>

#include "../runtime/workspace.h"
#include "filter_tile.h"
#include "float_patch.h"
#include "sum_plan.h"

namespace convx {

template <class T>
struct FilterSetup {
    FilterTile tile;
    BlockSize block;
    int64_t bands, pieces;  // blocks along H and W
    FloatPatchMaker<T> maker;
    int64_t tile_weights;  // of an output channel
    Workspace workspace;
    Part<int64_t> tap, tile_tap;
    Part<SettleTerm> terms;  // depth() of each output channel
    Part<int64_t> term_count;
    Part<T> weight, inside;
    Part<PixelVector> vectors;
    Part<int64_t> row_step;
    Part<const T*> row;
    Part<T> patch, sums;
    Part<T> part;  // of the sums of a tile

    FilterSetup(const ImageFilter& f, const Context& context, const SumPlan& plan);
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
