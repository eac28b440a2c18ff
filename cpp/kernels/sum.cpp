// The sum of neighbouring elements, in double.
#include "contracts/sums.h"
#include "simd.h"

namespace convx::CONVX_ISA {

template <class T>
double Float<T>::sum(const Elements<T>& e) {
    constexpr int L = LANES<double>, CHAINS = 4;  // additions in flight
    typedef T part __attribute__((vector_size(sizeof(T) * L)));
    const T* const x = e.x;
    const int64_t count = e.count;
    vec<double> acc[CHAINS] = {};
    int64_t i = 0;
    for (; i + CHAINS * L <= count; i += CHAINS * L) {
        CONVX_UNROLL
        for (int j = 0; j < CHAINS; ++j) {
            part v;
            __builtin_memcpy(&v, x + i + j * L, sizeof v);
            acc[j] += __builtin_convertvector(v, vec<double>);
        }
    }
    double total = 0;
    for (; i < count; ++i) total += static_cast<double>(x[i]);
    const vec<double> whole = (acc[0] + acc[1]) + (acc[2] + acc[3]);
    CONVX_UNROLL
    for (int j = 0; j < L; ++j) total += whole[j];
    return total;
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
