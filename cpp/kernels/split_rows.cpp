// Padded rows split into 2, 3, 4 or 8 phases at once: one shuffle sorts a vector by phase, each part is one short
// store; three vectors become one of each of three phases.
#include "contracts/rows.h"
#include "every.h"

namespace convx::CONVX_ISA {
namespace {

// Lane i of the result is element i % (L/P) of phase i / (L/P).
template <class T, int P, int... I>
CONVX_INLINE vec<T> by_phase(vec<T> v, Lanes<I...>) {
    constexpr int PART = LANES<T> / P;
#if defined(__clang__)
    return __builtin_shufflevector(v, v, (I % PART * P + I / PART)...);
#else
    return __builtin_shuffle(v, decltype(v < v){(I % PART * P + I / PART)...});
#endif
}

// Columns that are split at once.
template <class T, int P>
constexpr int COLUMNS = P == 3 ? 3 * LANES<T> : LANES<T>;

// So many columns of the padded row, all of them in the input.
template <class T, int P>
CONVX_INLINE void split_columns(T* dst, const T* src, int64_t length) {
    constexpr int L = LANES<T>;
    if constexpr (P == 3) {
        const vec<T> a = load(src), b = load(src + L), c = load(src + 2 * L);
        store(dst, every_third<0, T>(a, b, c, AllLanes<T>{}));
        store(dst + length, every_third<1, T>(a, b, c, AllLanes<T>{}));
        store(dst + 2 * length, every_third<2, T>(a, b, c, AllLanes<T>{}));
    } else {
        constexpr int PART = L / P;
        alignas(64) T sorted[L];
        store(sorted, by_phase<T, P>(load(src), AllLanes<T>{}));
        CONVX_UNROLL
        for (int f = 0; f < P; ++f) __builtin_memcpy(dst + f * length, sorted + f * PART, PART * sizeof(T));
    }
}

// Two vectors of columns of two phases, which become a whole one of each.
template <class T>
CONVX_INLINE void split_pair(T* dst, const T* src, int64_t length) {
    constexpr int L = LANES<T>;
    const vec<T> a = load(src), b = load(src + L);
    store(dst, every_second<0, T, L>(a, b, AllLanes<T>{}));
    store(dst + length, every_second<1, T, L>(a, b, AllLanes<T>{}));
}

// Columns from j on, one group of phases at a time, some of them padding.
template <class T, int P>
CONVX_INLINE int64_t split_edge(const RowSplit<T>& r, const T* src, T* dst, int64_t j, int64_t to) {
    for (; j < to; j += P) {
        CONVX_UNROLL
        for (int f = 0; f < P; ++f) {
            const int64_t at = j + f - r.left;
            dst[f * r.length + j / P] = at >= 0 && at < r.count ? src[at] : r.fill;
        }
    }
    return j;
}

template <class T, int P>
void run(const RowSplit<T>& r) {
    constexpr int C = COLUMNS<T, P>;
    const int64_t columns = P * r.length, first = (r.left + P - 1) / P * P;
    const int64_t last = (r.left + r.count - C) / P * P;  // where the last whole vectors may begin
    const T* src = r.src;
    T* dst = r.dst;
    for (int64_t y = 0; y < r.rows; ++y, src += r.src_row, dst += r.dst_row) {
        int64_t j = split_edge<T, P>(r, src, dst, 0, first < columns ? first : columns);
        if constexpr (C >= P) {
            if (r.left + r.count - C >= first) {
                if constexpr (P == 2 && BY_HALVES<T>)
                    for (; j + C <= last; j += 2 * C) split_pair<T>(dst + j / P, src + (j - r.left), r.length);
                for (; j < last; j += C) split_columns<T, P>(dst + j / P, src + (j - r.left), r.length);
                split_columns<T, P>(dst + last / P, src + (last - r.left), r.length);
                j = last + C;
            }
        }
        split_edge<T, P>(r, src, dst, j, columns);
    }
}

}  // namespace

template <class T>
void Argmax<T>::split_rows(const RowSplit<T>& r) {
    switch (r.phases) {
        case 2:
            return run<T, 2>(r);
        case 3:
            return run<T, 3>(r);
        case 4:
            return run<T, 4>(r);
        default:
            return run<T, 8>(r);
    }
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
