// Filters that are sums along columns, and then along rows, in one pass over an image: a few rows of sums lie in L1
// while the rows of the result are made of them.
#pragma once
#include <cstdint>
#include <vector>

#include "../shape/shape.h"
#include "pixels.h"

namespace convx::filter {

// out[i] = sum over t of w[t] * in[i - before + t] along one axis, which is not filtered where there are no weights.
struct Line {
    std::vector<double> w;
    int64_t before = 0;
    Border border = Border::zeros;  // beyond which lies cval, not zero
    bool mean = false;              // all weights are 1 / taps, and the means of integers those of whole sums

    int64_t taps() const { return static_cast<int64_t>(w.size()); }
    int64_t behind() const { return taps() ? taps() - 1 - before : 0; }
};

// Images of rows x columns pixels of `inner` elements side by side, of which the filtered rows [first, first + made)
// are asked for. Strides count bytes.
struct Images {
    int64_t count, rows, first, made, columns, inner;
    int64_t src_image, src_row, dst_image, dst_row;
    int64_t width() const { return columns * inner; }
};

struct SeparableFilter {
    PixelType in, out;
    Images images;
    Line down, along;
    bool added;  // what both give of the input is added; else `along` takes what `down` gives, in the type of `out`
    double cval;
};

// src and dst do not overlap. Where sums of integers, or the result, are integers, they are those of scipy.ndimage.
// Throws std::invalid_argument where such sums may not fit into 32 bits.
void separable(const SeparableFilter& filter, const void* src, void* dst);

}  // namespace convx::filter
