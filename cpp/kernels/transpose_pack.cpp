// Weights into panels: a transposition of `rows` output channels by `depth` terms.
#include "contracts/gemm.h"
#include "simd.h"

namespace convx::CONVX_ISA {

template <class T>
void Float<T>::transpose_pack(const TransposePack<T>& p) {
    constexpr int L = LANES<T>;
    alignas(64) T edge[L] = {};
    for (int64_t at = 0; at < p.depth; at += L) {
        const int64_t d = at + L > p.depth && p.depth > L ? p.depth - L : at;  // the last ones may be written twice
        const int64_t terms = p.depth - d < L ? p.depth - d : L;
        for (int64_t i = 0; i < p.width; i += L) {
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
    }
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
