// Residual and activation of a strip of rows of depthwise convolution, a vector of each.
#pragma once
#include "simd.h"

namespace convx::CONVX_ISA {

template <class T, int N, int R>
CONVX_INLINE void finish(vec<T, N> (&acc)[R], const Epilogue<T>& e, const T* out, int64_t width) {
    if (e.has_residual) {
        const T* from = e.residual_of(out);
        CONVX_UNROLL
        for (int i = 0; i < R; ++i, from += width) acc[i] += load<T, N>(from);
    }
    activate_all<T, N, R>(acc, e);
}

// Rows shorter than a vector at the end of the output.
template <class T, int N, int R>
static __attribute__((noinline)) void finish_short(T* out, int64_t width, int64_t room, const vec<T, N>* acc,
                                                   const Epilogue<T>& e) {
    for (int i = 0; i < R; ++i, out += width, room -= width) {
        vec<T, N> sum[1] = {acc[i]};
        alignas(64) T some[N] = {};
        if (e.has_residual) copy_few<T, N>(some, e.residual_of(out), width);
        if (e.has_residual) sum[0] += load<T, N>(some);
        activate_all<T, N, 1>(sum, e);
        store<T, N>(some, sum[0]);
        N <= room ? store<T, N>(out, sum[0]) : copy_few<T, N>(out, some, width);
    }
}

}  // namespace convx::CONVX_ISA
