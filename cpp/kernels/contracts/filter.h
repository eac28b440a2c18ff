// Filters of images along columns, then along rows. What is summed lies in rows of float or, where `wide`, of double.
#pragma once
#include <stdint.h>

namespace convx {

constexpr int64_t FILTER_ROWS = 4;  // of sums, that are made together

// The order in which scipy.ndimage adds the terms of a sum.
enum class TermOrder : int32_t {
    last_first,   // then from the first on
    sums,         // the middle; the sum of the outermost two, and so on
    differences,  // the same with the first less the last
};

// Sums of integers as C stores them in integers of so many bits: cut off, and modulo 2^bits.
struct CutOff {
    int32_t bits;  // 0: sums stay as they are
    bool is_signed;
    bool fits;  // no sum is negative or does not fit
    // Rounding leaves open to which side a sum is cut off that is so near to a whole number: it is made once more, as
    // filter_exactly makes it.
    struct Exactly {
        const double* w;           // null: sums are exact
        const void* const* terms;  // of FilterRows: sums + t*step, t < taps
        TermOrder order;
        float within;
    } exactly;
};

// For r < rows, i < count: sums[r*sums_row + i] = sum over t < taps of w[t] * src[r*step + t][i]
struct FilterColumns {
    const void* const* src;  // (rows - 1) * step + taps rows
    const void* w;           // of the type of the sums
    void* sums;
    int64_t rows, taps, count, sums_row;
    bool wide;
    CutOff cut;  // of sums in float
    int64_t step = 1;
};

// For r < rows, i < count:
//   dst[r*dst_row + i] = addend[r*addend_row + i] + sum over t < taps of w[t] * sums[r*sums_row + i + t*step]
struct FilterRows {
    const void *sums, *addend;  // readable for eight vectors behind the last element named; addend may be null
    const void* w;              // of the type of the sums
    void* dst;
    int64_t rows, taps, step, count, sums_row, addend_row, dst_row;
    bool wide;
    CutOff cut;  // its bits are those of the type of dst
};

// As FilterColumns, of whole numbers below 2^22, summed in double without fused multiply-adds in the given order, then
// cut off.
struct FilterExactly {
    const void* const* src;
    const double* w;
    void* sums;
    int64_t rows, taps, count, sums_row;
    bool wide;  // what the sums are stored as
    TermOrder order;
    CutOff cut;
    int64_t offset = 0;  // of the first element in its row of src
};

// Sums of `taps` rows, each of few additions: those of a block of as many rows from the last on, and those of the next
// block from the first on. For r < rows: sums[r*sums_row + i] = scale * sum over t < taps of src[r + t][i]
struct BoxColumns {
    const void* const* src;       // rows + taps - 1 rows
    void *sums, *behind, *ahead;  // behind: taps rows of behind_row elements; ahead: one; kept from call to call
    int64_t rows, taps, count, sums_row, behind_row;
    int64_t phase;  // of the first row in its block
    double scale;
    bool wide;
    CutOff cut;
};

}  // namespace convx
