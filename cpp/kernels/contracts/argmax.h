// Where maxima lie. Elements of other types than float, double, int32_t and int64_t are widened to one of these.
#pragma once
#include <stdint.h>

namespace convx {

// Offsets within a window take as many bits as an element.
template <class T, bool WIDE = sizeof(T) == sizeof(int64_t)>
struct PoolCode {
    using type = int32_t;
};
template <class T>
struct PoolCode<T, true> {
    using type = int64_t;
};
template <class T>
using code_t = typename PoolCode<T>::type;

// Where the largest elements of a row of windows lie. Of v(j, t, q) = rows[j][tap[t] + q], taken in the order of j,
// then t, output q keeps the first that is larger than all before it and than `lowest`, or the last NaN:
//   value[q] = v, index[q] = origin + start[q] + row_code[j] + tap_code[t]
// Before the first one, value and index are lowest and origin + start[q] + first[q] or, unless `fresh`, as they stand.
template <class T>
struct PoolArgmax {
    using Code = code_t<T>;
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

// index[j] = the place i < length of the largest of x[i*step + j], or of the smallest, j < count; of equals the first
// or, with `last`, the last. A NaN is both larger and smaller than any number. 1 <= length < 2^31.
template <class T>
struct ArgColumns {
    const T* x;
    int64_t* index;
    int64_t length, step, count;
    bool least, last;
};

// What an integer is widened to.
template <class T>
struct WideInteger {
    using type = int32_t;
};
template <>
struct WideInteger<uint32_t> {
    using type = int64_t;
};
template <>
struct WideInteger<uint64_t> {
    using type = int64_t;
};

// dst[i] = order(src[i*step]), i < count; order(x) is x, but for uint64_t x - 2**63. From T to its WideInteger.
struct Widening {
    const void* src;
    void* dst;
    int64_t step, count;
};

// dst[i] = the T whose order is src[i], i < count.
struct Truncation {
    const void* src;
    void* dst;
    int64_t count;
};

}  // namespace convx
