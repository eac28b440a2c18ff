// Sums as scipy.ndimage makes them: in double, each product rounded. CMakeLists.txt has this file compiled so.
#include "filter.h"

namespace convx::CONVX_ISA {
namespace {

constexpr int L = LANES<double>, VECS = 2;

// Vectors of elements: as many as N, or `count` elements of one.
template <class T>
struct Whole {
    template <int N>
    CONVX_INLINE void read(const T* p, int64_t, vec<double> (&x)[N]) {
        read_pixels<double>(p, x);
    }
};
template <class T>
struct Edge {
    template <int N>
    CONVX_INLINE void read(const T* p, int64_t count, vec<double> (&x)[N]) {
        T edge[L] = {};
        copy_few<T, L>(edge, p, count < L ? count : L);
        read_pixels<double>(edge, x);
    }
};

// Elements from i on of the sums of rows src[0], src[1] and so on.
template <class Reader, class T, int N>
CONVX_INLINE void sum(const FilterExactly& f, const T* const* src, int64_t i, vec<double> (&total)[N]) {
    const int64_t count = f.count - i, last = f.taps - 1, middle = f.taps / 2;
    const bool one_by_one = f.order == TermOrder::last_first;
    vec<double> a[N], b[N];
    Reader::read(src[one_by_one ? last : middle] + i, count, total);
    CONVX_UNROLL
    for (int v = 0; v < N; ++v) total[v] *= f.w[one_by_one ? last : middle];
    for (int64_t t = 0; t < (one_by_one ? last : middle); ++t) {
        Reader::read(src[t] + i, count, a);
        if (!one_by_one) {
            Reader::read(src[last - t] + i, count, b);
            CONVX_UNROLL
            for (int v = 0; v < N; ++v) a[v] = f.order == TermOrder::sums ? a[v] + b[v] : a[v] - b[v];
        }
        CONVX_UNROLL
        for (int v = 0; v < N; ++v) total[v] += a[v] * f.w[t];
    }
}

template <class T, class A>
CONVX_INLINE void all_rows(const FilterExactly& f) {
    const auto rows = reinterpret_cast<const T* const*>(f.src);
    for (int64_t r = 0; r < f.rows; ++r) {
        A* const sums = static_cast<A*>(f.sums) + r * f.sums_row;
        int64_t i = 0;
        for (; i + VECS * L <= f.count; i += VECS * L) {
            vec<double> total[VECS];
            sum<Whole<T>>(f, rows + r, i, total);
            CONVX_UNROLL
            for (int v = 0; v < VECS; ++v)
                store<A, L>(sums + i + v * L, __builtin_convertvector(cut_off<double>(total[v], f.cut), vec<A, L>));
        }
        for (; i < f.count; i += L) {
            vec<double> total[1];
            A edge[L];
            const int64_t count = f.count - i < L ? f.count - i : L;
            sum<Edge<T>>(f, rows + r, i, total);
            store<A, L>(edge, __builtin_convertvector(cut_off<double>(total[0], f.cut), vec<A, L>));
            copy_few<A, L>(sums + i, edge, count);
        }
    }
}

}  // namespace

template <class T>
void Pixel<T>::filter_exactly(const FilterExactly& f) {
    f.wide ? all_rows<T, double>(f) : all_rows<T, float>(f);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
