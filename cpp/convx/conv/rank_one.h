// Kernels that are the outer product of a column and a row.
#pragma once
#include <cstdint>

namespace convx {

// Whether w[i*columns + j] is column[i] * row[j], but for a few roundings of itself, and zero only where one of them
// is. Whole numbers, and their multiples by a power of two, are split into such, without any rounding, where they can
// be.
template <class T>
bool split_rank_one(const T* w, int64_t rows, int64_t columns, T* column, T* row);

}  // namespace convx
