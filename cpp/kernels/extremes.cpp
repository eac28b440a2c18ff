// The largest and the smallest of neighbouring elements.
#include "contracts/sums.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class T, bool LARGEST>
CONVX_INLINE vec<T> better(vec<T> a, vec<T> b) {
    return LARGEST ? max_nan<T>(a, b) : min_nan<T>(a, b);
}

template <class T, bool LARGEST>
double extreme(const Elements<T>& e) {
    constexpr int L = LANES<T>, CHAINS = 4;  // comparisons in flight
    const T* const x = e.x;
    vec<T> best[CHAINS];
    CONVX_UNROLL
    for (int j = 0; j < CHAINS; ++j) best[j] = splat(x[0]);
    int64_t i = 0;
    for (; i + CHAINS * L <= e.count; i += CHAINS * L) {
        CONVX_UNROLL
        for (int j = 0; j < CHAINS; ++j) best[j] = better<T, LARGEST>(best[j], load(x + i + j * L));
    }
    for (; i + L <= e.count; i += L) best[0] = better<T, LARGEST>(best[0], load(x + i));
    alignas(64) T few[L];
    store(few, best[0]);
    if (i < e.count) copy_few(few, x + i, e.count - i);  // best[0] stays in the other lanes
    const vec<T> last = better<T, LARGEST>(best[0], load(few));
    store(few, better<T, LARGEST>(better<T, LARGEST>(best[1], best[2]), better<T, LARGEST>(best[3], last)));
    T found = few[0];
    for (int j = 1; j < L && found == found; ++j)
        if (few[j] != few[j] || (LARGEST ? few[j] > found : few[j] < found)) found = few[j];
    return static_cast<double>(found);
}

}  // namespace

template <class T>
double Float<T>::largest(const Elements<T>& e) {
    return extreme<T, true>(e);
}

template <class T>
double Float<T>::smallest(const Elements<T>& e) {
    return extreme<T, false>(e);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
