// The contract between the portable core and the kernels of one instruction set.
// Kernels are single-threaded, allocate nothing, throw nothing, and touch only the elements that their formula names
// (scratch excepted: a panel has `lanes` elements of slack behind it).
#pragma once
#include <stdint.h>

namespace convx {

enum class Activation : int32_t { clamp, leaky_relu };

// y = act(sum + bias); "none" is a clamp to [-inf, inf], and NaN passes through either kind.
template <class T>
struct Epilogue {
    const T* bias;  // null, or one value per output channel
    Activation activation;
    T lo, hi;  // clamp bounds; leaky_relu keeps its slope in lo
};

// c[i][j] = (first ? 0 : c[i][j]) + sum_k a[k*rows + i] * b[k*ldb + j], then the epilogue when last.
template <class T>
struct GemmTile {
    const T* a;      // packed panel, rows values per k
    const T* b;      // panel of pixels, readable up to the next multiple of lanes
    T* c;            // c[i*ldc + j]
    int64_t depth;   // number of k
    int64_t ldb, ldc;
    int32_t rows;    // 1..mr, output channels
    int32_t cols;    // 1..nr, pixels
    bool first, last;
    Epilogue<T> epilogue;  // bias already advanced to this tile's first row
};

// out[k*out_channel + p] = sum_{c, i} x[c*x_channel + x_tap[i] + p] * w[c*w_channel + w_tap[i] + k], p < pixels, k < channels
template <class T>
struct DirectTile {
    const T* x;
    const T* w;              // slab of 1 or 2 vectors of output channels, zero-filled behind `channels`
    T* out;
    const int64_t* x_tap;
    const int64_t* w_tap;
    int64_t taps, depth;     // depth: input channels summed
    int64_t x_channel, w_channel, out_channel;
    int32_t pixels;          // 1..mr
    int32_t channels;        // 1..nr, valid output channels
    bool first, last;
    Epilogue<T> epilogue;
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

// rows of a padded copy: dst[r*dst_row + j] = left <= j < left + count ? src[r*src_row + (j - left)*src_step] : 0
template <class T>
struct RowCopy {
    const T* src;
    T* dst;
    int64_t rows, src_row, dst_row, src_step;
    int64_t left, count, right;
    T fill;
};

// dst[i] = op over j of src[offset[j] + i], i < count
template <class T>
struct Reduce {
    const T* src;
    T* dst;
    const int64_t* offset;
    int64_t terms, count;
};

// Input rows under one row of windows: planes x rows of them, the first one at offset `first`; none when rows is 0.
struct WindowRows {
    int64_t first, planes, rows;
    int64_t fresh;  // so many of the last rows have not been under the window before
};

// Pooling, first half: the rows of a window become one. With w = window[r],
// dst[(n*rows + r)*dst_row + i] = op over t < w.planes, j < w.rows of src[n*src_image + w.first + t*src_plane + j*src_row + i]
template <class T>
struct PoolRows {
    const T* src;
    const T* src_end;  // no element at or behind this address is read
    T* dst;
    T* dst_end;        // rows are stored in order; below this address each may run over its end, with neutral elements
    const WindowRows* window;
    int64_t images, rows, count;
    int64_t src_image, src_plane, src_row, dst_row;
};

constexpr int64_t POOL_TALL_VECTORS = 4;   // of columns that pool_tall takes at a time: chains in flight, whole cache lines
constexpr int64_t POOL_WIDE_GROUP = 1024;  // elements of whole rows that Along::wide takes at a time, or one row

// The same for windows of many rows, one plane and no dilation, at a cost that does not grow with their number:
// dst[r*dst_row + i] = op over 0 <= r*stride + j < live, j < kernel of src[(r*stride + j)*src_row + i], r < rows
template <class T>
struct PoolTall {
    const T* src;      // may lie before the first row that exists: rows below `skip` are not read
    T* dst;
    const T* src_end;  // no element at or behind this address is read
    T* scratch;        // kernel * POOL_TALL_VECTORS vectors
    int64_t rows, count, kernel, stride;  // rows are stored in whole vectors, neutral elements behind the last
    int64_t skip, live;  // input rows [skip, live) exist
    int64_t src_row, dst_row;
};

// How a row of windows is reduced along W: any taps at stride 1, adjacent 2 or 3 at stride 2, adjacent and many at stride 1.
enum class Along : int32_t { taps, pairs, triples, wide };

// An average of output q of row r is its sum * scale or, when scale is 0, / (width[q] * height[r]).
template <class T>
struct PoolDivisor {
    const T* width;
    const T* height;
    T scale;
};

// Pooling, second half:
// dst[n*dst_image + r*dst_row + q] = op over t < taps of src[(n*rows + r)*src_row + q*stride + t*dilation], q < outputs
template <class T>
struct PoolColumns {
    T* src;       // readable for two vectors behind the last element named; destroyed by Along::wide
    T* dst;
    T* dst_end;   // rows are stored in order; below this address each may run over its end
    T* scratch;   // for an average along wide windows: log4(taps) times max(POOL_WIDE_GROUP, src_row) elements and 2 vectors
    PoolDivisor<T> divisor;
    Along along;
    int64_t images, rows, outputs;
    int64_t taps, dilation;
    int64_t src_row, dst_image, dst_row;
};

// Both halves at once, in registers: windows of 1 to 3 rows and 3 columns, or 2 columns at stride 2. With w = window[r],
// dst[n*dst_image + r*dst_row + q] = op over j < w.rows, t < taps of x(n, w.first + j*src_row, q*stride + t), where
// x(n, row, i) = from <= i < to ? src[n*src_image + row + i] : neutral.
// Rows are read in whole vectors, from their column 0 to the first multiple of lanes that is not below `to`.
template <class T>
struct PoolSmall {
    const T* src;
    T* dst;
    T* dst_end;   // rows are stored in order; below this address each may run over its end
    const WindowRows* window;
    PoolDivisor<T> divisor;
    Along along;  // taps: 3 at stride 1
    int64_t images, rows, outputs;
    int64_t from, to;
    int64_t stride_h;
    int64_t src_image, src_row, dst_image, dst_row;
};

// Pooling of whole images: dst[n] = op over i < count of src[n*src_image + i], and for an average / divisor.
template <class T>
struct PoolImages {
    const T* src;
    T* dst;
    int64_t images, count, src_image;
    T divisor;
};

template <class T>
struct PoolKernels {
    bool (*rows)(const PoolRows<T>&);  // false when the result is not to be used: see finite_max
    bool (*tall)(const PoolTall<T>&);
    void (*columns)(const PoolColumns<T>&);
    bool (*small)(const PoolSmall<T>&);
};

// What one instruction set offers for one element type.
template <class T>
struct Kernels {
    int32_t lanes;   // elements of a vector
    int32_t mr, nr;  // register tile: mr broadcast operands x nr = 2 vectors
    int64_t kc;      // depth of a B panel that stays in L1
    void (*gemm_tile)(const GemmTile<T>&);
    void (*direct_tile)(const DirectTile<T>&);
    void (*pack_panel)(const PanelPack<T>&);
    void (*copy_rows)(const RowCopy<T>&);
    void (*reduce_max)(const Reduce<T>&);  // NaN if any term is NaN
    void (*reduce_sum)(const Reduce<T>&);
    void (*average)(T* sums, const T* width, T height, int64_t count);  // sums[i] /= width[i] * height
    PoolKernels<T> pool_finite_max;  // gives up where it meets a NaN or an infinity
    PoolKernels<T> pool_max;         // NaN if any term is NaN
    PoolKernels<T> pool_average;
    void (*images_max)(const PoolImages<T>&);
    void (*images_average)(const PoolImages<T>&);
    double (*fma_burst)(int64_t rounds, T* sink);  // multiply-adds on registers alone; returns their operations
};

struct KernelTable {
    Kernels<float> f32;
    Kernels<double> f64;
};

}  // namespace convx
