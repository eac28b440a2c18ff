// Nothing but independent multiply-adds on a full set of accumulators: the rate that every other kernel is held
// against.
#include "contracts/sums.h"
#include "simd.h"

namespace convx::CONVX_ISA {

template <class T>
double Float<T>::fma_burst(const Burst<T>& burst) {
    constexpr int COUNT = MR * NV;
    vec<T> acc[COUNT];
    CONVX_UNROLL
    for (int i = 0; i < COUNT; ++i) acc[i] = splat(T(i));
    vec<T> a = splat(*burst.sink), b = splat(T(1) - *burst.sink);
    for (int64_t r = 0; r < burst.rounds; ++r) {
        __asm__ volatile("" : CONVX_REGISTER(a), CONVX_REGISTER(b));  // keeps the loop from being folded
        CONVX_UNROLL
        for (int i = 0; i < COUNT; ++i) acc[i] += a * b;
    }
    CONVX_UNROLL
    for (int i = 1; i < COUNT; ++i) acc[0] += acc[i];
    *burst.sink = acc[0][0];
    return 2.0 * COUNT * LANES<T> * static_cast<double>(burst.rounds);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
