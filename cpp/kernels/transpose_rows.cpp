// Rows into columns, a block of lanes x lanes at a time: between channels first and channels last.
#include "transpose_few.h"

namespace convx::CONVX_ISA {
namespace {

template <class T>
CONVX_INLINE void whole_block(const RowTranspose<T>& t, int64_t r, int64_t c) {
    constexpr int L = LANES<T>;
    vec<T> m[L];
    const T* src = t.src + r * t.src_row + c;
    CONVX_UNROLL
    for (int i = 0; i < L; ++i) m[i] = load(src + i * t.src_row);
    transpose<T>(m);
    T* dst = t.dst + c * t.dst_row + r;
    CONVX_UNROLL
    for (int i = 0; i < L; ++i) store(dst + i * t.dst_row, m[i]);
}

// Where there are whole blocks, the last one overlaps its neighbour rather than be a part.
template <class T>
void whole_blocks(const RowTranspose<T>& t) {
    constexpr int L = LANES<T>;
    for (int64_t c = 0; c < t.cols; c += L)
        for (int64_t r = 0; r < t.rows; r += L)
            whole_block(t, r + L <= t.rows ? r : t.rows - L, c + L <= t.cols ? c : t.cols - L);
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

template <class T>
void part_blocks(const RowTranspose<T>& t) {
    constexpr int L = LANES<T>;
    for (int64_t c = 0; c < t.cols; c += L)
        for (int64_t r = 0; r < t.rows; r += L) part_block(t, r, c);
}

}  // namespace

template <class T>
void Float<T>::transpose_rows(const RowTranspose<T>& t) {
    constexpr int64_t L = LANES<T>;
    if (t.rows >= L && t.cols >= L) return whole_blocks(t);
    if (t.cols < L && t.rows >= L && t.src_row >= t.cols) {
        if (t.src_row == t.cols) {
            if (t.cols == 2) return unzip_columns<T, 2>(t);
            if (t.cols == 3) return unzip_columns<T, 3>(t);
            if (t.cols == 4) return unzip_columns<T, 4>(t);
            if (t.cols == 8) return unzip_columns<T, 8>(t);
        }
        if (t.src_row == 4) {  // every second pixel of two
            for (int64_t c = 0; c < t.cols; ++c) copy_every<T, 4>(t.dst + c * t.dst_row, t.src + c, t.rows);
            return;
        }
        return by_few<T>(t.cols, [&](auto n) { few_columns<T, decltype(n)::value>(t); });
    }
    if (t.rows < L && t.cols >= L && t.dst_row >= t.rows) {
        if (t.dst_row == t.rows) {
            if (t.rows == 2) return zip_rows<T, 2>(t);
            if (t.rows == 3) return zip_rows<T, 3>(t);
            if (t.rows == 4) return zip_rows<T, 4>(t);
            if (t.rows == 8) return zip_rows<T, 8>(t);
        }
        return by_few<T>(t.rows, [&](auto n) { few_rows<T, decltype(n)::value>(t); });
    }
    part_blocks(t);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
