// Depthwise tiles of two vectors side by side, for taps that do not fit into registers: a weight that is read serves
// both, so there are fewer loads than multiply-adds.
#pragma once
#include "simd.h"

namespace convx::CONVX_ISA {

// Where 16 registers hold the sums of PAIR_ROWS x 2 vectors, two of input and a weight.
template <class T, int K, int S>
constexpr bool IN_PAIRS = HAS_FMA && REGISTERS == 16 && !FEW_TILES<T> && K > 3 && S == 1;
constexpr int PAIR_ROWS = 6;
constexpr int64_t LEAST_IN_PAIRS = 8;  // vectors that meet no padding: those that do take long

// R output rows x 2 vectors of N columns. Every output sums its taps row by row, whatever R.
template <class T, int N, int K, int R>
CONVX_INLINE void pair_tile(vec<T, N> (&acc)[2][R], const T* const* rows, int64_t column, const T* w) {
    const auto add = [&](int64_t y, int from, int to) __attribute__((always_inline)) {
        const T *const x = rows[y] + column, *const taps = w + y * K;
        CONVX_UNROLL
        for (int s = 0; s < K; ++s) {
            const vec<T, N> a = load<T, N>(x + s), b = load<T, N>(x + s + N);
            CONVX_UNROLL
            for (int i = 0; i < R; ++i) {
                if (i < from || i >= to) continue;
                const vec<T, N> weight = splat<T, N>(taps[s - i * K]);
                acc[0][i] += a * weight;
                acc[1][i] += b * weight;
            }
        }
        CONVX_KEEP_ORDER;
    };
    CONVX_UNROLL
    for (int y = 0; y < K + R - 1; ++y) add(y, y < K ? 0 : y - K + 1, y < R ? y + 1 : R);
}

}  // namespace convx::CONVX_ISA
