// Every second, third or fourth element, and every second pixel.
#pragma once
#include "simd.h"

namespace convx::CONVX_ISA {

// Every second element of a, then of b, from element FIRST (0 or 1) on, but that the quarters of the result lie in the
// order 0, 2, 1, 3: what a shuffle within halves gives. in_order() puts them in order.
template <int FIRST, class T, int... I>
CONVX_INLINE vec<T> second_by_halves(vec<T> a, vec<T> b, Lanes<I...>) {
    constexpr int L = LANES<T>, Q = L / 4;
#if defined(__clang__)
    return __builtin_shufflevector(a, b, (I / Q % 2 * L + I / (2 * Q) * 2 * Q + I % Q * 2 + FIRST)...);
#else
    return __builtin_shuffle(a, b, decltype(a < b){(I / Q % 2 * L + I / (2 * Q) * 2 * Q + I % Q * 2 + FIRST)...});
#endif
}
template <class T, int... I>
CONVX_INLINE vec<T> in_order(vec<T> v, Lanes<I...>) {
    constexpr int Q = LANES<T> / 4;
#if defined(__clang__)
    return __builtin_shufflevector(v, v, ((I / Q == 1 || I / Q == 2 ? 3 - I / Q : I / Q) * Q + I % Q)...);
#else
    return __builtin_shuffle(v, decltype(v < v){((I / Q == 1 || I / Q == 2 ? 3 - I / Q : I / Q) * Q + I % Q)...});
#endif
}

// Whether those two take less than a shuffle across halves of two vectors.
template <class T>
constexpr bool BY_HALVES = VECTOR_BYTES == 32 && sizeof(T) >= 4;

// Every second element of a, then of b, from element FIRST (0 or 1) on.
template <int FIRST, class T, int N, int... I>
CONVX_INLINE vec<T, N> every_second(vec<T, N> a, vec<T, N> b, Lanes<I...> lanes) {
    if constexpr (BY_HALVES<T> && N == LANES<T>)
        return in_order<T>(second_by_halves<FIRST, T>(a, b, lanes), lanes);
    else
#if defined(__clang__)
        return __builtin_shufflevector(a, b, (2 * I + FIRST)...);
#else
        return __builtin_shuffle(a, b, decltype(a < b){(2 * I + FIRST)...});
#endif
}

// Whichever of both takes least; in_order() is for the first alone.
template <int FIRST, class T, int... I>
CONVX_INLINE vec<T> by_halves(vec<T> a, vec<T> b, Lanes<I...> lanes) {
    if constexpr (BY_HALVES<T>)
        return second_by_halves<FIRST, T>(a, b, lanes);
    else
        return every_second<FIRST, T, LANES<T>>(a, b, lanes);
}

// Every second pixel of P elements, as many whole ones as fit, of a followed by b.
template <int P, class T, int... I>
CONVX_INLINE vec<T> second_pixels(vec<T> a, vec<T> b, Lanes<I...>) {
    constexpr int WHOLE = LANES<T> / P * P;
#if defined(__clang__)
    return __builtin_shufflevector(a, b, (I < WHOLE ? I / P * 2 * P + I % P : 0)...);
#else
    return __builtin_shuffle(a, b, decltype(a < b){(I < WHOLE ? I / P * 2 * P + I % P : 0)...});
#endif
}

// Which of three vectors side by side has an element with this remainder by three in a lane: one of them does.
template <int L>
constexpr int third_of(int lane, int remainder) {
    return lane % 3 == remainder ? 0 : (lane + L) % 3 == remainder ? 1 : 2;
}

// Every third element of a, b and c, from element FIRST (0, 1 or 2) on.
template <int FIRST, class T, int... I>
CONVX_INLINE vec<T> every_third(vec<T> a, vec<T> b, vec<T> c, Lanes<I...>) {
    constexpr int L = LANES<T>, F = FIRST;
    if constexpr (VECTOR_BYTES == 32 && sizeof(T) >= 4) {  // blends are cheaper than shuffles of two vectors
#if defined(__clang__)
        const vec<T> ab = __builtin_shufflevector(a, b, (third_of<L>(I, F) == 1 ? L + I : I)...);
        const vec<T> abc = __builtin_shufflevector(ab, c, (third_of<L>(I, F) == 2 ? L + I : I)...);
        return __builtin_shufflevector(abc, abc, ((3 * I + F) % L)...);
#else
        using Index = decltype(a < b);
        const vec<T> ab = __builtin_shuffle(a, b, Index{(third_of<L>(I, F) == 1 ? L + I : I)...});
        const vec<T> abc = __builtin_shuffle(ab, c, Index{(third_of<L>(I, F) == 2 ? L + I : I)...});
        return __builtin_shuffle(abc, Index{(3 * I + F) % L...});
#endif
    }
#if defined(__clang__)
    const vec<T> low = __builtin_shufflevector(a, b, (3 * I + F < 2 * L ? 3 * I + F : 0)...);
    return __builtin_shufflevector(low, c, (3 * I + F < 2 * L ? I : 3 * I + F - L)...);
#else
    using Index = decltype(a < b);
    const vec<T> low = __builtin_shuffle(a, b, Index{(3 * I + F < 2 * L ? 3 * I + F : 0)...});
    return __builtin_shuffle(low, c, Index{(3 * I + F < 2 * L ? I : 3 * I + F - L)...});
#endif
}

// A vector of every STEP-th element from src on; whole vectors are read, up to src[STEP*lanes - 1].
template <class T, int STEP>
CONVX_INLINE vec<T> load_every(const T* src) {
    constexpr int L = LANES<T>;
    if constexpr (STEP == 3) {
        return every_third<0, T>(load(src), load(src + L), load(src + 2 * L), AllLanes<T>{});
    } else {
        const vec<T> low = every_second<0, T, L>(load(src), load(src + L), AllLanes<T>{});
        if constexpr (STEP == 2) return low;
        const vec<T> high = every_second<0, T, L>(load(src + 2 * L), load(src + 3 * L), AllLanes<T>{});
        return every_second<0, T, L>(low, high, AllLanes<T>{});
    }
}

// dst[i] = src[2*i], i < n: the last vector overlaps the one before, and shorter rows take shorter vectors, as those of
// small maps are.
template <class T, int N = LANES<T>>
CONVX_INLINE void copy_second(T* dst, const T* src, int64_t n) {
    if constexpr (N < 4) {
        for (int64_t i = 0; i < n; ++i) dst[i] = src[2 * i];
    } else {
        if (n <= N) return copy_second<T, N / 2>(dst, src, n);
        const AllLanes<T, N> lanes;
        const T* const last = src + 2 * (n - N) - 1;
        for (int64_t i = 0; i + N < n; i += N, src += 2 * N)
            store<T, N>(dst + i, every_second<0, T, N>(load<T, N>(src), load<T, N>(src + N), lanes));
        store<T, N>(dst + n - N, every_second<1, T, N>(load<T, N>(last), load<T, N>(last + N), lanes));
    }
}

// dst[i] = src[STEP*i], i < n
template <class T, int STEP>
CONVX_INLINE void copy_every(T* dst, const T* src, int64_t n) {
    constexpr int L = LANES<T>;
    int64_t i = 0;
    for (; i + L < n; i += L) store(dst + i, load_every<T, STEP>(src + STEP * i));  // < n: what is read is there
    for (; i < n; ++i) dst[i] = src[STEP * i];
}

}  // namespace convx::CONVX_ISA
