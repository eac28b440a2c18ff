// Sums of many rows, by a few additions each: see BoxColumns.
#include "filter.h"

namespace convx::CONVX_ISA {
namespace {

// The sums of a block's last row, its last two, and so on: of rows [first, last), N vectors at i. Some rows at a time:
// down a whole block each row would lie in another page, of which nothing was fetched ahead.
template <class T, class A, int N>
CONVX_INLINE void sum_behind(const BoxColumns& c, const T* const* src, int64_t first, int64_t last, int64_t i) {
    constexpr int L = LANES<A>;
    A* to = static_cast<A*>(c.behind) + last * c.behind_row + i;
    vec<A> sum[N] = {}, x[N];
    if (last < c.taps) {
        CONVX_UNROLL
        for (int v = 0; v < N; ++v) sum[v] = load(to + v * L);
    }
    for (int64_t t = last - 1; t >= first; --t) {
        read_pixels<A>(src[t] + i, x);
        to -= c.behind_row;
        CONVX_UNROLL
        for (int v = 0; v < N; ++v) store(to + v * L, sum[v] += x[v]);
    }
}

template <class T, class A>
CONVX_INLINE void all_behind(const BoxColumns& c, const T* const* src) {
    constexpr int L = LANES<A>;
    constexpr int64_t ROWS = 4;
    for (int64_t last = c.taps; last > 0; last -= ROWS) {
        const int64_t first = last > ROWS ? last - ROWS : 0;
        int64_t i = 0;
        for (; i + 2 * L <= c.count; i += 2 * L) sum_behind<T, A, 2>(c, src, first, last, i);
        for (; i + L <= c.count; i += L) sum_behind<T, A, 1>(c, src, first, last, i);
        for (; i < c.count; ++i) {
            A* const behind = static_cast<A*>(c.behind) + i;
            A sum = last < c.taps ? behind[last * c.behind_row] : A(0);
            for (int64_t t = last - 1; t >= first; --t) behind[t * c.behind_row] = sum += static_cast<A>(src[t][i]);
        }
    }
}

// N vectors of a row of sums; next: of the row that comes to the sum ahead, or null.
template <class T, class A, int N, bool CUT>
CONVX_INLINE void mean(const BoxColumns& c, const T* next, const A* behind, A* ahead, A* sums) {
    constexpr int L = LANES<A>;
    const vec<A> scale = splat(static_cast<A>(c.scale));
    vec<A> x[N];
    if (next) read_pixels<A>(next, x);
    CONVX_UNROLL
    for (int v = 0; v < N; ++v) {
        vec<A> sum = load(ahead + v * L);
        if (next) store(ahead + v * L, sum += x[v]);
        sum = (load(behind + v * L) + sum) * scale;
        if constexpr (CUT) sum = cut_off<A>(sum, c.cut);
        store(sums + v * L, sum);
    }
}

template <class T, class A, bool CUT>
void all_rows(const BoxColumns& c) {
    constexpr int L = LANES<A>;
    const auto src = reinterpret_cast<const T* const*>(c.src);
    const A scale = static_cast<A>(c.scale);
    A *const ahead = static_cast<A*>(c.ahead), *sums = static_cast<A*>(c.sums);
    for (int64_t r = 0, phase = c.phase; r < c.rows;
         ++r, phase = phase + 1 < c.taps ? phase + 1 : 0, sums += c.sums_row) {
        A* const behind = static_cast<A*>(c.behind) + phase * c.behind_row;
        if (phase == 0) {
            all_behind<T, A>(c, src + r);
            for (int64_t i = 0; i < c.count; ++i) ahead[i] = 0;
        }
        const T* const next = src[r + c.taps - 1];
        int64_t i = 0;
        for (; i + 2 * L <= c.count; i += 2 * L)
            mean<T, A, 2, CUT>(c, phase ? next + i : nullptr, behind + i, ahead + i, sums + i);
        for (; i + L <= c.count; i += L)
            mean<T, A, 1, CUT>(c, phase ? next + i : nullptr, behind + i, ahead + i, sums + i);
        for (; i < c.count; ++i) {
            if (phase) ahead[i] += static_cast<A>(next[i]);
            const A value = (behind[i] + ahead[i]) * scale;
            sums[i] = CUT ? cut_off<A>(splat(value), c.cut)[0] : value;
        }
    }
}

template <class T, class A>
void cut_or_not(const BoxColumns& c) {
    if constexpr (!IS_FLOAT<T>)
        if (c.cut.bits) return all_rows<T, A, true>(c);
    all_rows<T, A, false>(c);
}

}  // namespace

template <class T>
void Pixel<T>::box_columns(const BoxColumns& c) {
    if (c.wide)
        cut_or_not<T, double>(c);
    else if constexpr (sizeof(T) < sizeof(double))
        cut_or_not<T, float>(c);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
