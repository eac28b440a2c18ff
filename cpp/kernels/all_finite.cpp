// Whether an array holds neither NaN nor infinity.
#include "contracts/sums.h"
#include "simd.h"

namespace convx::CONVX_ISA {

// x - x is 0 for every finite x and NaN for the rest; sums of zeros stay 0.
template <class T>
bool Float<T>::all_finite(const Elements<T>& e) {
    constexpr int L = LANES<T>, UNROLL = 4;
    vec<T> sum[UNROLL] = {};
    const T* const x = e.x;
    const int64_t count = e.count;
    int64_t i = 0;
    for (; i + UNROLL * L <= count; i += UNROLL * L) {
        CONVX_UNROLL
        for (int j = 0; j < UNROLL; ++j) {
            const vec<T> v = load(x + i + j * L);
            sum[j] += v - v;
        }
    }
    T rest = 0;
    for (; i < count; ++i) rest += x[i] - x[i];
    const vec<T> all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    for (int j = 0; j < L; ++j) rest += all[j];
    return rest == 0;
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
