// Sums as scipy.ndimage makes them: in double, each product rounded. CMakeLists.txt has this file compiled so.
#include "filter.h"

namespace convx::CONVX_ISA {
namespace {

template <class T>
CONVX_INLINE vec<double> some(const T* p, int64_t count) {
    constexpr int L = LANES<double>;
    vec<double> x[1];
    if (count >= L) {
        widen<double>(p, x);
    } else {
        T edge[L] = {};
        copy_few<T, L>(edge, p, count);
        widen<double>(edge, x);
    }
    return x[0];
}

// Element i of the sum of rows src[0], src[1] and so on.
template <class T>
CONVX_INLINE vec<double> sum(const FilterExactly& f, const T* const* src, int64_t i) {
    const int64_t count = f.count - i, last = f.taps - 1, middle = f.taps / 2;
    if (f.order == TermOrder::last_first) {
        vec<double> total = some(src[last] + i, count) * f.w[last];
        for (int64_t t = 0; t < last; ++t) total += some(src[t] + i, count) * f.w[t];
        return total;
    }
    vec<double> total = some(src[middle] + i, count) * f.w[middle];
    for (int64_t t = 0; t < middle; ++t) {
        const vec<double> a = some(src[t] + i, count), b = some(src[last - t] + i, count);
        total += (f.order == TermOrder::sums ? a + b : a - b) * f.w[t];
    }
    return total;
}

template <class A>
CONVX_INLINE void put(A* dst, vec<double> v, int64_t count) {
    constexpr int L = LANES<double>;
    A edge[L];
    store<A, L>(edge, __builtin_convertvector(v, vec<A, L>));
    if (count >= L)
        __builtin_memcpy(dst, edge, sizeof edge);
    else
        copy_few<A, L>(dst, edge, count);
}

}  // namespace

template <class T>
void Pixel<T>::filter_exactly(const FilterExactly& f) {
    const auto src = reinterpret_cast<const T* const*>(f.src);
    for (int64_t r = 0; r < f.rows; ++r)
        for (int64_t i = 0; i < f.count; i += LANES<double>) {
            const vec<double> v = cut_off<double>(sum(f, src + r, i), f.cut);
            if (f.wide)
                put(static_cast<double*>(f.sums) + r * f.sums_row + i, v, f.count - i);
            else
                put(static_cast<float*>(f.sums) + r * f.sums_row + i, v, f.count - i);
        }
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
