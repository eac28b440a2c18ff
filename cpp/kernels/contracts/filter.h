// Filters of images along columns, then along rows. What is summed lies in rows of float or, where `wide`, of double.
#pragma once
#include <stdint.h>

namespace convx {

// Sums of integers, kept as C keeps them: cut off, and modulo 2^bits. Where rounding leaves open to which side a sum is
// cut off, it is to be made again.
struct CutOff {
    int32_t bits;  // 0: sums stay as they are
    bool is_signed;
    bool* unsettled;   // for each block of a step of FILTER_ROWS rows (of one row along rows); null: sums are exact
    double tolerance;  // of a sum to be settled, from a whole number
};
constexpr int64_t FILTER_ROWS = 4, FILTER_BLOCK = 4;  // rows and vectors of sums in flight

// For r < rows, i < count: sums[r*sums_row + i] = sum over t < taps of w[t] * src[r + t][i]
struct FilterColumns {
    const void* const* src;  // rows + taps - 1 rows
    const void* w;           // of the type of the sums
    void* sums;
    int64_t rows, taps, count, sums_row;
    bool wide;
    CutOff cut;
};

// For r < rows, i < count: dst[r*dst_row + i] = sum over t < taps of w[t] * sums[r*sums_row + i + t*step]
struct FilterRows {
    const void* sums;  // readable for two vectors behind the last element named
    const void* w;     // of the type of the sums
    void* dst;
    int64_t rows, taps, step, count, sums_row, dst_row;
    bool wide;
    CutOff cut;
};

}  // namespace convx
