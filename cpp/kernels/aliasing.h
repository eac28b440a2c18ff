// Rows of input and output whose addresses end alike.
#pragma once
#include "simd.h"

namespace convx::CONVX_ISA {

// How rows of input and output lie to each other. A load waits for a store before it whose address ends in the same 12
// bits, and rows whose addresses do fill the same sets of L1: a way of it is a page on every x86 CPU, whatever its
// size, as sets are found while the page is still looked up. Ways larger than that only have fewer conflicts.
constexpr int64_t PAGE = 4096;
struct Aliasing {
    bool stacked;  // all rows fill the same sets
    bool close;    // as the output is a little before or behind the input
    bool behind;   // by so few vectors that each store is in the way of the loads after it

    // Of rows that begin so many bytes apart, and output so far behind the input, with vectors of that size.
    __attribute__((always_inline)) static Aliasing of(int64_t in_row, int64_t out_row, int64_t distance,
                                                      int64_t vector) {
        if (((in_row | out_row) & (PAGE - 1)) != 0) return {};
        const int64_t by = distance & (PAGE - 1);
        return {true, ((by + PAGE / 8) & (PAGE - 1)) < PAGE / 4, by <= 3 * vector};
    }
};

// Sums that are stored a few vectors later: in registers, where there are enough, else in L1.
template <class T, int N, int R, bool REGISTERS_DO>
struct Held {
    static constexpr int COUNT = 3;
    vec<T, N> sums[COUNT][R];
    __attribute__((always_inline)) void exchange(vec<T, N> (&acc)[R], int64_t) {
        CONVX_UNROLL
        for (int i = 0; i < R; ++i) {
            const vec<T, N> last = acc[i];
            acc[i] = sums[0][i];
            CONVX_UNROLL
            for (int k = 1; k < COUNT; ++k) sums[k - 1][i] = sums[k][i];
            sums[COUNT - 1][i] = last;
        }
    }
};

template <class T, int N, int R>
struct Held<T, N, R, false> {
    static constexpr int COUNT = 256 / (N * sizeof(T));
    alignas(64) T sums[COUNT][R][N];
    __attribute__((always_inline)) void exchange(vec<T, N> (&acc)[R], int64_t number) {
        T(&place)[R][N] = sums[number % COUNT];
        CONVX_UNROLL
        for (int i = 0; i < R; ++i) {
            const vec<T, N> last = acc[i];
            acc[i] = load<T, N>(place[i]);
            store<T, N>(place[i], last);
        }
    }
};

}  // namespace convx::CONVX_ISA
