// Nothing but independent multiply-adds on a full set of accumulators: the rate that every other kernel is held
// against.
#include "simd.h"

#if defined(__x86_64__)
#define CONVX_REGISTER "+v"  // any vector register, those of AVX-512 included
#elif defined(__aarch64__)
#define CONVX_REGISTER "+w"
#else
#define CONVX_REGISTER "+m"
#endif

namespace convx::CONVX_ISA {

// Returns the number of floating-point operations done.
template <class T>
double fma_burst(int64_t rounds, T* sink) {
    constexpr int COUNT = MR * NV;
    vec<T> acc[COUNT];
    CONVX_UNROLL
    for (int i = 0; i < COUNT; ++i) acc[i] = splat(T(i));
    vec<T> a = splat(*sink), b = splat(T(1) - *sink);
    for (int64_t r = 0; r < rounds; ++r) {
        __asm__ volatile("" : CONVX_REGISTER(a), CONVX_REGISTER(b));  // keeps the loop from being folded
        CONVX_UNROLL
        for (int i = 0; i < COUNT; ++i) acc[i] += a * b;
    }
    CONVX_UNROLL
    for (int i = 1; i < COUNT; ++i) acc[0] += acc[i];
    *sink = acc[0][0];
    return 2.0 * COUNT * LANES<T> * static_cast<double>(rounds);
}

template double fma_burst(int64_t, float*);
template double fma_burst(int64_t, double*);

}  // namespace convx::CONVX_ISA
