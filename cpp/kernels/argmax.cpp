// Where the largest elements lie, or the smallest: of columns, each a lane, or of one row, whose elements are the
// lanes.
#include "contracts/argmax.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class T>
struct Best {
    vec<T> value;
    vec<code_t<T>> where;
};

// The first of equals stays, or the last one is kept. A NaN is larger than any number, and equal to a NaN.
template <class T, bool LAST>
CONVX_INLINE void take(Best<T>& best, vec<T> v, vec<code_t<T>> where) {
    const mask<T> nan = v != v;
    const mask<T> better = LAST ? ((v >= best.value) | nan) : ((v > best.value) | (nan & (best.value == best.value)));
    best.value = better ? v : best.value;
    best.where = better ? where : best.where;
}

template <class T, bool LEAST>
CONVX_INLINE vec<T> load_up(const T* x) {
    const vec<T> v = load(x);
    return LEAST ? -v : v;
}

template <class T, bool LEAST, bool LAST, int V>
CONVX_INLINE void columns(const ArgColumns<T>& a, int64_t j) {
    constexpr int L = LANES<T>;
    const T* x = a.x + j;
    Best<T> best[V];
    CONVX_UNROLL
    for (int v = 0; v < V; ++v) best[v] = Best<T>{load_up<T, LEAST>(x + v * L), vec<code_t<T>>{}};
    for (int64_t i = 1; i < a.length; ++i) {
        x += a.step;
        const vec<code_t<T>> where = splat<code_t<T>>(static_cast<code_t<T>>(i));
        CONVX_UNROLL
        for (int v = 0; v < V; ++v) take<T, LAST>(best[v], load_up<T, LEAST>(x + v * L), where);
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

// Of lanes, of which NaN is the largest.
template <class T>
CONVX_INLINE T largest_lane(vec<T> v) {
    alignas(64) T lane[LANES<T>];
    store(lane, v);
    T most = lane[0];
    bool nan = most != most;
    for (int l = 1; l < LANES<T>; ++l) {
        most = lane[l] > most ? lane[l] : most;
        nan |= lane[l] != lane[l];
    }
    return nan ? static_cast<T>(__builtin_nanf("")) : most;
}

template <class T>
CONVX_INLINE bool any_lane(mask<T> m) {
    uint64_t word[VECTOR_BYTES / 8], any = 0;
    __builtin_memcpy(word, &m, sizeof m);
    for (const uint64_t w : word) any |= w;
    return any != 0;
}

// First what is largest, then where it is: most often that is found before the end.
template <class T, bool LEAST, bool LAST>
CONVX_INLINE int64_t along_row(const T* x, int64_t count) {
    constexpr int L = LANES<T>, CHAINS = 4;
    if (count < L) return one_by_one<T, LEAST, LAST>(x, count, 1);
    vec<T> most[CHAINS];
    CONVX_UNROLL
    for (int c = 0; c < CHAINS; ++c) most[c] = load_up<T, LEAST>(x + count - L);
    int64_t i = 0;
    for (; i + CHAINS * L <= count; i += CHAINS * L) {
        CONVX_UNROLL
        for (int c = 0; c < CHAINS; ++c) most[c] = max_nan<T>(most[c], load_up<T, LEAST>(x + i + c * L));
    }
    for (; i + L <= count; i += L) most[0] = max_nan<T>(most[0], load_up<T, LEAST>(x + i));
    const T found = largest_lane<T>(max_nan<T>(max_nan<T>(most[0], most[1]), max_nan<T>(most[2], most[3])));
    const T wanted = LEAST ? -found : found;
    const auto is_wanted = [&](T v)
                               __attribute__((always_inline)) { return v == wanted || (v != v && wanted != wanted); };
    const auto any_of = [&](const T* at) __attribute__((always_inline)) {
        const vec<T> v = load(at), w = splat(wanted);
        return any_lane<T>((v == w) | ((v != v) & (w != w)));
    };
    if (LAST) {
        int64_t end = count;
        while (end >= L && !any_of(x + end - L)) end -= L;
        while (!is_wanted(x[--end])) {
        }
        return end;
    }
    int64_t begin = 0;
    while (begin + L <= count && !any_of(x + begin)) begin += L;
    while (!is_wanted(x[begin])) ++begin;
    return begin;
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
