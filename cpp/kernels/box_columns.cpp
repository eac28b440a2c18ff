// Sums of many rows, by a few additions each: see BoxColumns.
#include "filter.h"

namespace convx::CONVX_ISA {
namespace {

// The sums of a block's last row, its last two, and so on, of N vectors at i; or of single elements.
template <class T, class A, int N>
CONVX_INLINE void sum_behind(const BoxColumns& c, const T* const* src, int64_t i) {
    vec<A> sum[N] = {}, x[N];
    for (int64_t t = c.taps - 1; t >= 0; --t) {
        read_pixels<A>(src[t] + i, x);
        CONVX_UNROLL
        for (int v = 0; v < N; ++v) {
            sum[v] += x[v];
            store(static_cast<A*>(c.behind) + t * c.behind_row + i + v * LANES<A>, sum[v]);
        }
    }
}

template <class T, class A, bool CUT>
void all_rows(const BoxColumns& c) {
    constexpr int L = LANES<A>;
    const auto src = reinterpret_cast<const T* const*>(c.src);
    const A scale = static_cast<A>(c.scale);
    A *const ahead = static_cast<A*>(c.ahead), *sums = static_cast<A*>(c.sums);
    const int64_t whole = c.count - c.count % L;
    for (int64_t r = 0, phase = c.phase; r < c.rows;
         ++r, phase = phase + 1 < c.taps ? phase + 1 : 0, sums += c.sums_row) {
        A* const behind = static_cast<A*>(c.behind) + phase * c.behind_row;
        if (phase == 0) {
            int64_t i = 0;
            for (; i + 2 * L <= c.count; i += 2 * L) sum_behind<T, A, 2>(c, src + r, i);
            for (; i + L <= c.count; i += L) sum_behind<T, A, 1>(c, src + r, i);
            for (; i < c.count; ++i) {
                A sum = 0;
                for (int64_t t = c.taps - 1; t >= 0; --t)
                    static_cast<A*>(c.behind)[t * c.behind_row + i] = sum += static_cast<A>(src[r + t][i]);
            }
            for (i = 0; i < c.count; ++i) ahead[i] = 0;
        }
        const T* const next = src[r + c.taps - 1];
        for (int64_t i = 0; i < whole; i += L) {
            vec<A> sum[1] = {load(ahead + i)};
            if (phase) {
                vec<A> x[1];
                read_pixels<A>(next + i, x);
                sum[0] += x[0];
                store(ahead + i, sum[0]);
            }
            vec<A> mean = (load(behind + i) + sum[0]) * scale;
            if constexpr (CUT) mean = cut_off<A>(mean, c.cut);
            store(sums + i, mean);
        }
        for (int64_t i = whole; i < c.count; ++i) {
            if (phase) ahead[i] += static_cast<A>(next[i]);
            const A mean = (behind[i] + ahead[i]) * scale;
            sums[i] = CUT ? cut_off<A>(vec<A>{} + mean, c.cut)[0] : mean;
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
