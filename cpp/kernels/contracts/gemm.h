// Matrix products of im2col and Winograd, and the panels they are fed with.
#pragma once
#include <stdint.h>

#include "epilogue.h"

namespace convx {

// c[i][j] = (first ? 0 : c[i][j]) + sum_k a[k*lda + i] * b[k*ldb + j], then the epilogue when last.
template <class T>
struct GemmTile {
    const T* a;
    const T* b;     // readable up to the next multiple of lanes
    T* c;           // c[i*ldc + j]
    int64_t depth;  // number of k
    int64_t lda, ldb, ldc;
    int32_t rows;  // 1..mr, broadcast
    int32_t cols;  // 1..nr, lanes
    bool first, last;
    Epilogue<T> epilogue;  // bias already advanced to this tile's first row
};

struct Run {
    int64_t dst, src, count;  // count adjacent pixels: panel columns from dst, at offset src of the patch
};

// dst[(k - k0)*nr + run.dst + i] = x[(k / taps)*x_channel + tap[k % taps] + run.src + i]
template <class T>
struct PanelPack {
    const T* x;
    const T* end;  // no element at or behind this address is read
    T* dst;
    const int64_t* tap;
    const Run* runs;
    int64_t taps, x_channel, k0, k1;
    int32_t run_count;
};

// dst[d*width + i] = i < rows ? src[i*src_row + d] : 0, for d < depth, i < width
template <class T>
struct TransposePack {
    const T* src;
    T* dst;
    int64_t rows, depth, src_row, width;
};

}  // namespace convx
