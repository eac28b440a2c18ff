// Winograd's weight transform U = G w G' in double, rounded once; lanes are output channels.
#include "contracts/winograd.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class T>
CONVX_INLINE vec<double> in_double(const T* p) {
    typedef T part __attribute__((vector_size(sizeof(T) * LANES<double>)));
    part v;
    __builtin_memcpy(&v, p, sizeof v);
    return __builtin_convertvector(v, vec<double>);
}

template <class T>
CONVX_INLINE void round_to(T* p, vec<double> v) {
    typedef T part __attribute__((vector_size(sizeof(T) * LANES<double>)));
    const part rounded = __builtin_convertvector(v, part);
    __builtin_memcpy(p, &rounded, sizeof rounded);
}

// `count` lines: R taps `from_step` apart become the points of G.
struct Lines {
    int64_t from_step, from_line, to_step, to_line, count;
    const double* g;  // points x R
    int32_t points;
};
template <class From, class To, int R>
__attribute__((noinline)) void lines(const From* from, To* to, const Lines& s) {
    for (int64_t i = 0; i < s.count; ++i, from += s.from_line, to += s.to_line) {
        vec<double> w[R];
        CONVX_UNROLL
        for (int a = 0; a < R; ++a) w[a] = in_double(from + a * s.from_step);
        for (int32_t p = 0; p < s.points; ++p) {
            vec<double> sum = w[0] * s.g[p * R];
            CONVX_UNROLL
            for (int a = 1; a < R; ++a) sum += w[a] * s.g[p * R + a];
            round_to(to + p * s.to_step, sum);
        }
    }
}

template <class From, class To>
using Pass = void (*)(const From*, To*, const Lines&);
template <class From, class To, int R = 7>
Pass<From, To> pass_of(int32_t taps) {
    if constexpr (R > 1) {
        if (taps != R) return pass_of<From, To, R - 1>(taps);
    }
    return lines<From, To, R>;
}

}  // namespace

template <class T>
void Float<T>::winograd_weight(const WinogradWeight<T>& t) {
    constexpr int64_t L = LANES<double>, MOST_POINTS = 8;
    alignas(64) double half[MOST_POINTS * 7 * L];
    const auto down = pass_of<T, double>(t.rh);
    const auto along = pass_of<double, T>(t.rw);
    const Lines first{t.rw * NR<T>, NR<T>, t.rw * L, L, t.rw, t.gh, t.nh};
    const Lines second{L, t.rw * L, t.u_point, t.nw * t.u_point, t.nh, t.gw, t.nw};
    for (int64_t c = 0; c < t.channels; ++c)
        for (int64_t k = 0; k < NR<T>; k += L) {
            down(t.w + c * t.w_channel + k, half, first);
            along(half, t.u + c * NR<T> + k, second);
        }
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
