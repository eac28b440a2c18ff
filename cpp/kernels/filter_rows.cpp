// Sums along rows of what the column pass left in cache.
#include "filter.h"

namespace convx::CONVX_ISA {
namespace {

constexpr int VECS = 8;

template <class A, int N>
CONVX_INLINE void sum(const FilterRows& f, const A* src, const A* addend, vec<A> (&acc)[N]) {
    constexpr int L = LANES<A>;
    const A* const w = static_cast<const A*>(f.w);
    const vec<A> first = splat(f.cut.fits ? A(f.cut.exactly.within) : A(0));
    CONVX_UNROLL
    for (int v = 0; v < N; ++v) acc[v] = addend ? load(addend + v * L) : first;
    for (int64_t t = 0; t < f.taps; ++t, src += f.step) {
        const vec<A> weight = splat(w[t]);
        CONVX_UNROLL
        for (int v = 0; v < N; ++v) acc[v] += weight * load(src + v * L);
    }
}

template <int N>
CONVX_INLINE bool is_open(const CutOff& cut, const vec<float>* sums) {
    return any_below(cut.fits ? least_gap<true, N>(sums) : least_gap<false, N>(sums), limit_of(cut));
}

// Those of VECS vectors of sums, at `offset`, that are open, by twos.
__attribute__((noinline)) void settle(const FilterRows& f, int64_t offset, vec<float>* sums) {
    constexpr int L = LANES<float>;
    for (int v = 0; v < VECS; v += 2)
        if (is_open<2>(f.cut, sums + v)) {
            float exact[2 * L];
            Pixel<float>::filter_exactly({f.cut.exactly.terms, f.cut.exactly.w, exact, 1, f.taps, 2 * L, 0, false,
                                          f.cut.exactly.order, f.cut, offset + v * L});
            sums[v] = load(exact);
            sums[v + 1] = load(exact + L);
        }
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
                if (f.cut.exactly.w && is_open<VECS>(f.cut, acc)) {
                    vec<float> sums[VECS];
                    __builtin_memcpy(sums, acc, sizeof sums);
                    settle(f, r * f.sums_row + i, sums);
                    __builtin_memcpy(acc, sums, sizeof sums);
                }
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
