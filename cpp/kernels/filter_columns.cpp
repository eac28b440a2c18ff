// Sums along columns. A loaded vector of input serves all output rows of a step.
#include "filter.h"

namespace convx::CONVX_ISA {
namespace {

constexpr int MOST = FILTER_ROWS, VECS = 2;  // rows at a time; vectors of each

template <int ROWS, int N>
CONVX_INLINE void cut_all(const CutOff& cut, int64_t i, vec<float> (&acc)[ROWS][N]) {
    vec<float> nearest = splat(1.f);
    CONVX_UNROLL
    for (int row = 0; row < ROWS; ++row) {
        CONVX_UNROLL
        for (int v = 0; v < N; ++v) {
            const vec<float> d = distance(acc[row][v]);
            nearest = d < nearest ? d : nearest;
            acc[row][v] = cut_off<float>(acc[row][v], cut);
        }
    }
    if (!cut.unsettled.set || !any_below(nearest, cut.unsettled.within * cut.unsettled.within)) return;
    cut.unsettled.set[i / FILTER_BLOCK] = cut.unsettled.set[(i + N * LANES<float> - 1) / FILTER_BLOCK] = true;
}

// Rows r to r + ROWS, STEP rows of input apart, vectors at i. Terms are added from the first tap to the last, whatever
// ROWS. A row alone may lie anywhere.
template <class T, class A, int STEP, int ROWS, int N, bool CUT>
CONVX_INLINE void tile(const FilterColumns& c, int64_t r, int64_t i) {
    constexpr int L = LANES<A>, APART = (ROWS - 1) * STEP;
    const auto src = reinterpret_cast<const T* const*>(c.src) + r * (ROWS > 1 ? STEP : c.step);
    const A* const w = static_cast<const A*>(c.w);
    vec<A> acc[ROWS][N] = {};
    const auto add = [&](int64_t t, int from, int to) __attribute__((always_inline)) {
        vec<A> x[N];
        read_pixels<A>(src[t] + i, x);
        CONVX_UNROLL
        for (int row = 0; row < ROWS; ++row) {
            if (row < from || row >= to) continue;
            const vec<A> weight = splat(w[t - row * STEP]);
            CONVX_UNROLL
            for (int v = 0; v < N; ++v) acc[row][v] += weight * x[v];
        }
    };
    CONVX_UNROLL
    for (int t = 0; t < APART; ++t) add(t, 0, t / STEP + 1);
    for (int64_t t = APART; t < c.taps; ++t) add(t, 0, ROWS);
    CONVX_UNROLL
    for (int t = 0; t < APART; ++t) add(c.taps + t, t / STEP + 1, ROWS);
    if constexpr (CUT) cut_all(c.cut, i, acc);
    A* const sums = static_cast<A*>(c.sums) + r * c.sums_row + i;
    CONVX_UNROLL
    for (int row = 0; row < ROWS; ++row) {
        CONVX_UNROLL
        for (int v = 0; v < N; ++v) store(sums + row * c.sums_row + v * L, acc[row][v]);
    }
}

// Fewer elements than a vector.
template <class T, class A, bool CUT>
__attribute__((noinline)) void few(const FilterColumns& c) {
    constexpr int L = LANES<A>;
    const auto src = reinterpret_cast<const T* const*>(c.src);
    T some[L] = {};
    A edge[L];
    for (int64_t r = 0; r < c.rows; ++r) {
        vec<A> acc[1][1] = {}, x[1];
        for (int64_t t = 0; t < c.taps; ++t) {
            copy_few<T, L>(some, src[r * c.step + t], c.count);
            read_pixels<A>(some, x);
            acc[0][0] += splat(static_cast<const A*>(c.w)[t]) * x[0];
        }
        if constexpr (CUT) cut_all(c.cut, 0, acc);
        store(edge, acc[0][0]);
        copy_few<A, L>(static_cast<A*>(c.sums) + r * c.sums_row, edge, c.count);
    }
}

// The last vector overlaps the one before.
template <class T, class A, int STEP, int ROWS, bool CUT>
CONVX_INLINE void some_rows(const FilterColumns& c, int64_t r) {
    constexpr int L = LANES<A>;
    int64_t i = 0;
    for (; i + VECS * L <= c.count; i += VECS * L) tile<T, A, STEP, ROWS, VECS, CUT>(c, r, i);
    for (; i < c.count; i += L) tile<T, A, STEP, ROWS, 1, CUT>(c, r, i + L <= c.count ? i : c.count - L);
}

template <class T, class A, bool CUT>
void all_rows(const FilterColumns& c) {
    if (c.count < LANES<A>) return few<T, A, CUT>(c);
    int64_t r = 0;
    if (c.step == 1) {
        if (c.taps >= MOST - 1)
            for (; r + MOST <= c.rows; r += MOST) some_rows<T, A, 1, MOST, CUT>(c, r);
        for (; r + 2 <= c.rows; r += 2) some_rows<T, A, 1, 2, CUT>(c, r);
    }
    if constexpr (SAME<T, A>)  // what pyramids take
        if (c.step == 2 && c.taps >= 2)
            for (; r + 2 <= c.rows; r += 2) some_rows<T, A, 2, 2, CUT>(c, r);
    for (; r < c.rows; ++r) some_rows<T, A, 1, 1, CUT>(c, r);
}

}  // namespace

template <class T>
void Pixel<T>::filter_columns(const FilterColumns& c) {
    if (c.wide)
        all_rows<T, double, false>(c);
    else if constexpr (IS_FLOAT<T> && sizeof(T) < sizeof(double))
        all_rows<T, float, false>(c);
    else if constexpr (!IS_FLOAT<T>)
        c.cut.bits ? all_rows<T, float, true>(c) : all_rows<T, float, false>(c);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
