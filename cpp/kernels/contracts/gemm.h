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

    // What a product of many tiles may ask for beside; zeros mean that it does not.
    bool far_c = false;      // c is not cached; where not first, but for the first panel of rows
    bool far_below = false;  // where not first: neither is that of the rows behind all of them
    int64_t below = 0;       // panels of as many rows that follow, a_panel apart in a; they lie below in c and bias
    int64_t a_panel = 0;     // elements
    int64_t more = 0;        // whole panels of nr columns that come before this one, b_panel apart in b, nr in c
    int64_t b_panel = 0;     // elements
    T* packed = nullptr;     // where whole panels of b are copied to, [panel][k][nr]; cols is nr, below is 0
    // Row k of b is then at (first_tap + k) / taps * ldb + tap[(first_tap + k) % taps].
    const int64_t* tap = nullptr;
    int64_t taps = 0, first_tap = 0;
    // The same panels of ahead_count other rows, which are to be cached: by each panel of rows ahead_each <= depth.
    const T* ahead = nullptr;
    int64_t ahead_row = 0, ahead_count = 0, ahead_each = 0;

    // Goes on behind the rows that so many panels have fetched.
    void fetched(int64_t panels) {
        const int64_t all = panels * ahead_each, rows = all < ahead_count ? all : ahead_count;
        ahead += rows * ahead_row;
        ahead_count -= rows;
    }
};

// Up to a vector of adjacent pixels: panel columns from dst, at offset src of the patch.
struct Run {
    int64_t dst, src;
};

// dst[(k - k0)*dst_row + run.dst + i] = x[(k / taps)*x_channel + tap[k % taps] + run.src + i] for all i < lanes that
// come before the next run's dst, or before `cols`. Runs ascend in dst; behind dst lies room for one vector more.
template <class T>
struct PanelPack {
    const T* x;
    const T* end;  // no element at or behind this address is read
    T* dst;
    const int64_t* tap;
    const Run* runs;
    int64_t taps, x_channel, k0, k1, dst_row;
    int32_t run_count, cols;
};

// dst[d*width + i] = i < rows ? src[i*src_row + d] : 0, for d < depth, i < width
template <class T>
struct TransposePack {
    const T* src;
    T* dst;
    int64_t rows, depth, src_row, width;
};

}  // namespace convx
