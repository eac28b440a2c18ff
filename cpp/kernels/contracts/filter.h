// Filters of images along columns, then along rows. What is summed lies in rows of float or, where `wide`, of double.
#pragma once
#include <stdint.h>

namespace convx {

constexpr int64_t FILTER_ROWS = 4, FILTER_BLOCK = 32;  // rows of sums that are made together; elements of a block

// Sums of integers as C stores them in integers of so many bits: cut off, and modulo 2^bits.
struct CutOff {
    int32_t bits;  // 0: sums stay as they are
    bool is_signed;
    // Rounding leaves open to which side a sum is cut off that is so near to a whole number: set[r*row +
    // i/FILTER_BLOCK] of its block is set. Null: sums are exact.
    struct Unsettled {
        bool* set;
        int64_t row;  // 0 for columns: the blocks of all rows are one
        float within;
    } unsettled;
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
    CutOff cut;  // the type of dst says how
};

// The order in which scipy.ndimage adds the terms of a sum.
enum class TermOrder : int32_t {
    last_first,   // then from the first on
    sums,         // the middle; the sum of the outermost two, and so on
    differences,  // the same with the first less the last
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
