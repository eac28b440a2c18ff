// Vectors of pixels to vectors of sums, and back.
#pragma once
#include "simd.h"

namespace convx::CONVX_ISA {

template <class A, class B>
constexpr bool SAME = false;
template <class A>
constexpr bool SAME<A, A> = true;

template <class T>
constexpr bool IS_FLOAT = SAME<T, float> || SAME<T, double>;

// Between bytes and floats by way of integers of 16 and of 32 bits: GCC takes longer steps element by element.
template <class T, class A>
CONVX_INLINE vec<A> widened(const T* p) {
    constexpr int L = LANES<A>;
    if constexpr (SAME<T, A>) {
        return load(p);
    } else if constexpr (IS_FLOAT<T>) {
        return __builtin_convertvector((load<T, L>(p)), vec<A>);
    } else {
        using Shorts = vec<int16_t, L>;
        using Words = vec<int32_t, L>;
        if constexpr (sizeof(T) == 1) {
            const Shorts shorts = __builtin_convertvector((load<T, L>(p)), Shorts);
            return __builtin_convertvector(__builtin_convertvector(shorts, Words), vec<A>);
        } else {
            return __builtin_convertvector(__builtin_convertvector((load<T, L>(p)), Words), vec<A>);
        }
    }
}

template <class T, class A>
CONVX_INLINE vec<T, LANES<A>> narrowed(vec<A> v) {
    constexpr int L = LANES<A>;
    if constexpr (SAME<T, A>) {
        return v;
    } else if constexpr (IS_FLOAT<T>) {
        return __builtin_convertvector(v, vec<T, L>);
    } else {
        using Shorts = vec<uint16_t, L>;
        using Words = vec<int32_t, L>;
        const Shorts shorts = __builtin_convertvector(__builtin_convertvector(v, Words), Shorts);
        return __builtin_convertvector(shorts, vec<T, L>);
    }
}

}  // namespace convx::CONVX_ISA
