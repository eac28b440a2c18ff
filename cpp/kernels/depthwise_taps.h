// What neighbouring outputs of a depthwise convolution need of a row of input: a vector for each tap.
#pragma once
#include "every.h"

namespace convx::CONVX_ISA {

// a without its first lane, then x.
template <class T, int N, int... I>
CONVX_INLINE vec<T, N> shift_in(vec<T, N> a, T x, Lanes<I...>) {
    const vec<T, N> b = splat<T, N>(x);
#if defined(__clang__)
    return __builtin_shufflevector(a, b, (I + 1)...);
#else
    return __builtin_shuffle(a, b, decltype(a < b){(I + 1)...});
#endif
}

// Where shuffles stay within 16 bytes, or cost twice as much, each half of a vector takes every second element of its
// halves of a and b, and sums are put in order once, at the end.
template <class T, int N>
constexpr bool IN_HALVES = N * sizeof(T) == 32 && HALF_BYTES == 0;

template <int FIRST, class T, int N, int... I>
CONVX_INLINE vec<T, N> every_second_of_halves(vec<T, N> a, vec<T, N> b, Lanes<I...>) {
    constexpr int W = N / 2, H = W / 2;
#if defined(__clang__)
    return __builtin_shufflevector(a, b, (I % W / H * N + I / W * W + I % H * 2 + FIRST)...);
#else
    return __builtin_shuffle(a, b, decltype(a < b){(I % W / H * N + I / W * W + I % H * 2 + FIRST)...});
#endif
}

template <class T, int N, int... I>
CONVX_INLINE vec<T, N> in_order(vec<T, N> a, Lanes<I...>) {
    constexpr int W = N / 2, H = W / 2;
#if defined(__clang__)
    return __builtin_shufflevector(a, a, (I % W / H * W + I / W * H + I % H)...);
#else
    return __builtin_shuffle(a, decltype(a < a){(I % W / H * W + I / W * H + I % H)...});
#endif
}

// The K vectors of a row that N neighbouring outputs need. At stride 2 the first two come from splitting a pair of
// vectors, the others are those moved on by a lane: unaligned loads cost twice as much as shuffles, but for those that
// split within halves.
template <class T, int N, int K, int S>
CONVX_INLINE void load_taps(vec<T, N> (&x)[K], const T* row) {
    if constexpr (S == 1) {
        CONVX_UNROLL
        for (int s = 0; s < K; ++s) x[s] = load<T, N>(row + s);
    } else if constexpr (IN_HALVES<T, N>) {
        CONVX_UNROLL
        for (int s = 0; s < K; s += 2) {
            vec<T, N> a = load<T, N>(row + s), b = load<T, N>(row + s + N);
            CONVX_HOLD(a);
            CONVX_HOLD(b);
            x[s] = every_second_of_halves<0, T, N>(a, b, AllLanes<T, N>{});
            if (s + 1 < K) x[s + 1] = every_second_of_halves<1, T, N>(a, b, AllLanes<T, N>{});
        }
    } else {
        vec<T, N> a = load<T, N>(row), b = load<T, N>(row + N);
        CONVX_HOLD(a);
        CONVX_HOLD(b);
        x[0] = every_second<0, T, N>(a, b, AllLanes<T, N>{});
        x[1] = every_second<1, T, N>(a, b, AllLanes<T, N>{});
        CONVX_UNROLL
        for (int s = 2; s < K; ++s) x[s] = shift_in<T, N>(x[s - 2], row[2 * N + s - 2], AllLanes<T, N>{});
    }
}

// Sums of products of these, as they are stored.
template <class T, int N, int S, int R>
CONVX_INLINE void put_in_order(vec<T, N> (&acc)[R]) {
    if constexpr (S == 2 && IN_HALVES<T, N>) {
        CONVX_UNROLL
        for (int i = 0; i < R; ++i) acc[i] = in_order<T, N>(acc[i], AllLanes<T, N>{});
    }
}

}  // namespace convx::CONVX_ISA
