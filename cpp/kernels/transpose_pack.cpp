// Weights into panels: a transposition of `rows` output channels by `depth` terms.
#include "contracts/gemm.h"
#include "simd.h"

namespace convx::CONVX_ISA {

namespace {

// Terms [d, d + terms) of up to a vector of rows, from row i on.
template <class T>
CONVX_INLINE void block(const TransposePack<T>& p, int64_t d, int64_t terms, int64_t i) {
    constexpr int L = LANES<T>;
    alignas(64) T edge[L] = {};
    vec<T> m[L];
    CONVX_UNROLL
    for (int r = 0; r < L; ++r) {
        m[r] = vec<T>{};
        if (i + r >= p.rows) continue;
        const T* src = p.src + (i + r) * p.src_row + d;
        if (terms == L) {
            m[r] = load(src);
        } else {
            copy_few(edge, src, terms);
            m[r] = load(edge);
        }
    }
    transpose<T>(m);
    const int64_t columns = p.width - i < L ? p.width - i : L;
    CONVX_UNROLL
    for (int r = 0; r < L; ++r) {
        if (r >= terms) break;
        T* dst = p.dst + (d + r) * p.width + i;
        if (columns == L) {
            store(dst, m[r]);
        } else {
            store(edge, m[r]);
            copy_few(dst, edge, columns);
        }
    }
}

}  // namespace

template <class T>
void Float<T>::transpose_pack(const TransposePack<T>& p) {
    constexpr int64_t L = LANES<T>, LINE = 64 / static_cast<int64_t>(sizeof(T));
    // As many terms of some rows as share a line: before the next rows, which may push that out of L1.
    for (int64_t line = 0; line < p.depth; line += LINE)
        for (int64_t i = 0; i < p.width; i += L)
            for (int64_t at = line; at < p.depth && at < line + LINE; at += L) {
                const int64_t d = at + L > p.depth && p.depth > L ? p.depth - L : at;  // the last may be written twice
                block<T>(p, d, p.depth - d < L ? p.depth - d : L, i);
            }
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
