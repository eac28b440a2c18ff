// Sums of neighbouring elements, of their sizes and of their squared distances from a number, in double.
#include "contracts/sums.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class Element, int N>
struct Part {
    typedef Element type __attribute__((vector_size(sizeof(Element) * N)));
};

// Of term(v) for vectors of doubles.
template <class T, class Term>
CONVX_INLINE double sum_of(const T* x, int64_t count, const Term& term) {
    constexpr int L = LANES<double>, CHAINS = 4;  // additions in flight
    using part = typename Part<T, L>::type;
    vec<double> acc[CHAINS] = {};
    int64_t i = 0;
    for (; i + CHAINS * L <= count; i += CHAINS * L) {
        CONVX_UNROLL
        for (int j = 0; j < CHAINS; ++j) {
            part v;
            __builtin_memcpy(&v, x + i + j * L, sizeof v);
            acc[j] += term(__builtin_convertvector(v, vec<double>));
        }
    }
    double total = 0;
    for (; i < count; ++i) total += term(splat(static_cast<double>(x[i])))[0];
    alignas(64) double lane[L];
    store(lane, (acc[0] + acc[1]) + (acc[2] + acc[3]));
    CONVX_UNROLL
    for (int half = L / 2; half > 0; half /= 2) {
        CONVX_UNROLL
        for (int j = 0; j < half; ++j) lane[j] += lane[j + half];
    }
    return total + lane[0];
}

}  // namespace

template <class T>
double Float<T>::sum(const Elements<T>& e) {
    return sum_of(e.x, e.count, [](vec<double> v) __attribute__((always_inline)) { return v; });
}

template <class T>
double Float<T>::sum_sizes(const Elements<T>& e) {
    return sum_of(e.x, e.count, [](vec<double> v) __attribute__((always_inline)) { return v > -v ? v : -v; });
}

template <class T>
double Float<T>::sum_squares(const Deviations<T>& d) {
    const vec<double> mean = splat(d.mean);
    return sum_of(d.x, d.count, [&](vec<double> v) __attribute__((always_inline)) { return (v - mean) * (v - mean); });
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
