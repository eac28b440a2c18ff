// The contract between the portable core and the kernels of one instruction set.
// Kernels are single-threaded, allocate nothing, throw nothing, and touch only the elements that their formula names
// (scratch excepted: a panel has `lanes` elements of slack behind it).
#pragma once
#include <stdint.h>

#include "gradient_kernels.h"
#include "pool_kernels.h"

namespace convx {

enum class Activation : int32_t { clamp, leaky_relu };

// y = act(sum + bias); "none" is a clamp to [-inf, inf], and NaN passes through either kind.
template <class T>
struct Epilogue {
    const T* bias;  // null, or one value per output channel
    Activation activation;
    T lo, hi;  // clamp bounds; leaky_relu keeps its slope in lo
};

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

// out[k*out_channel + p] = sum_{c, i} x[c*x_channel + x_tap[i] + p] * w[c*w_channel + w_tap[i] + k], p < pixels, k <
// channels. Or, with out_channel = 1, out[p*out_pixel + k].
template <class T>
struct DirectTile {
    const T* x;
    const T* w;  // slab of 1 or 2 vectors of output channels, zero-filled behind `channels`
    T* out;
    const int64_t* x_tap;
    const int64_t* w_tap;
    int64_t taps, depth;  // depth: input channels summed
    int64_t x_channel, w_channel, out_channel, out_pixel;
    int32_t pixels;    // 1..mr
    int32_t channels;  // 1..nr, valid output channels
    bool first, last;
    Epilogue<T> epilogue;
};

// One vector of neighbouring output pixels: `count` of them (at most lanes), at these offsets of the input and the
// output.
struct PixelVector {
    int64_t x, out, count;
};

// For each vector v, row i < rows and pixel p < v.count:
//   out[i*out_channel + v.out + p] = (first ? 0 : itself)
//                                    + sum_{c, j} w[(c*taps + j)*rows + i] * x[c*x_channel + x_tap[j] + v.x + p], then
//                                    the epilogue when last.
// Vectors ascend in v.out. Whole vectors are read from x; while `first`, lanes behind `count` may be stored below
// out[room].
template <class T>
struct PixelTile {
    const T* x;
    const T* w;  // packed panel, rows values per term
    T* out;
    const PixelVector* vectors;
    const int64_t* x_tap;
    int64_t vector_count, taps, depth;
    int64_t x_channel, out_channel, room;
    int32_t rows;   // 1..pixel_rows
    int32_t lanes;  // of a PixelVector: all, or for short rows half of them
    bool first, last;
    Epilogue<T> epilogue;  // bias already advanced to the first row
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

// dst[r*dst_row + i*dst_step] += src[r*src_row + i*src_step], r < rows, i < count
template <class T>
struct RowAdd {
    const T* src;
    T* dst;
    int64_t rows, count, src_row, dst_row, src_step, dst_step;
};

// dst[c*dst_channel + i] = sum over j < corners of weight[j*points + i] * x[c*x_channel + offset[j*points + i]], i <
// count, c < channels; a term of weight 0 is 0 whatever its x. count is taken up to the next multiple of lanes.
template <class T>
struct SampleRows {
    const T* x;
    T* dst;
    const int64_t* offset;
    const T* weight;
    int64_t channels, x_channel, dst_channel, count, points;
    int32_t corners;  // 2, 4 or 8
};

// dst[y*dst_row + f*length + i] = column i*phases + f of row y padded with `fill`: before `left`, then src, then again
// from left + count on
template <class T>
struct RowSplit {
    const T* src;  // unit stride
    T* dst;
    int64_t rows, src_row, dst_row;
    int64_t left, count;
    int64_t length;
    int32_t phases;  // 2, 4 or 8
    T fill;
};

// One phase of the rows below: where its first row begins, the distance to the next one, its first column and how many.
template <class T>
struct PhaseRows {
    const T* src;
    int64_t row, first, count;
};

// dst[y*dst_row + f.first + i*stride] = f.src[y*f.row + i] for i < f.count, of each phase f; they ascend in `first`,
// which is below stride, so that counts differ by one at most where all `stride` phases are there.
template <class T>
struct Interleave {
    const PhaseRows<T>* phases;
    T* dst;
    int64_t rows, dst_row, stride;
    int64_t count;  // of phases
};

// dst[c*dst_row + r] = src[r*src_row + c], r < rows, c < cols
template <class T>
struct RowTranspose {
    const T* src;
    T* dst;
    int64_t rows, cols, src_row, dst_row;
};

// dst[d*width + i] = i < rows ? src[i*src_row + d] : 0, for d < depth, i < width
template <class T>
struct WeightPack {
    const T* src;
    T* dst;
    int64_t rows, depth, src_row, width;
};

// One Winograd scheme F(m x m, r x r) works on n x n points, n = m + r - 1: (m, n) = (4, 6), (2, 4) or (2, 6); with
// stride 2 and r = 3 on n = 2 m + 1, m = 4: the m + 1 points of the even inputs, then the m odd inputs themselves.

// u[(i*n + j)*u_point + c*nr + k] = (G w G')[i][j], w[a][b] = w[(c*r*r + a*r + b)*nr + k], for a slab of nr output
// channels.
template <class T>
struct WinogradWeight {
    const T* w;
    T* u;
    const double* g;  // n x r
    int64_t channels, u_point;
    int32_t points, taps;  // n, r; with stride 2 n counts the odd inputs, which share their weights, as one
};

// v[(i*n + j)*v_point + c*v_channel + y*tiles + t] = (B' d B)[i][j], d[i][j] = x[c*x_channel + y*x_row + tap[i*n + j] +
// t]. Lanes are tiles. Reads and writes up to lanes - 1 elements behind the last tile of a row.
template <class T>
struct WinogradInput {
    const T* x;
    T* v;
    const int64_t* tap;
    int64_t channels, rows, tiles;
    int64_t x_channel, x_row, v_channel, v_point;
    int32_t points;  // n
};

// out[k*out_channel + i*out_row + (m*t + j)*out_pixel] = act((A' M A)[i][j] + bias[k]), M[i][j] = m[(i*n + j)*m_point +
// t*m_tile + k], for i < height and m*t + j < width; out_channel or out_pixel is 1. Lanes are output channels.
template <class T>
struct WinogradOutput {
    const T* m;
    T* out;
    int64_t tiles, width, height;
    int64_t m_point, m_tile, out_channel, out_row, out_pixel;
    int32_t channels;
    int32_t points, outputs;  // n, m
    Epilogue<T> epilogue;
};

// Depthwise convolution of whole rows; square kernel of 3, 5 or 7, stride 1 or 2 along both axes. For each output plane
// k
//   out[i*width + q] = sum_{r, s} (rows[i*stride + r] & inside)[q*stride + s] * w[r*kernel + s], then the epilogue,
// where `inside` holds all bits of a column of the input and no bit of one of the padding. Rows and `inside` are
// readable up to max(width, lanes)*stride + kernel - 1.
template <class T>
struct DepthwisePlanes {
    const T** rows;           // of the first channel; moved on by row_step after each channel
    const int64_t* row_step;  // in elements; 0 for a row of padding
    const T* w;               // kernel*kernel for each plane
    const T* inside;
    T* out;
    int64_t out_plane;
    int64_t channels, multiplier;  // input channels, output planes of each
    int64_t row_count, height, width;
    int64_t inner0, inner1;  // outputs [inner0, inner1) of a row meet no padding
    int32_t kernel, stride;
    Epilogue<T> epilogue;  // bias already advanced to the first plane
};

// Depthwise convolution of channels that lie side by side:
//   out[q*channels + c] = sum_t w[t*channels + c] * taps[t][q*step + c], then the epilogue, q < count, c < channels.
template <class T>
struct DepthwisePixels {
    const T* const* taps;
    const T* w;
    T* out;
    int64_t tap_count, count, step, channels;
    Epilogue<T> epilogue;
};

// What one instruction set offers for one element type.
template <class T>
struct Kernels {
    int32_t lanes, half_lanes;  // elements of a vector; of one that the pixel tile takes in half of the time, or 0
    bool fma;                   // one instruction multiplies and adds
    int32_t mr, nr;             // register tile: mr broadcast operands x nr = 2 vectors
    int64_t kc;                 // depth of a B panel that stays in L1
    void (*gemm_tile)(const GemmTile<T>&);
    void (*direct_tile)(const DirectTile<T>&);
    void (*pack_weight)(const WeightPack<T>&);
    void (*winograd_weight)(const WinogradWeight<T>&);
    void (*winograd_input)(const WinogradInput<T>&);
    void (*winograd_output)(const WinogradOutput<T>&);
    int32_t pixel_rows, pixel_registers;  // most output channels of a pixel tile, and what bounds its vectors
    void (*pixel_tile)(const PixelTile<T>&);
    void (*depthwise_planes)(const DepthwisePlanes<T>&);
    void (*depthwise_pixels)(const DepthwisePixels<T>&);
    void (*pack_panel)(const PanelPack<T>&);
    void (*copy_rows)(const RowCopy<T>&);
    void (*split_rows)(const RowSplit<T>&);
    void (*transpose_rows)(const RowTranspose<T>&);
    void (*sample_rows)(const SampleRows<T>&);
    void (*add_rows)(const RowAdd<T>&);
    void (*interleave_rows)(const Interleave<T>&);
    void (*reduce_max)(const Reduce<T>&);  // NaN if any term is NaN
    void (*reduce_sum)(const Reduce<T>&);
    void (*average)(T* sums, const T* width, T height, int64_t count);  // sums[i] /= width[i] * height
    PoolKernels<T> pool_finite_max, pool_max, pool_average;  // finite_max gives up where it meets a NaN or an infinity
    void (*images_max)(const PoolImages<T>&);
    void (*images_average)(const PoolImages<T>&);
    void (*pool_argmax)(const PoolArgmax<T>&);
    void (*pool_argmax_row)(const PoolArgmaxRow<T>&);
    void (*reduce_abs)(const Reduce<T>&);      // of |src|: the sum,
    void (*reduce_squares)(const Reduce<T>&);  // of its squares,
    void (*reduce_abs_max)(const Reduce<T>&);  // and the maximum, NaN if any term is NaN
    bool (*all_finite)(const T* x, int64_t count);
    GradientKernels<T> gradient;
    double (*fma_burst)(int64_t rounds, T* sink);  // multiply-adds on registers alone; returns their operations
};

struct KernelTable {
    Kernels<float> f32;
    Kernels<double> f64;
    IntegerKernels<int8_t> i8;
    IntegerKernels<int16_t> i16;
    IntegerKernels<int32_t> i32;
    IntegerKernels<int64_t> i64;
    IntegerKernels<uint8_t> u8;
    IntegerKernels<uint16_t> u16;
    IntegerKernels<uint32_t> u32;
    IntegerKernels<uint64_t> u64;
    ArgmaxKernels<int32_t> argmax32;
    ArgmaxKernels<int64_t> argmax64;
    Conversion i8_i32, u8_i32, i16_i32, u16_i32, u32_i64, u64_i64;
};

}  // namespace convx

#include "dot_kernels.h"
