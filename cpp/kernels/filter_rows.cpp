// Sums along rows of what the column pass left in cache.
#include "filter.h"

namespace convx::CONVX_ISA {
namespace {

constexpr int VECS = 8;

template <class A, int N>
CONVX_INLINE void sum(const FilterRows& f, const A* src, const A* addend, vec<A> (&acc)[N]) {
    constexpr int L = LANES<A>;
    const A* const w = static_cast<const A*>(f.w);
    CONVX_UNROLL
    for (int v = 0; v < N; ++v) acc[v] = addend ? load(addend + v * L) : vec<A>{};
    for (int64_t t = 0; t < f.taps; ++t, src += f.step) {
        const vec<A> weight = splat(w[t]);
        CONVX_UNROLL
        for (int v = 0; v < N; ++v) acc[v] += weight * load(src + v * L);
    }
}

template <int N>
CONVX_INLINE void mark(const CutOff::Unsettled& u, int64_t r, int64_t i, const vec<float> (&acc)[N]) {
    vec<float> nearest = distance(acc[0]);
    CONVX_UNROLL
    for (int v = 1; v < N; ++v) {
        const vec<float> d = distance(acc[v]);
        nearest = d < nearest ? d : nearest;
    }
    if (!any_below(nearest, u.within * u.within)) return;
    for (int64_t b = i / FILTER_BLOCK; b <= (i + N * LANES<float> - 1) / FILTER_BLOCK; ++b) u.set[r * u.row + b] = true;
}

template <class T, class A>
void all_rows(const FilterRows& f) {
    constexpr int L = LANES<A>;
    for (int64_t r = 0; r < f.rows; ++r) {
        const A* const src = static_cast<const A*>(f.sums) + r * f.sums_row;
        const A* const addend = f.addend ? static_cast<const A*>(f.addend) + r * f.addend_row : nullptr;
        T* const dst = static_cast<T*>(f.dst) + r * f.dst_row;
        vec<A> acc[VECS];
        for (int64_t i = 0; i < f.count; i += VECS * L) {
            sum(f, src + i, addend ? addend + i : addend, acc);
            if constexpr (!IS_FLOAT<T> && SAME<A, float>)
                if (f.cut.unsettled.set) mark(f.cut.unsettled, r, i, acc);
            if (i + VECS * L <= f.count) {
                CONVX_UNROLL
                for (int v = 0; v < VECS; ++v) store<T, L>(dst + i + v * L, narrowed<T, A>(acc[v]));
            } else {
                T edge[VECS * L];
                CONVX_UNROLL
                for (int v = 0; v < VECS; ++v) store<T, L>(edge + v * L, narrowed<T, A>(acc[v]));
                copy_few<T, VECS * L>(dst + i, edge, f.count - i);
            }
        }
    }
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
