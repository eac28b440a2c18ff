// Rows copied, padded, split, put together, transposed, added and sampled.
#pragma once
#include <stdint.h>

namespace convx {

// Rows of a padded copy:
// dst[r*dst_row + j] = left <= j < left + count ? src[r*src_row + (j - left)*src_step] : fill,
// r < rows, j < left + count + right
template <class T>
struct RowCopy {
    const T* src;
    T* dst;
    int64_t rows, src_row, dst_row, src_step;
    int64_t left, count, right;
    T fill;
};

// dst[i*pixel + c] = src[i*step + c], i < count, c < pixel; pixel <= step
template <class T>
struct PixelCopy {
    const T* src;
    T* dst;
    int64_t count, pixel, step;
};

// dst[r*dst_row + i*dst_step] += src[r*src_row + i*src_step], r < rows, i < count
template <class T>
struct RowAdd {
    const T* src;
    T* dst;
    int64_t rows, count, src_row, dst_row, src_step, dst_step;
};

// dst[c*dst_channel + i] = sum over j < corners of weight[j*points + i] * x[c*x_channel + offset[j*points + i]], i <
// count, c < channels; a term of weight 0 is 0 whatever its x. count is taken up to the next multiple of lanes.
template <class T>
struct SampleRows {
    const T* x;
    T* dst;
    const int64_t* offset;
    const T* weight;
    int64_t channels, x_channel, dst_channel, count, points;
    int32_t corners;  // 2, 4 or 8
};

// dst[y*dst_row + f*length + i] = column i*phases + f of row y padded with `fill`: before `left`, then src, then again
// from left + count on
template <class T>
struct RowSplit {
    const T* src;  // unit stride
    T* dst;
    int64_t rows, src_row, dst_row;
    int64_t left, count;
    int64_t length;
    int32_t phases;  // 2, 3, 4 or 8
    T fill;
};

// One phase of the rows below: where its first row begins, the distance to the next one, its first column and how many.
template <class T>
struct PhaseRows {
    const T* src;
    int64_t row, first, count;
};

// dst[y*dst_row + f.first + i*stride] = f.src[y*f.row + i] for i < f.count, of each phase f; they ascend in `first`,
// which is below stride, so that counts differ by one at most where all `stride` phases are there.
template <class T>
struct Interleave {
    const PhaseRows<T>* phases;
    T* dst;
    int64_t rows, dst_row, stride;
    int64_t count;  // of phases
};

// dst[c*dst_row + r] = src[r*src_row + c], r < rows, c < cols
template <class T>
struct RowTranspose {
    const T* src;
    T* dst;
    int64_t rows, cols, src_row, dst_row;
};

}  // namespace convx
