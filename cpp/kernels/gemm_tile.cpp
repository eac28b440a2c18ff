// GEMM micro-kernel: im2col has pixels in the lanes and broadcasts output channels, Winograd the other way round.
#include "contracts/gemm.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

// Edge tiles live in a full-width copy of C, so that the tile itself knows whole vectors only.
template <class T>
__attribute__((noinline)) void copy_block(T* dst, int64_t ld_dst, const T* src, int64_t ld_src, int64_t rows,
                                          int64_t cols) {
    constexpr int L = LANES<T>;
    const int64_t whole = (cols - 1) / L * L;
    for (int64_t i = 0; i < rows; ++i, dst += ld_dst, src += ld_src) {
        for (int64_t j = 0; j < whole; j += L) store(dst + j, load(src + j));
        copy_few(dst + whole, src + whole, cols - whole);
    }
}

template <class T, int ROWS, int VECS>
CONVX_INLINE void accumulate(vec<T> (&acc)[ROWS][VECS], const GemmTile<T>& t) {
    const T* a = t.a;
    const T* b = t.b;
    for (int64_t k = 0; k < t.depth; ++k, a += t.lda, b += t.ldb) {
        vec<T> bv[VECS];
        CONVX_UNROLL
        for (int j = 0; j < VECS; ++j) bv[j] = load(b + j * LANES<T>);
        CONVX_UNROLL
        for (int i = 0; i < ROWS; ++i) {
            const vec<T> av = splat(a[i]);
            CONVX_UNROLL
            for (int j = 0; j < VECS; ++j) acc[i][j] += av * bv[j];
        }
    }
}

template <class T, int ROWS, int VECS>
CONVX_INLINE void finish(vec<T> (&acc)[ROWS][VECS], const Epilogue<T>& e) {
    CONVX_UNROLL
    for (int i = 0; i < ROWS; ++i) {
        const vec<T> bias = splat(e.bias ? e.bias[i] : T(-0.0));  // -0.0 is neutral
        CONVX_UNROLL
        for (int j = 0; j < VECS; ++j) acc[i][j] += bias;
    }
    activate_tile<T, LANES<T>, ROWS, VECS>(acc, e);
}

template <class T, int ROWS, int VECS>
void tile(const GemmTile<T>& t) {
    constexpr int L = LANES<T>;
    alignas(64) T edge[ROWS * VECS * L];
    const bool partial = t.cols < VECS * L;
    T* const c = partial ? edge : t.c;
    const int64_t ldc = partial ? VECS * L : t.ldc;
    vec<T> acc[ROWS][VECS];
    if (t.first) {
        CONVX_UNROLL
        for (int i = 0; i < ROWS; ++i) {
            CONVX_UNROLL
            for (int j = 0; j < VECS; ++j) acc[i][j] = vec<T>{};
        }
    } else {
        if (partial) copy_block(edge, ldc, t.c, t.ldc, ROWS, t.cols);
        CONVX_UNROLL
        for (int i = 0; i < ROWS; ++i) {
            CONVX_UNROLL
            for (int j = 0; j < VECS; ++j) acc[i][j] = load(c + i * ldc + j * L);
        }
    }
    accumulate<T, ROWS, VECS>(acc, t);
    if (t.last) finish<T, ROWS, VECS>(acc, t.epilogue);
    CONVX_UNROLL
    for (int i = 0; i < ROWS; ++i) {
        CONVX_UNROLL
        for (int j = 0; j < VECS; ++j) store(c + i * ldc + j * L, acc[i][j]);
    }
    if (partial) copy_block(t.c, t.ldc, edge, ldc, ROWS, t.cols);
}

template <class T, int ROWS>
void by_rows(const GemmTile<T>& t) {
    if (t.rows != ROWS) {
        if constexpr (ROWS > 1) by_rows<T, ROWS - 1>(t);
        return;
    }
    t.cols > LANES<T> ? tile<T, ROWS, 2>(t) : tile<T, ROWS, 1>(t);
}

}  // namespace

template <class T>
void Float<T>::gemm_tile(const GemmTile<T>& t) {
    by_rows<T, MR>(t);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
