// Where the largest elements lie, or the smallest: of columns, each a lane, or of one row, whose elements are the
// lanes.
#include "contracts/argmax.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class T>
using code_t = typename PoolCode<T>::type;

template <class T>
struct Best {
    vec<T> value;
    vec<code_t<T>> where;
};

// The first of equals stays, or the last one is kept. A NaN is larger than any number, and equal to a NaN.
template <class T, bool LAST>
CONVX_INLINE void take(Best<T>& best, vec<T> v, vec<code_t<T>> where, mask<T> live) {
    const mask<T> nan = v != v;
    const mask<T> better = LAST ? ((v >= best.value) | nan) : ((v > best.value) | (nan & (best.value == best.value)));
    best.value = (better & live) ? v : best.value;
    best.where = (better & live) ? where : best.where;
}

template <class T, bool LEAST>
CONVX_INLINE vec<T> load_up(const T* x) {
    const vec<T> v = load(x);
    return LEAST ? -v : v;
}

template <class T, int... I>
CONVX_INLINE vec<code_t<T>> count_up(Lanes<I...>) {
    return vec<code_t<T>>{code_t<T>(I)...};
}

template <class T, bool LEAST, bool LAST, int V>
CONVX_INLINE void columns(const ArgColumns<T>& a, int64_t j) {
    constexpr int L = LANES<T>;
    const mask<T> all = ~mask<T>{};
    const T* x = a.x + j;
    Best<T> best[V];
    CONVX_UNROLL
    for (int v = 0; v < V; ++v) best[v] = Best<T>{load_up<T, LEAST>(x + v * L), vec<code_t<T>>{}};
    for (int64_t i = 1; i < a.length; ++i) {
        x += a.step;
        const vec<code_t<T>> where = splat<code_t<T>>(static_cast<code_t<T>>(i));
        CONVX_UNROLL
        for (int v = 0; v < V; ++v) take<T, LAST>(best[v], load_up<T, LEAST>(x + v * L), where, all);
    }
    alignas(64) code_t<T> where[V * L];
    CONVX_UNROLL
    for (int v = 0; v < V; ++v) store(where + v * L, best[v].where);
    for (int l = 0; l < V * L; ++l) a.index[j + l] = where[l];
}

// One of two candidates: value and place.
template <class T, bool LEAST, bool LAST>
CONVX_INLINE bool is_better(T v, int64_t at, T best, int64_t best_at) {
    const bool nan = v != v, best_nan = best != best;
    if (nan != best_nan) return nan;
    if (!nan && v != best) return LEAST ? v < best : v > best;
    return LAST ? at > best_at : at < best_at;
}

// Of `count` elements `step` apart, one after the other.
template <class T, bool LEAST, bool LAST>
CONVX_INLINE int64_t one_by_one(const T* x, int64_t count, int64_t step) {
    int64_t best = 0;
    for (int64_t i = 1; i < count; ++i)
        if (is_better<T, LEAST, LAST>(x[i * step], i, x[best * step], best)) best = i;
    return best;
}

template <class T, bool LEAST, bool LAST>
CONVX_INLINE int64_t along_row(const T* x, int64_t count) {
    constexpr int L = LANES<T>, CHAINS = 2;
    if (count < CHAINS * L) return one_by_one<T, LEAST, LAST>(x, count, 1);
    const vec<code_t<T>> lane = count_up<T>(AllLanes<T>{});
    const mask<T> all = ~mask<T>{};
    Best<T> best[CHAINS];
    CONVX_UNROLL
    for (int c = 0; c < CHAINS; ++c) best[c] = Best<T>{load_up<T, LEAST>(x + c * L), lane + code_t<T>(c * L)};
    int64_t i = CHAINS * L;
    for (; i + CHAINS * L <= count; i += CHAINS * L) {
        CONVX_UNROLL
        for (int c = 0; c < CHAINS; ++c)
            take<T, LAST>(best[c], load_up<T, LEAST>(x + i + c * L), lane + static_cast<code_t<T>>(i + c * L), all);
    }
    for (; i < count; i += L) {  // the last vector repeats elements, which are not looked at twice
        const int64_t from = i + L <= count ? i : count - L;
        const vec<code_t<T>> where = lane + static_cast<code_t<T>>(from);
        take<T, LAST>(best[0], load_up<T, LEAST>(x + from), where, where >= static_cast<code_t<T>>(i));
    }
    alignas(64) code_t<T> where[CHAINS * L];
    CONVX_UNROLL
    for (int c = 0; c < CHAINS; ++c) store(where + c * L, best[c].where);
    int64_t found = where[0];
    for (int l = 1; l < CHAINS * L; ++l)
        if (is_better<T, LEAST, LAST>(x[where[l]], where[l], x[found], found)) found = where[l];
    return found;
}

template <class T, bool LEAST, bool LAST>
__attribute__((noinline)) void places(const ArgColumns<T>& a) {
    constexpr int L = LANES<T>, V = 4;  // whole lines of memory
    if (a.count == 1 && a.step == 1) {
        *a.index = along_row<T, LEAST, LAST>(a.x, a.length);
        return;
    }
    int64_t j = 0;
    for (; j + V * L <= a.count; j += V * L) columns<T, LEAST, LAST, V>(a, j);
    for (; j + L <= a.count; j += L) columns<T, LEAST, LAST, 1>(a, j);
    if (j < a.count && a.count >= L) {
        columns<T, LEAST, LAST, 1>(a, a.count - L);
    } else {
        for (; j < a.count; ++j) a.index[j] = one_by_one<T, LEAST, LAST>(a.x + j, a.length, a.step);
    }
}

}  // namespace

template <class T>
void Float<T>::argmax(const ArgColumns<T>& a) {
    if (a.least) return a.last ? places<T, true, true>(a) : places<T, true, false>(a);
    return a.last ? places<T, false, true>(a) : places<T, false, false>(a);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
