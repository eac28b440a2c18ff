// Convolution straight from the input, with output channels or with pixels in the lanes.
#pragma once
#include <stdint.h>

#include "epilogue.h"

namespace convx {

// out[p*out_pixel + k] = (first ? 0 : itself) + sum_{c, i} x[c*x_channel + x_tap[i] + p] * w[c*w_channel + w_tap[i] +
// k], p < pixels, k < channels, then the epilogue when last. Of words out[p + k*out_channel], which are first and last.
template <class T>
struct DirectTile {
    const T* x;
    const T* w;  // slab of 1 or 2 vectors of output channels, zero-filled behind `channels`
    T* out;
    const int64_t* x_tap;
    const int64_t* w_tap;
    int64_t taps, depth;  // depth: input channels summed
    int64_t x_channel, w_channel;
    int64_t out_channel, out_pixel;  // of words, of floats
    int32_t pixels;                  // 1..mr
    int32_t channels;                // 1..nr, valid output channels
    bool first, last;
    Epilogue<T> epilogue;

    // Of floats: as many tiles that follow, x_tile apart in x; their sums follow one another.
    int64_t more = 0, x_tile = 0;
    // A line of memory for each tap of ahead_channels channels is brought into L2 meanwhile, by each tile for
    // ahead_each
    // <= depth of them.
    const T* ahead = nullptr;
    int64_t ahead_channels = 0, ahead_each = 0;
};

// out[k*out_channel + p] = sums[p*nr + k], p < pixels, k < channels, and the epilogue: from the lanes of direct tiles
// to rows of pixels.
template <class T>
struct SumRows {
    const T* sums;  // whole pixels are read
    T* out;
    int64_t pixels, out_channel;
    int32_t channels;  // 1..nr
    Epilogue<T> epilogue;
};

// One vector of neighbouring output pixels: `count` of them (at most lanes), at these offsets of the input and the
// output.
struct PixelVector {
    int64_t x, out, count;
};

// How many vectors a pixel tile takes at once: rows of sums for each, the pixels themselves and one weight fill the
// registers.
constexpr int pixel_vectors(int registers, int rows) { return registers / (rows + 1) < 8 ? registers / (rows + 1) : 8; }

// For each vector v, row i < rows and pixel p < v.count:
//   out[i*out_channel + v.out + p] = (first ? 0 : itself)
//                                    + sum_{c, j} w[(c*taps + j)*rows + i] * x[c*x_channel + x_tap[j] + v.x + p], then
//                                    the epilogue when last.
// Vectors ascend in v.out. Whole vectors are read from x; while `first`, lanes behind `count` may be stored below
// out[room].
template <class T>
struct PixelTile {
    const T* x;
    const T* w;  // packed panel, rows values per term
    T* out;
    const PixelVector* vectors;
    const int64_t* x_tap;
    int64_t vector_count, taps, depth;
    int64_t x_channel, out_channel, room;
    int32_t rows;   // 1..pixel_rows
    int32_t lanes;  // of a PixelVector: all, or for short rows half of them
    bool first, last;
    Epilogue<T> epilogue;  // bias already advanced to the first row
};

}  // namespace convx
