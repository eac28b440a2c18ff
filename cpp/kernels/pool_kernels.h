// The contracts of pooling, see kernels.h.
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
    const T *width, *height;
    T scale;
};

// Pooling, second half, for n < images, r < rows, q < outputs:
// dst[n*dst_image + r*dst_row + q] = op over t < taps of src[(n*rows + r)*src_row + q*stride + t*dilation]
template <class T>
struct PoolColumns {
    T* src;            // readable for two vectors behind the last element named; destroyed by Along::wide
    T *dst, *dst_end;  // rows are stored in order; below dst_end each may run over its end
    T* scratch;        // averages Along::wide: log4(taps) * (max(POOL_WIDE_GROUP, src_row) + 2 vectors)
    PoolDivisor<T> divisor;
    Along along;
    int64_t images, rows, outputs, taps, dilation, src_row, dst_image, dst_row;
};

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
};

// Offsets within a window take as many bits as an element.
template <class T>
struct PoolCode {
    using type = int32_t;
};
template <>
struct PoolCode<double> {
    using type = int64_t;
};
template <>
struct PoolCode<int64_t> {
    using type = int64_t;
};

// Pooling of whole images: dst[n] = op over i < count of src[n*src_image + i], and for an average / divisor.
template <class T>
struct PoolImages {
    const T* src;
    T *dst, divisor;
    int64_t images, count, src_image;
};

// Where the largest elements of a row of windows lie. Of v(j, t, q) = rows[j][tap[t] + q], taken in the order of j,
// then t, output q keeps the first that is larger than all before it and than `lowest`, or the last NaN:
//   value[q] = v, index[q] = origin + start[q] + row_code[j] + tap_code[t]
// Before the first one, value and index are lowest and origin + start[q] + first[q] or, unless `fresh`, as they stand.
template <class T>
struct PoolArgmax {
    using Code = typename PoolCode<T>::type;
    const T* const* rows;  // read in whole vectors: up to the first multiple of lanes not below `outputs` behind a tap
    const Code* row_code;
    const int64_t* tap;
    const Code* tap_code;
    const Code* first;  // this and start are readable in whole vectors too
    const int64_t* start;
    T* value;
    int64_t* index;
    T lowest;
    int64_t origin, row_count, taps, outputs;
    bool fresh;
};

// The same for `taps` adjacent columns, 3 at stride 1, or 2 or 3 at stride 2, of rows of the input: v(j, t, q) is
// src[j*src_row + q*stride + t] where from <= q*stride + t < to, else no element, and its index is
// origin + j*row_code + q*stride + t.
template <class T>
struct PoolArgmaxRow {
    const T* src;  // each row is readable for stride * max(outputs, lanes) + 2 elements
    T* value;
    int64_t* index;
    T lowest;
    int64_t origin, rows, src_row, row_code, outputs, from, to;
    int32_t taps, stride;
};

template <class T>
struct PoolKernels {
    bool (*rows)(const PoolRows<T>&);  // false when the result is not to be used: see pool_finite_max
    bool (*tall)(const PoolTall<T>&);
    void (*columns)(const PoolColumns<T>&);
    bool (*small)(const PoolSmall<T>&);
};

template <class T>
struct RowCopy;
template <class T>
struct RowSplit;
template <class T>
struct Kernels;

// What an instruction set offers for integers, to take their maximum.
template <class T>
struct IntegerKernels {
    int32_t lanes;
    void (*copy_rows)(const RowCopy<T>&);
    void (*reduce_max)(const Reduce<T>&);
};

template <class T>
struct KernelsFor {
    using type = IntegerKernels<T>;
};
template <>
struct KernelsFor<float> {
    using type = Kernels<float>;
};
template <>
struct KernelsFor<double> {
    using type = Kernels<double>;
};
template <class T>
using KernelsOf = typename KernelsFor<T>::type;

// For int32_t and int64_t, to which other integers are converted to find where the largest of them lies.
template <class T>
struct ArgmaxKernels {
    int32_t lanes;
    void (*copy_rows)(const RowCopy<T>&);
    void (*split_rows)(const RowSplit<T>&);
    void (*pool_argmax)(const PoolArgmax<T>&);
    void (*pool_argmax_row)(const PoolArgmaxRow<T>&);
};

// widen: dst[i] = order(src[i*step]); narrow: dst[i] = the x whose order(x) is src[i]; i < count. order(x) is x, but
// for uint64_t x - 2**63.
struct Conversion {
    void (*widen)(void* dst, const void* src, int64_t step, int64_t count);
    void (*narrow)(void* dst, const void* src, int64_t count);
};

}  // namespace convx
