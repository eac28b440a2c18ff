// Depthwise convolution.
#pragma once
#include <stdint.h>

#include "epilogue.h"

namespace convx {

// Depthwise convolution of whole rows; square kernel of 3, 5 or 7, stride 1 or 2 along both axes. For each output plane
//   out[i*width + q] = sum_{r, s} (rows[i*stride + r] & inside)[q*stride + s] * w[r*kernel + s], then the epilogue,
// where `inside` holds all bits of a column of the input and no bit of one of the padding. Rows and `inside` are
// readable up to max(width, lanes)*stride + kernel - 1. Rows of one channel may end in copies of the input, not
// padding: row_step is null, and `rows` are those of outputs [inner0, inner1), of those before, and of those behind.
template <class T>
struct DepthwisePlanes {
    const T** rows;           // of the first channel; moved on by row_step after each channel
    const int64_t* row_step;  // in elements; 0 for a row of padding
    const T* w;               // kernel*kernel for each plane
    const T* inside;
    T* out;
    int64_t out_plane;
    int64_t channels, multiplier;  // input channels, output planes of each
    int64_t row_count, height, width;
    int64_t inner0, inner1;  // outputs [inner0, inner1) of a row meet no padding
    int32_t kernel, stride;
    Epilogue<T> epilogue;  // bias already advanced to the first plane
};

// A row of taps: the input under its first tap and the first output, and its weights.
template <class T>
struct TapRow {
    const T *x, *w;  // fewer channels than lanes: the last weights are readable for a vector
};

// Depthwise convolution of channels that lie side by side:
//   out[q*channels + c] = sum_{r < row_count, s < columns} rows[r].w[s*w_step + c] * rows[r].x[q*step + s*column_step +
//   c], then the epilogue, q < count, c < channels.
template <class T>
struct DepthwisePixels {
    const TapRow<T>* rows;
    T* out;
    int64_t row_count, columns, count;
    int64_t step, column_step, w_step, channels;
    Epilogue<T> epilogue;
};

// Depthwise convolution of few channels that lie side by side: a row is one of many elements, weights come again every
// `period` elements, a multiple of lanes.
//   out[i*out_row + e] = bias[e % period] + sum_{r < kernel_h, s < kernel_w} rows[i*stride + r][e + tap[s]] *
//   w[(r*kernel_w + s)*period + e % period], then the rest of the epilogue, i < height, e < width.
// Rows are readable up to the next multiple of lanes; a bias is that of a whole period.
template <class T>
struct DepthwiseRows {
    const T* const* rows;
    const int64_t* tap;
    const T* w;
    T* out;
    int64_t out_row, height, width, period;
    int64_t kernel_h, kernel_w, stride;
    Epilogue<T> epilogue;
};

}  // namespace convx
