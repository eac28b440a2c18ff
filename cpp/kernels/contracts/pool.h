// Pooling.
#pragma once
#include <stdint.h>

namespace convx {

// dst[i] = op over j of src[offset[j] + i], i < count
template <class T>
struct Reduce {
    const T* src;
    T* dst;
    const int64_t* offset;
    int64_t terms, count;
};

// sums[i] /= width[i] * height, i < count
template <class T>
struct Average {
    T* sums;
    const T* width;
    T height;
    int64_t count;
};

// Input rows under one row of windows: planes x rows of them from offset `first` on; none when rows is 0.
struct WindowRows {
    int64_t first, planes, rows, fresh;  // the last `fresh` rows have not been under the window before
};

// Pooling, first half: the rows of a window become one. With w = window[r], op over t < w.planes and j < w.rows,
// dst[(n*rows + r)*dst_row + i] = op of src[n*src_image + w.first + t*src_plane + j*src_row + i]
template <class T>
struct PoolRows {
    const T *src, *src_end;  // no element at or behind src_end is read
    T *dst, *dst_end;        // rows are stored in order; below dst_end each may run over its end, with neutral elements
    const WindowRows* window;
    int64_t images, rows, count, src_image, src_plane, src_row, dst_row;
};

constexpr int64_t POOL_TALL_VECTORS = 4;   // that pool_tall takes side by side: chains in flight, whole cache lines
constexpr int64_t POOL_WIDE_GROUP = 1024;  // elements of whole rows that Along::wide takes at a time, or one row
// The same for windows of many rows of one plane, at a cost that does not grow with their number:
// dst[r*dst_row + i] = op over j < kernel, skip <= r*stride + j < live of src[(r*stride + j)*src_row + i], r < rows
template <class T>
struct PoolTall {
    const T *src, *src_end;  // no element at or behind src_end is read, nor any row that does not count
    T* dst;                  // stored in whole vectors, neutral elements behind the last
    T* scratch;              // kernel * POOL_TALL_VECTORS vectors
    int64_t rows, count, kernel, stride, skip, live, src_row, dst_row;
};

// How a row of windows is reduced: any taps at stride 1, adjacent 2 or 3 at stride 2, many adjacent at stride 1.
enum class Along : int32_t { taps, pairs, triples, wide };

// An average of output q of row r is its sum * scale or, when scale is 0, / (width[q] * height[r]).
template <class T>
struct PoolDivisor {
    const T *width, *height;  // width is readable up to the next multiple of lanes
    T scale;
};

// Pooling, second half, for n < images, r < rows, q < outputs:
// dst[n*dst_image + r*dst_row + q] = op over t < taps of src[(n*rows + r)*src_row + q*stride + t*dilation]
template <class T>
struct PoolColumns {
    const T* src;      // readable for two vectors behind the last element named
    T *dst, *dst_end;  // rows are stored in order; below dst_end each may run over its end
    T* scratch;        // Along::wide: log4(taps) * (max(POOL_WIDE_GROUP, src_row) + 2 vectors)
    PoolDivisor<T> divisor;
    Along along;
    int64_t images, rows, outputs, taps, dilation, src_row, dst_image, dst_row;
};

// Pooling, second half, where `pixel` elements are a column, for n < images, r < rows, q < outputs, c < pixel:
// dst[n*dst_image + r*dst_row + q*pixel + c] = op over t < taps of
// src[(n*rows + r)*src_row + (q*stride + t*dilation)*pixel + c]
template <class T>
struct PoolPixels {
    const T* src;      // readable for two vectors behind the last element named
    T *dst, *dst_end;  // pixels are stored in order; each may run over its end in its row, that into a row without gap
    PoolDivisor<T> divisor;
    int64_t images, rows, outputs, pixel, taps, stride, dilation, src_row, dst_image, dst_row;
};

// Least bytes of the vectors with which pool_small may go by columns.
constexpr int64_t POOL_DOWN_BYTES = 32;

// Both halves in registers: windows of 1 to 3 rows, and of 3 columns (taps, triples) or 2 (pairs). With w = window[r],
// dst[n*dst_image + r*dst_row + q] = op over j < w.rows, t < taps of x(n, w.first + j*src_row, q*stride + t), where
// x(n, row, i) = from <= i < to ? src[n*src_image + row + i] : neutral.
template <class T>
struct PoolSmall {
    const T* src;      // rows are read in whole vectors, from column 0 to the first multiple of lanes not below `to`
    T *dst, *dst_end;  // as above
    const WindowRows* window;
    PoolDivisor<T> divisor;
    Along along;
    int64_t images, rows, outputs, from, to, stride_h, src_image, src_row, dst_image, dst_row;
    // By columns, images that lie in L1, of a vector of outputs or more. Windows are 3x3 and move by one, but that the
    // first lacks `above` rows and the last `below`, one at most; there are two or more. Read are whole rows under
    // windows.
    bool down = false;
    int64_t above = 0, below = 0;
    int64_t ahead = 0;  // by rows: elements from a row to one that is fetched with it for later, or 0
};

// Pooling of whole images: dst[n] = op over i < count of src[n*src_image + i], and for an average / divisor.
template <class T>
struct PoolImages {
    const T* src;
    T *dst, divisor;
    int64_t images, count, src_image;
};

}  // namespace convx
