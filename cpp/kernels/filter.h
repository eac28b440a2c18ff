// Vectors of pixels to vectors of sums, and back.
#pragma once
#include "contracts/filter.h"
#include "simd.h"

namespace convx::CONVX_ISA {

template <class A, class B>
constexpr bool SAME = false;
template <class A>
constexpr bool SAME<A, A> = true;

// Between bytes and floats by way of integers of 16 and of 32 bits: GCC takes longer steps element by element.
template <class A, class T, int N>
CONVX_INLINE void read_pixels(const T* p, vec<A> (&x)[N]) {
    constexpr int L = LANES<A>;
    if constexpr (SAME<T, A>) {
        CONVX_UNROLL
        for (int v = 0; v < N; ++v) x[v] = load(p + v * L);
    } else if constexpr (sizeof(T) > sizeof(A)) {
        CONVX_UNROLL
        for (int v = 0; v < N; ++v) {
            vec<A, L / 2> halves[2];
            CONVX_UNROLL
            for (int h = 0; h < 2; ++h)
                halves[h] = __builtin_convertvector(load(p + v * L + h * (L / 2)), vec<A, L / 2>);
            __builtin_memcpy(&x[v], halves, sizeof halves);
        }
    } else if constexpr (IS_FLOAT<T>) {
        CONVX_UNROLL
        for (int v = 0; v < N; ++v) x[v] = __builtin_convertvector((load<T, L>(p + v * L)), vec<A>);
    } else {
        using Shorts = vec<int16_t, L>;
        using Words = vec<int32_t, L>;
        if constexpr (sizeof(T) == 2) {
            CONVX_UNROLL
            for (int v = 0; v < N; ++v)
                x[v] = __builtin_convertvector(__builtin_convertvector((load<T, L>(p + v * L)), Words), vec<A>);
        } else {
            Shorts shorts[N];
            if constexpr (N == 2) {
                const vec<int16_t, 2 * L> both = __builtin_convertvector((load<T, 2 * L>(p)), vec<int16_t, 2 * L>);
                __builtin_memcpy(shorts, &both, sizeof both);
            } else {
                CONVX_UNROLL
                for (int v = 0; v < N; ++v) shorts[v] = __builtin_convertvector((load<T, L>(p + v * L)), Shorts);
            }
            CONVX_UNROLL
            for (int v = 0; v < N; ++v)
                x[v] = __builtin_convertvector(__builtin_convertvector(shorts[v], Words), vec<A>);
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
        const vec<int32_t, L> words = __builtin_convertvector(v, vec<int32_t, L>);
        if constexpr (HALF_BYTES > 0) {  // instructions for it
            return __builtin_convertvector(words, vec<T, L>);
        } else {
            return __builtin_convertvector(__builtin_convertvector(words, vec<uint16_t, L>), vec<T, L>);
        }
    }
}

// Integers modulo 2^bits.
template <int N>
CONVX_INLINE auto wrapped(vec<int32_t, N> whole, const CutOff& cut) {
    const int32_t all = cut.bits < 32 ? (int32_t{1} << cut.bits) - 1 : -1,
                  sign = cut.is_signed ? int32_t{1} << (cut.bits - 1) : 0;
    return ((whole & all) ^ sign) - sign;
}

template <class A>
CONVX_INLINE vec<A> cut_off(vec<A> sum, const CutOff& cut) {
    const auto whole = __builtin_convertvector(sum, vec<int32_t, LANES<A>>);
    return __builtin_convertvector(wrapped<LANES<A>>(whole, cut), vec<A>);
}

// Of a sum below 2^22, which is open where this is not above limit_of(cut): the square of its distance from the next
// whole number. A sum that is not negative is made too large by as much as rounding may take away: how far it lies
// above the whole number that it is cut off to.
template <bool FITS>
CONVX_INLINE vec<float> gap(vec<float> sum) {
    if constexpr (FITS) {
        return sum - __builtin_convertvector(__builtin_convertvector(sum, vec<int32_t>), vec<float>);
    } else {
        const vec<float> shift = splat(12582912.f), d = sum - ((sum + shift) - shift);
        return d * d;
    }
}

CONVX_INLINE float limit_of(const CutOff& cut) {
    return cut.fits ? 2 * cut.exactly.within : cut.exactly.within * cut.exactly.within;
}

// The least gap of N vectors.
template <bool FITS, int N>
CONVX_INLINE vec<float> least_gap(const vec<float>* sums) {
    vec<float> least = gap<FITS>(sums[0]);
    CONVX_UNROLL
    for (int v = 1; v < N; ++v) {
        const vec<float> g = gap<FITS>(sums[v]);
        least = g < least ? g : least;
    }
    return least;
}

// Whether a bit is set, by halves.
template <int N>
CONVX_INLINE bool any(vec<int64_t, N> bits) {
    if constexpr (N == 1) {
        return bits[0];
    } else {
        vec<int64_t, N / 2> halves[2];
        __builtin_memcpy(halves, &bits, sizeof bits);
        return any<N / 2>(halves[0] | halves[1]);
    }
}

CONVX_INLINE bool any_below(vec<float> x, float limit) {
    return any<LANES<int64_t>>(reinterpret_cast<vec<int64_t>>(x <= splat(limit)));
}

}  // namespace convx::CONVX_ISA
