// Reductions of pooling windows, and how one notices what it is not exact for.
#pragma once
#include "contracts/pool.h"
#include "simd.h"

namespace convx::CONVX_ISA {

// What every other number passes under a maximum, and its counterpart under a minimum.
template <class T>
constexpr T lowest() {
    if constexpr (T(0.5) != T(0))
        return -static_cast<T>(__builtin_inff());
    else
        return T(-1) > T(0) ? T(0) : static_cast<T>(uint64_t{1} << (8 * sizeof(T) - 1));
}
template <class T>
constexpr T highest() {
    if constexpr (T(0.5) != T(0))
        return static_cast<T>(__builtin_inff());
    else
        return static_cast<T>(~lowest<T>());
}

// A CHECKED one is exact for finite elements only, which its user has to verify: it takes one instruction where the
// one that lets NaN through takes three. A SECOND one runs where another has given up.
template <class T>
struct FiniteMax {
    static constexpr bool CHECKED = true, SECOND = false, IDEMPOTENT = true;
    static constexpr T NEUTRAL = lowest<T>();
    CONVX_INLINE vec<T> of(vec<T> a, vec<T> b) { return a > b ? a : b; }
    CONVX_INLINE vec<T> finish(vec<T> v, const PoolDivisor<T>&, int64_t, int64_t) { return v; }
};

template <class T>
struct FiniteMin : FiniteMax<T> {
    static constexpr T NEUTRAL = highest<T>();
    CONVX_INLINE vec<T> of(vec<T> a, vec<T> b) { return a < b ? a : b; }
};

template <class T>
struct Max : FiniteMax<T> {
    static constexpr bool CHECKED = false, SECOND = true;
    CONVX_INLINE vec<T> of(vec<T> a, vec<T> b) { return max_nan<T>(a, b); }
};

template <class T>
struct Min : FiniteMin<T> {
    static constexpr bool CHECKED = false, SECOND = true;
    CONVX_INLINE vec<T> of(vec<T> a, vec<T> b) { return min_nan<T>(a, b); }
};

template <class T>
struct Sum {
    static constexpr bool CHECKED = false, SECOND = false, IDEMPOTENT = false;
    static constexpr T NEUTRAL = 0;
    CONVX_INLINE vec<T> of(vec<T> a, vec<T> b) { return a + b; }
    CONVX_INLINE vec<T> finish(vec<T> v, const PoolDivisor<T>& d, int64_t q, int64_t r) {
        return d.scale != 0 ? v * d.scale : v / (load(d.width + q) * d.height[r]);
    }
};

// Finite until the first NaN or infinity comes, and never again: one addition a vector. A sum of finite elements that
// overflows is taken for one of these, which costs time alone. No product: some CPUs are slow at one of subnormals.
template <class T>
CONVX_INLINE void taint(vec<T>& sum, vec<T> v) {
    sum += v;
}

template <class T>
CONVX_INLINE bool is_tainted(vec<T> sum) {
    const vec<T> zero = sum - sum;  // or NaN
    const auto bad = zero != zero;
    int64_t words[VECTOR_BYTES / 8], any = 0;
    __builtin_memcpy(words, &bad, sizeof words);
    CONVX_UNROLL
    for (int i = 0; i < VECTOR_BYTES / 8; ++i) any |= words[i];
    return any != 0;
}

}  // namespace convx::CONVX_ISA
