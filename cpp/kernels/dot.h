// Multiply-adds of words, for the tiles. The only kernel file that names instructions: vector extensions have no word
// for "multiply, add neighbours, accumulate", and compilers do not find it in shifts and products.
#pragma once
#include "simd.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace convx::CONVX_ISA {

template <int N>
using Words = vec<int32_t, N>;

// Four parts of 8 bits: x unsigned, w signed. For instruction sets that have one instruction for it.
struct Bytes {
#if defined(CONVX_DOT_BYTES)
    template <int N>
    CONVX_INLINE Words<N> add(Words<N> sum, Words<N> x, Words<N> w) {
        return (Words<N>)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)x, (__m512i)w);
    }
#endif
};

// Two signed parts of 16 bits.
struct Pairs {
    template <int N>
    CONVX_INLINE Words<N> add(Words<N> sum, Words<N> x, Words<N> w) {
#if defined(__x86_64__) && !defined(CONVX_EMULATE_AVX512)
        if constexpr (VNNI)
            return (Words<N>)_mm512_dpwssd_epi32((__m512i)sum, (__m512i)x, (__m512i)w);
        else if constexpr (N == 16)
            return sum + (Words<N>)_mm512_madd_epi16((__m512i)x, (__m512i)w);
        else if constexpr (N == 8)
            return sum + (Words<N>)_mm256_madd_epi16((__m256i)x, (__m256i)w);
        else
            return sum + (Words<N>)_mm_madd_epi16((__m128i)x, (__m128i)w);
#else
        return sum + (x >> 16) * (w >> 16) + ((x << 16) >> 16) * ((w << 16) >> 16);
#endif
    }
};

}  // namespace convx::CONVX_ISA
