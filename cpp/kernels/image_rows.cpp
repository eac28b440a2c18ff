// Pixels to floating point and sums to pixels, in blocks of as many elements as a vector has bytes: compilers make
// vectors of loops of constant length.
#include "contracts/image.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

constexpr int BLOCK = VECTOR_BYTES;
static_assert(SUM_BLOCK % BLOCK == 0, "what is readable behind a row");

template <class T, class F>
CONVX_INLINE void to_floats(const T* __restrict src, F* __restrict dst) {
    for (int i = 0; i < BLOCK; ++i) dst[i] = static_cast<F>(src[i]);
}

template <class T, class F>
CONVX_INLINE void row_to_floats(const T* src, int64_t step, int64_t n, F* dst) {
    if (step != 1 || n < BLOCK) {
        for (int64_t i = 0; i < n; ++i) dst[i] = static_cast<F>(src[i * step]);
        return;
    }
    for (int64_t i = 0; i + BLOCK <= n; i += BLOCK) to_floats(src + i, dst + i);
    to_floats(src + n - BLOCK, dst + n - BLOCK);  // overlaps the block before
}

template <class F>
CONVX_INLINE void fill(F* dst, int64_t n, F value) {
    for (int64_t i = 0; i < n; ++i) dst[i] = value;
}

template <class T, class F>
void rows_to_floats(const PixelRows& p) {
    const T* src = static_cast<const T*>(p.src);
    F* dst = static_cast<F*>(p.dst);
    for (int64_t r = 0; r < p.rows; ++r, src += p.src_row, dst += p.dst_row) {
        fill(dst, p.left, static_cast<F>(p.fill));
        row_to_floats(src, p.src_step, p.count, dst + p.left);
        fill(dst + p.left + p.count, p.right, static_cast<F>(p.fill));
    }
}

template <class T>
constexpr bool IS_FLOAT = T(0.5) != T(0);
template <class T>
constexpr bool IS_SIGNED = T(-1) < T(0);

// Of integers of at most 32 bits; as sums of float may have to be, limits are rounded towards zero.
template <class T, class F>
constexpr F HIGHEST = static_cast<F>((uint64_t{1} << (8 * sizeof(T) - IS_SIGNED<T>)) - 1);
template <class T, class F>
constexpr F LOWEST = IS_SIGNED<T> ? -HIGHEST<T, F> - F(1) : F(0);

// Adding it and taking it away again rounds to whole numbers, half to even.
template <class F>
constexpr F WHOLE = F(1.5) * static_cast<F>(uint64_t{1} << (sizeof(F) == 4 ? 23 : 52));

template <class T, class F>
CONVX_INLINE void nearest(const F* __restrict sums, T* __restrict dst) {
    for (int i = 0; i < BLOCK; ++i) {
        F x = sums[i];
        x = x < LOWEST<T, F> ? LOWEST<T, F> : x;
        x = x > HIGHEST<T, F> ? HIGHEST<T, F> : x;
        const F whole = sizeof(T) == sizeof(F) ? x : (x + WHOLE<F>)-WHOLE<F>;  // int32 of float: is whole
        if constexpr (sizeof(T) <= 2)
            dst[i] = static_cast<T>(static_cast<int32_t>(whole));
        else
            dst[i] = static_cast<T>(static_cast<int64_t>(whole));
    }
}

template <class T, class F, class Between>
CONVX_INLINE void cut(const F* __restrict sums, T* __restrict dst) {
    for (int i = 0; i < BLOCK; ++i) dst[i] = static_cast<T>(static_cast<Between>(sums[i]));
}

// What is beyond the signed integers is an unsigned one.
template <class T, class F>
CONVX_INLINE void cut_high(const F* __restrict sums, T* __restrict dst) {
    constexpr F HALF = F(uint64_t{1} << 63);
    for (int i = 0; i < BLOCK; ++i)
        dst[i] = static_cast<T>(sums[i] >= HALF ? static_cast<uint64_t>(sums[i]) : uint64_t(int64_t(sums[i])));
}

template <class T, class F>
CONVX_INLINE void convert(const F* sums, T* dst, const SumRow<T>& row) {
    if constexpr (IS_FLOAT<T>) {
        for (int i = 0; i < BLOCK; ++i) dst[i] = static_cast<T>(sums[i]);
    } else {
        if constexpr (sizeof(T) <= 4)
            if (row.rule == Integral::nearest) return nearest<T, F>(sums, dst);
        if (row.small) return cut<T, F, int32_t>(sums, dst);
        if constexpr (sizeof(T) == 8 && !IS_SIGNED<T>)
            cut_high(sums, dst);
        else
            cut<T, F, int64_t>(sums, dst);
    }
}

template <class T, class F>
void store_row(const SumRow<T>& row) {
    const F* sums = static_cast<const F*>(row.sums);
    int64_t i = 0;
    if (row.step == 1)
        for (; i + BLOCK <= row.count; i += BLOCK) convert<T, F>(sums + i, row.dst + i, row);
    for (; i < row.count; i += BLOCK) {
        T block[BLOCK];
        convert<T, F>(sums + i, block, row);
        const int64_t n = row.count - i < BLOCK ? row.count - i : BLOCK;
        for (int64_t j = 0; j < n; ++j) row.dst[(i + j) * row.step] = block[j];
    }
}

}  // namespace

template <class T>
void Convert<T>::pixel_rows(const PixelRows& p) {
    p.wide ? rows_to_floats<T, double>(p) : rows_to_floats<T, float>(p);
}

template <class T>
void Any<T>::store_sums(const SumRow<T>& row) {
    row.wide ? store_row<T, double>(row) : store_row<T, float>(row);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
