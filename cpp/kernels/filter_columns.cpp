// Sums along columns. A loaded vector of input serves all output rows of a step.
#include "contracts/filter.h"
#include "filter.h"

namespace convx::CONVX_ISA {
namespace {

constexpr int STEP = FILTER_ROWS, VECS = 2;

// Rows r to r + ROWS, vectors at i. Terms are added from the first tap to the last, whatever ROWS.
template <class T, class A, int ROWS, int N>
CONVX_INLINE void tile(const FilterColumns& c, int64_t r, int64_t i) {
    constexpr int L = LANES<A>;
    const auto src = reinterpret_cast<const T* const*>(c.src) + r;
    const A* const w = static_cast<const A*>(c.w);
    vec<A> acc[ROWS][N] = {};
    const auto add = [&](int64_t t, int from, int to) __attribute__((always_inline)) {
        vec<A> x[N];
        CONVX_UNROLL
        for (int v = 0; v < N; ++v) x[v] = widened<T, A>(src[t] + i + v * L);
        CONVX_UNROLL
        for (int row = 0; row < ROWS; ++row) {
            if (row < from || row >= to) continue;
            const vec<A> weight = splat(w[t - row]);
            CONVX_UNROLL
            for (int v = 0; v < N; ++v) acc[row][v] += weight * x[v];
        }
    };
    CONVX_UNROLL
    for (int t = 0; t < ROWS - 1; ++t) add(t, 0, t + 1);
    for (int64_t t = ROWS - 1; t < c.taps; ++t) add(t, 0, ROWS);
    CONVX_UNROLL
    for (int t = 1; t < ROWS; ++t) add(c.taps + t - 1, t, ROWS);
    A* const sums = static_cast<A*>(c.sums) + r * c.sums_row + i;
    CONVX_UNROLL
    for (int row = 0; row < ROWS; ++row) {
        CONVX_UNROLL
        for (int v = 0; v < N; ++v) store(sums + row * c.sums_row + v * L, acc[row][v]);
    }
}

// Fewer elements than a vector.
template <class T, class A>
__attribute__((noinline)) void few(const FilterColumns& c, int64_t r) {
    const auto src = reinterpret_cast<const T* const*>(c.src) + r;
    for (int64_t i = 0; i < c.count; ++i) {
        A sum = 0;
        for (int64_t t = 0; t < c.taps; ++t) sum += static_cast<const A*>(c.w)[t] * static_cast<A>(src[t][i]);
        static_cast<A*>(c.sums)[r * c.sums_row + i] = sum;
    }
}

// The last vector overlaps the one before.
template <class T, class A, int ROWS>
__attribute__((noinline)) void some_rows(const FilterColumns& c, int64_t r) {
    constexpr int L = LANES<A>;
    int64_t i = 0;
    for (; i + VECS * L <= c.count; i += VECS * L) tile<T, A, ROWS, VECS>(c, r, i);
    for (; i < c.count; i += L) tile<T, A, ROWS, 1>(c, r, i + L <= c.count ? i : c.count - L);
}

template <class T, class A>
void all_rows(const FilterColumns& c) {
    int64_t r = 0;
    if (c.count < LANES<A>) {
        for (; r < c.rows; ++r) few<T, A>(c, r);
        return;
    }
    if (c.taps >= STEP)
        for (; r + STEP <= c.rows; r += STEP) some_rows<T, A, STEP>(c, r);
    if (c.taps >= 2)
        for (; r + 2 <= c.rows; r += 2) some_rows<T, A, 2>(c, r);
    for (; r < c.rows; ++r) some_rows<T, A, 1>(c, r);
}

}  // namespace

template <class T>
void Pixel<T>::filter_columns(const FilterColumns& c) {
    if (c.wide)
        all_rows<T, double>(c);
    else if constexpr (sizeof(T) < sizeof(double))
        all_rows<T, float>(c);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
