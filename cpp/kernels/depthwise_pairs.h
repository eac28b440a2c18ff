// Depthwise tiles of two vectors side by side, for taps that do not fit into registers: a weight that is read serves
// both, so there are fewer loads than multiply-adds.
#pragma once
#include "simd.h"

namespace convx::CONVX_ISA {

// 16 registers hold the sums of PAIR_ROWS x 2 vectors, two of input and a weight; 32 hold 25 weights, but not 49.
template <class T, int K, int S>
constexpr bool IN_PAIRS = HAS_FMA && !FEW_TILES<T> && S == 1 && (REGISTERS == 16 ? K > 3 : VECTOR_BYTES == 64 && K > 5);
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

// Pairs of sums that wait in L1 until LAG more are there, so that their stores lie behind the loads that follow.
template <class T, int N, int R>
class WaitingPairs {
  public:
    explicit WaitingPairs(int64_t width) : width_(width) {}

    T* next() { return sums_[pushed_ % PLACES]; }  // R rows of 2 * N sums, to be pushed once they are there
    void push(T* out) {
        out_[pushed_++ % PLACES] = out;
        if (pushed_ > LAG) put();
    }
    void put_all() {
        while (put_ < pushed_) put();
    }

  private:
    __attribute__((noinline)) void put() {
        const int place = put_++ % PLACES;
        T* out = out_[place];
        for (int i = 0; i < R; ++i, out += width_) {
            store<T, N>(out, load<T, N>(sums_[place] + i * 2 * N));
            store<T, N>(out + N, load<T, N>(sums_[place] + i * 2 * N + N));
        }
    }

    static constexpr int LAG = 2, PLACES = LAG + 1;
    alignas(64) T sums_[PLACES][R * 2 * N];
    T* out_[PLACES];
    const int64_t width_;
    int pushed_ = 0, put_ = 0;
};

}  // namespace convx::CONVX_ISA
