#include "pool_lp.h"

#include <cmath>

namespace convx::pool::lp {

template <class T>
Halves<T> halves(const PoolCall<T>& call) {
    const Kernels<T>& k = call.kernels;
    if (std::isinf(call.norm)) return {k.reduce_abs_max, k.reduce_max, false};
    if (call.norm == 1) return {k.reduce_abs, k.reduce_sum, false};
    if (call.norm == 2) return {k.reduce_squares, k.reduce_sum, false};
    return {k.reduce_sum, k.reduce_sum, true};
}

template <class T>
void power(T* x, double p, int64_t count) {
    if (p == 3 || p == 4) {  // without a logarithm for each element
        for (int64_t i = 0; i < count; ++i) x[i] = p == 3 ? std::abs(x[i] * x[i] * x[i]) : x[i] * x[i] * (x[i] * x[i]);
        return;
    }
    for (int64_t i = 0; i < count; ++i) x[i] = static_cast<T>(std::pow(std::abs(static_cast<double>(x[i])), p));
}

template <class T>
void root(T* x, double p, int64_t count) {
    if (p == 1 || std::isinf(p)) return;
    if (p == 2)
        for (int64_t i = 0; i < count; ++i) x[i] = std::sqrt(x[i]);
    else
        for (int64_t i = 0; i < count; ++i) x[i] = static_cast<T>(std::pow(static_cast<double>(x[i]), 1 / p));
}

#define CONVX_INSTANTIATE(T)                       \
    template Halves<T> halves(const PoolCall<T>&); \
    template void power(T*, double, int64_t);      \
    template void root(T*, double, int64_t);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::pool::lp
