// Sums along rows of what the column pass left in cache.
#include "contracts/filter.h"
#include "filter.h"

namespace convx::CONVX_ISA {
namespace {

template <class T, class A, int N>
CONVX_INLINE void sum(const FilterRows& f, const A* src, vec<A> (&acc)[N]) {
    constexpr int L = LANES<A>;
    const A* const w = static_cast<const A*>(f.w);
    CONVX_UNROLL
    for (int v = 0; v < N; ++v) acc[v] = vec<A>{};
    for (int64_t t = 0; t < f.taps; ++t, src += f.step) {
        const vec<A> weight = splat(w[t]);
        CONVX_UNROLL
        for (int v = 0; v < N; ++v) acc[v] += weight * load(src + v * L);
    }
}

template <class T, class A>
CONVX_INLINE void row(const FilterRows& f, const A* src, T* dst) {
    constexpr int L = LANES<A>, N = 8;
    int64_t i = 0;
    for (; i + N * L <= f.count; i += N * L) {
        vec<A> acc[N];
        sum<T, A, N>(f, src + i, acc);
        CONVX_UNROLL
        for (int v = 0; v < N; ++v) store<T, L>(dst + i + v * L, narrowed<T, A>(acc[v]));
    }
    for (; i < f.count; i += L) {
        vec<A> acc[1];
        sum<T, A, 1>(f, src + i, acc);
        const vec<T, L> last = narrowed<T, A>(acc[0]);
        if (i + L <= f.count) {
            store<T, L>(dst + i, last);
        } else {
            T edge[L];
            store<T, L>(edge, last);
            copy_few<T, L>(dst + i, edge, f.count - i);
        }
    }
}

template <class T, class A>
void all_rows(const FilterRows& f) {
    for (int64_t r = 0; r < f.rows; ++r)
        row<T, A>(f, static_cast<const A*>(f.sums) + r * f.sums_row, static_cast<T*>(f.dst) + r * f.dst_row);
}

}  // namespace

template <class T>
void Pixel<T>::filter_rows(const FilterRows& f) {
    if (f.wide)
        all_rows<T, double>(f);
    else if constexpr (sizeof(T) < sizeof(double))
        all_rows<T, float>(f);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
