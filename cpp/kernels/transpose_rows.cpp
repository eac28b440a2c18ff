// Rows into columns, a block of lanes x lanes at a time: between channels first and channels last.
#include "contracts/rows.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

// Whole vectors are loaded, also where only the first columns of them are wanted.
template <class T>
CONVX_INLINE void whole_block(const RowTranspose<T>& t, int64_t r, int64_t c, int64_t cols = LANES<T>) {
    constexpr int L = LANES<T>;
    vec<T> m[L];
    const T* src = t.src + r * t.src_row + c;
    CONVX_UNROLL
    for (int i = 0; i < L; ++i) m[i] = load(src + i * t.src_row);
    transpose<T>(m);
    T* dst = t.dst + c * t.dst_row + r;
    CONVX_UNROLL
    for (int i = 0; i < L; ++i) {
        if (i >= cols) break;
        store(dst + i * t.dst_row, m[i]);
    }
}

// Fewer than lanes rows, columns or both.
template <class T>
__attribute__((noinline)) void part_block(const RowTranspose<T>& t, int64_t r, int64_t c) {
    constexpr int L = LANES<T>;
    const int64_t rows = t.rows - r < L ? t.rows - r : L, cols = t.cols - c < L ? t.cols - c : L;
    alignas(64) T edge[L] = {};
    vec<T> m[L];
    const T* src = t.src + r * t.src_row + c;
    CONVX_UNROLL
    for (int i = 0; i < L; ++i) {
        m[i] = vec<T>{};
        if (i >= rows) continue;
        copy_few(edge, src + i * t.src_row, cols);
        m[i] = load(edge);
    }
    transpose<T>(m);
    T* dst = t.dst + c * t.dst_row + r;
    CONVX_UNROLL
    for (int i = 0; i < L; ++i) {
        if (i >= cols) break;
        store(edge, m[i]);
        copy_few(dst + i * t.dst_row, edge, rows);
    }
}

}  // namespace

// Where there are whole blocks, the last one overlaps its neighbour rather than be a part.
template <class T>
void Float<T>::transpose_rows(const RowTranspose<T>& t) {
    constexpr int L = LANES<T>;
    if (t.rows < L || t.cols < L) {
        if (t.cols == 4 && t.src_row == 4) {
            for (int64_t c = 0; c < 4; ++c) copy_every<T, 4>(t.dst + c * t.dst_row, t.src + c, t.rows);
            return;
        }
        int64_t first = 0;
        if (t.cols < L && t.src_row >= L)  // there are rows behind all but the last block
            for (; first + L < t.rows; first += L) whole_block(t, first, 0, t.cols);
        for (int64_t c = 0; c < t.cols; c += L)
            for (int64_t r = first; r < t.rows; r += L) part_block(t, r, c);
        return;
    }
    for (int64_t c = 0; c < t.cols; c += L)
        for (int64_t r = 0; r < t.rows; r += L)
            whole_block(t, r + L <= t.rows ? r : t.rows - L, c + L <= t.cols ? c : t.cols - L);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
