// Sums as scipy.ndimage makes them: in double, each product rounded. CMakeLists.txt has this file compiled so. Pixels
// are whole numbers, of which float holds the mirrored sums exactly, with half as many conversions.
#include "filter.h"

namespace convx::CONVX_ISA {
namespace {

// Doubles lie in vectors of half the size where those take half the time: GCC makes two of them to convert, and one.
constexpr int L = LANES<float>, PART = HALF_BYTES ? HALF_BYTES / 8 : LANES<double>, PARTS = L / PART, VECS = 2;

// Whole vectors, or `count` elements of one.
template <class T>
CONVX_INLINE void read(const T* p, int64_t, vec<float> (&x)[VECS]) {
    read_pixels<float>(p, x);
}
template <class T>
CONVX_INLINE void read(const T* p, int64_t count, vec<float> (&x)[1]) {
    T edge[L] = {};
    copy_few<T, L>(edge, p, count);
    read_pixels<float>(edge, x);
}

template <int N>
CONVX_INLINE void add(vec<double, PART> (&total)[N][PARTS], const vec<float> (&x)[N], double w) {
    const vec<double, PART> weight = splat<double, PART>(w);
    CONVX_UNROLL
    for (int v = 0; v < N; ++v) {
        vec<float, PART> parts[PARTS];
        __builtin_memcpy(parts, &x[v], sizeof parts);
        CONVX_UNROLL
        for (int p = 0; p < PARTS; ++p) total[v][p] += __builtin_convertvector(parts[p], vec<double, PART>) * weight;
    }
}

// Part by part: a vector put together from narrower stores would be waited for.
template <bool FITS, class A>
CONVX_INLINE void put(A* sums, const vec<double, PART> (&total)[PARTS], const CutOff& cut) {
    CONVX_UNROLL
    for (int p = 0; p < PARTS; ++p) {
        vec<int32_t, PART> whole = __builtin_convertvector(total[p], vec<int32_t, PART>);
        if constexpr (!FITS) whole = wrapped<PART>(whole, cut);
        store<A, PART>(sums + p * PART, __builtin_convertvector(whole, vec<A, PART>));
    }
}

// N vectors, from element i on, of the sum of rows src[0], src[1] and so on.
template <class T, class A, int N>
CONVX_INLINE void tile(const FilterExactly& f, const T* const* src, A* sums, int64_t i) {
    const int64_t count = f.count - i < L ? f.count - i : L, last = f.taps - 1, middle = f.taps / 2;
    const bool mirrored = f.order != TermOrder::last_first;
    const int64_t first = mirrored ? middle : last;
    vec<float> a[N], b[N];
    vec<double, PART> total[N][PARTS] = {};
    read(src[first] + f.offset + i, count, a);
    add(total, a, f.w[first]);
    for (int64_t t = 0; t < first; ++t) {
        read(src[t] + f.offset + i, count, a);
        if (mirrored) {
            read(src[last - t] + f.offset + i, count, b);
            CONVX_UNROLL
            for (int v = 0; v < N; ++v) a[v] = f.order == TermOrder::sums ? a[v] + b[v] : a[v] - b[v];
        }
        add(total, a, f.w[t]);
    }
    if constexpr (N == 1) {
        A edge[L];
        put<false>(edge, total[0], f.cut);
        copy_few<A, L>(sums + i, edge, count);
    } else if (f.cut.fits) {
        CONVX_UNROLL
        for (int v = 0; v < N; ++v) put<true>(sums + i + v * L, total[v], f.cut);
    } else {
        CONVX_UNROLL
        for (int v = 0; v < N; ++v) put<false>(sums + i + v * L, total[v], f.cut);
    }
}

template <class T, class A>
CONVX_INLINE void all_rows(const FilterExactly& f) {
    const auto rows = reinterpret_cast<const T* const*>(f.src);
    for (int64_t r = 0; r < f.rows; ++r) {
        A* const sums = static_cast<A*>(f.sums) + r * f.sums_row;
        int64_t i = 0;
        for (; i + VECS * L <= f.count; i += VECS * L) tile<T, A, VECS>(f, rows + r, sums, i);
        for (; i < f.count; i += L) tile<T, A, 1>(f, rows + r, sums, i);
    }
}

}  // namespace

template <class T>
void Pixel<T>::filter_exactly(const FilterExactly& f) {
    f.wide ? all_rows<T, double>(f) : all_rows<T, float>(f);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
