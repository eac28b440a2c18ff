// Sums along columns. A loaded vector of input serves all output rows of a step.
#include "filter.h"

namespace convx::CONVX_ISA {
namespace {

// Rows at a time; vectors of each, and of a row alone, which is stored where rows of input may end alike: a load would
// wait for each store before it.
constexpr int MOST = FILTER_ROWS, VECS = 2, MOST_VECS = 8;

enum class Cut { none, fits, wraps };

template <class A, Cut CUT>
CONVX_INLINE vec<A> first_sum(const FilterColumns& c) {
    if constexpr (CUT == Cut::fits) return splat(c.cut.exactly.within);
    return vec<A>{};
}

CONVX_INLINE vec<float> truncated(vec<float> sum) {
    return __builtin_convertvector(__builtin_convertvector(sum, vec<int32_t>), vec<float>);
}

template <class T>
__attribute__((noinline)) void sum_exactly(const FilterColumns& c, int64_t r, int64_t i, int64_t count) {
    Pixel<T>::filter_exactly({c.src + r * c.step, c.cut.exactly.w, static_cast<float*>(c.sums) + r * c.sums_row + i, 1,
                              c.taps, count, 0, false, c.cut.exactly.order, c.cut, i});
}

// Stores the sums of rows r to r + ROWS, elements i to i + count, as whole numbers.
template <class T, Cut CUT, int ROWS, int N, class Store>
CONVX_INLINE void cut_all(const FilterColumns& c, int64_t r, int64_t i, int64_t count, vec<float> (&acc)[ROWS][N],
                          const Store& store_all) {
    vec<float> least[ROWS];
    CONVX_UNROLL
    for (int row = 0; row < ROWS; ++row) {
        least[row] = least_gap<CUT == Cut::fits, N>(acc[row]);
        CONVX_UNROLL
        for (int v = 0; v < N; ++v)
            acc[row][v] = CUT == Cut::fits ? truncated(acc[row][v]) : cut_off<float>(acc[row][v], c.cut);
    }
    store_all();
    if (!c.cut.exactly.w) return;
    vec<float> nearest = least[0];
    CONVX_UNROLL
    for (int row = 1; row < ROWS; ++row) nearest = least[row] < nearest ? least[row] : nearest;
    const float limit = limit_of(c.cut);
    if (!any_below(nearest, limit)) return;
    CONVX_UNROLL
    for (int row = 0; row < ROWS; ++row)
        if (any_below(least[row], limit)) sum_exactly<T>(c, r + row, i, count);
}

// Rows r to r + ROWS, STEP rows of input apart, vectors at i. Terms are added from the first tap to the last, whatever
// ROWS. A row alone may lie anywhere.
template <class T, class A, int STEP, int ROWS, int N, Cut CUT>
CONVX_INLINE void tile(const FilterColumns& c, int64_t r, int64_t i) {
    constexpr int L = LANES<A>, APART = (ROWS - 1) * STEP;
    const auto src = reinterpret_cast<const T* const*>(c.src) + r * (ROWS > 1 ? STEP : c.step);
    const A* const w = static_cast<const A*>(c.w);
    vec<A> acc[ROWS][N];
    CONVX_UNROLL
    for (int row = 0; row < ROWS; ++row) {
        CONVX_UNROLL
        for (int v = 0; v < N; ++v) acc[row][v] = first_sum<A, CUT>(c);
    }
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
    const auto store_all = [&]() __attribute__((always_inline)) {
        A* const sums = static_cast<A*>(c.sums) + r * c.sums_row + i;
        CONVX_UNROLL
        for (int row = 0; row < ROWS; ++row) {
            CONVX_UNROLL
            for (int v = 0; v < N; ++v) store(sums + row * c.sums_row + v * L, acc[row][v]);
        }
    };
    if constexpr (CUT == Cut::none)
        store_all();
    else
        cut_all<T, CUT>(c, r, i, N * L, acc, store_all);
}

// Fewer elements than a vector.
template <class T, class A, Cut CUT>
__attribute__((noinline)) void few(const FilterColumns& c) {
    constexpr int L = LANES<A>;
    const auto src = reinterpret_cast<const T* const*>(c.src);
    T some[L] = {};
    A edge[L];
    for (int64_t r = 0; r < c.rows; ++r) {
        vec<A> acc[1][1] = {{first_sum<A, CUT>(c)}}, x[1];
        for (int64_t t = 0; t < c.taps; ++t) {
            copy_few<T, L>(some, src[r * c.step + t], c.count);
            read_pixels<A>(some, x);
            acc[0][0] += splat(static_cast<const A*>(c.w)[t]) * x[0];
        }
        const auto store_all = [&] {
            store(edge, acc[0][0]);
            copy_few<A, L>(static_cast<A*>(c.sums) + r * c.sums_row, edge, c.count);
        };
        if constexpr (CUT == Cut::none)
            store_all();
        else
            cut_all<T, CUT>(c, r, 0, c.count, acc, store_all);
    }
}

// The last vector overlaps the one before, and so do the first ones, that the others are whole lines of the cache: of
// rows that lie whole pages apart, one that is read in two steps has left L1 before the second.
template <class T, class A, int STEP, int ROWS, Cut CUT>
CONVX_INLINE void some_rows(const FilterColumns& c, int64_t r) {
    constexpr int L = LANES<A>;
    constexpr int64_t WIDTH = VECS * L;
    int64_t i = 0;
    if (SAME<T, A> && c.count >= WIDTH) i = -(int64_t(uintptr_t(c.src[r * STEP]) / sizeof(T)) % WIDTH);
    for (; i + WIDTH <= c.count; i += WIDTH) tile<T, A, STEP, ROWS, VECS, CUT>(c, r, i < 0 ? 0 : i);
    for (; i < c.count; i += L) tile<T, A, STEP, ROWS, 1, CUT>(c, r, i + L <= c.count ? i : c.count - L);
}

// A row of sums that stay as they are. In a function of its own: within the next, g++ makes the others slower.
template <class T, class A>
__attribute__((noinline)) void row_alone(const FilterColumns& c, int64_t r) {
    constexpr int L = LANES<A>, N = SAME<T, A> ? MOST_VECS : VECS;
    int64_t i = 0;
    for (; i + N * L <= c.count; i += N * L) tile<T, A, 1, 1, N, Cut::none>(c, r, i);
    for (; i < c.count; i += L) tile<T, A, 1, 1, 1, Cut::none>(c, r, i + L <= c.count ? i : c.count - L);
}

template <class T, class A, Cut CUT>
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
    for (; r < c.rows; ++r)
        if constexpr (CUT == Cut::none)
            row_alone<T, A>(c, r);
        else
            some_rows<T, A, 1, 1, CUT>(c, r);
}

}  // namespace

template <class T>
void Pixel<T>::filter_columns(const FilterColumns& c) {
    if (c.wide) return all_rows<T, double, Cut::none>(c);
    if constexpr (!IS_FLOAT<T>) {
        if constexpr (T(-1) > T(0))
            if (c.cut.bits && c.cut.fits) return all_rows<T, float, Cut::fits>(c);
        if (c.cut.bits) return all_rows<T, float, Cut::wraps>(c);
    }
    if constexpr (sizeof(T) < sizeof(double)) all_rows<T, float, Cut::none>(c);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
