// What a product has left over behind its whole panels of columns: of few columns the lanes hold the rows of a panel,
// and several panels are multiplied at once. A tile of one vector has too few sums to hide how long a product takes.
#pragma once
#include "contracts/gemm.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class T>
constexpr int FEW_COLUMNS = FEW_TILES<T> || MR > LANES<T> ? 0 : 4;

// Where a group of panels lies, the last of all in place of those behind it, and what of it is no whole vector.
template <class T, int PANELS, int COLS>
struct Few {
    const T* a[PANELS];
    T* c[PANELS];
    alignas(64) T sums[PANELS][COLS][LANES<T>] = {}, ends[PANELS][LANES<T>] = {}, bias[PANELS][LANES<T>] = {};
};

template <class T, int PANELS, int COLS>
__attribute__((noinline)) void begin(Few<T, PANELS, COLS>& few, const GemmTile<T>& t, int64_t group) {
    for (int p = 0; p < PANELS; ++p) {
        const int64_t panel = group + p < t.below ? group + p : t.below, row = panel * t.rows;
        few.a[p] = t.a + panel * t.a_panel;
        few.c[p] = t.c + row * t.ldc;
        for (int64_t i = 0; i < t.rows; ++i) {
            few.ends[p][i] = few.a[p][(t.depth - 1) * t.lda + i];
            few.bias[p][i] = t.epilogue.bias ? t.epilogue.bias[row + i] : T(-0.0);
        }
    }
}

// From c or the residual, or to c.
template <class T, int PANELS, int COLS>
__attribute__((noinline)) void gather(Few<T, PANELS, COLS>& few, const GemmTile<T>& t, bool residual) {
    for (int p = 0; p < PANELS; ++p) {
        const T* from = residual ? t.epilogue.residual_of(few.c[p]) : few.c[p];
        for (int64_t i = 0; i < t.rows; ++i, from += t.ldc)
            for (int64_t j = 0; j < t.cols; ++j) few.sums[p][j][i] = from[j];
    }
}
template <class T, int PANELS, int COLS>
__attribute__((noinline)) void scatter(const Few<T, PANELS, COLS>& few, const GemmTile<T>& t) {
    for (int p = 0; p < PANELS; ++p) {
        T* to = few.c[p];
        for (int64_t i = 0; i < t.rows; ++i, to += t.ldc)
            for (int64_t j = 0; j < t.cols; ++j) to[j] = few.sums[p][j][i];
    }
}

template <class T, int PANELS, int COLS>
CONVX_INLINE void few_steps(vec<T> (&acc)[PANELS][COLS], const T* const (&a)[PANELS], const T* b, int64_t lda,
                            int64_t ldb, int64_t count) {
    int64_t at = 0;
    CONVX_UNROLL_LOOP
    for (int64_t k = 0; k < count; ++k, at += lda, b += ldb) {
        vec<T> x[COLS];
        CONVX_UNROLL
        for (int j = 0; j < COLS; ++j) x[j] = splat(b[j]);
        CONVX_UNROLL
        for (int p = 0; p < PANELS; ++p) {
            const vec<T> w = load(a[p] + at);
            CONVX_UNROLL
            for (int j = 0; j < COLS; ++j) acc[p][j] += w * x[j];
        }
    }
}

template <class T, int PANELS, int COLS>
CONVX_INLINE void few_group(const GemmTile<T>& t, int64_t group) {
    Few<T, PANELS, COLS> few;
    begin(few, t, group);
    if (!t.first) gather(few, t, false);
    vec<T> acc[PANELS][COLS];
    CONVX_UNROLL
    for (int p = 0; p < PANELS; ++p) {
        CONVX_UNROLL
        for (int j = 0; j < COLS; ++j) acc[p][j] = load(few.sums[p][j]);
    }
    // Behind the end of the last row nothing is read.
    const int64_t before = t.depth - 1;
    few_steps(acc, few.a, t.b, t.lda, t.ldb, before);
    CONVX_UNROLL
    for (int p = 0; p < PANELS; ++p) few.a[p] = few.ends[p];
    few_steps(acc, few.a, t.b + before * t.ldb, 0, 0, 1);
    if (t.last) {
        if (t.epilogue.has_residual) gather(few, t, true);
        CONVX_UNROLL
        for (int p = 0; p < PANELS; ++p) {
            const vec<T> bias = load(few.bias[p]);
            CONVX_UNROLL
            for (int j = 0; j < COLS; ++j) {
                acc[p][j] += bias;
                if (t.epilogue.has_residual) acc[p][j] += load(few.sums[p][j]);
            }
        }
        activate_tile<T, LANES<T>, PANELS, COLS>(acc, t.epilogue);
    }
    CONVX_UNROLL
    for (int p = 0; p < PANELS; ++p) {
        CONVX_UNROLL
        for (int j = 0; j < COLS; ++j) store(few.sums[p][j], acc[p][j]);
    }
    scatter(few, t);
}

template <class T, int PANELS, int COLS>
__attribute__((noinline)) void few_groups(const GemmTile<T>& t) {
    for (int64_t group = 0; group <= t.below; group += PANELS) few_group<T, PANELS, COLS>(t, group);
}

// Whether half of the lanes are filled: what is read beyond a row is the next one then, and the last row is copied.
template <class T>
bool has_few_columns(const GemmTile<T>& t) {
    return t.cols <= FEW_COLUMNS<T> && t.more == 0 && t.below > 0 && t.depth > 0 && 2 * t.rows >= LANES<T>;
}

// Eight sums hide the latency of a product.
template <class T>
void few_columns(const GemmTile<T>& t) {
    t.cols == 1 ? few_groups<T, 8, 1>(t) : few_groups<T, 2, 4>(t);
}

}  // namespace
}  // namespace convx::CONVX_ISA
