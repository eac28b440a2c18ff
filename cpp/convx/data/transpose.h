// Whole arrays from channels first to channels last.
#pragma once
#include "../../kernels/kernels.h"

namespace convx {

// dst[n][col][row] = src[n][row][col] for `images` matrices of rows x cols.
template <class T>
void transpose_images(const T* src, T* dst, int64_t images, int64_t rows, int64_t cols, const Kernels<T>& kernels,
                      int threads);

}  // namespace convx
