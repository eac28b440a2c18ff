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

template <class T, int N, int R>
CONVX_INLINE void one_vector(const WinogradWeight<T>& t, const T* w, T* u) {
    vec<double> taps[R][R];
    CONVX_UNROLL
    for (int i = 0; i < R * R; ++i) taps[i / R][i % R] = in_double(w + i * NR<T>);
    for (int i = 0; i < N; ++i) {
        vec<double> half[R];
        CONVX_UNROLL
        for (int j = 0; j < R; ++j) {
            half[j] = taps[0][j] * t.g[i * R];
            CONVX_UNROLL
            for (int a = 1; a < R; ++a) half[j] += taps[a][j] * t.g[i * R + a];
        }
        for (int j = 0; j < N; ++j) {
            vec<double> sum = half[0] * t.g[j * R];
            CONVX_UNROLL
            for (int a = 1; a < R; ++a) sum += half[a] * t.g[j * R + a];
            round_to(u + (i * N + j) * t.u_point, sum);
        }
    }
}

template <class T, int N, int R>
void run(const WinogradWeight<T>& t) {
    for (int64_t c = 0; c < t.channels; ++c)
        for (int k = 0; k < NR<T>; k += LANES<double>)
            one_vector<T, N, R>(t, t.w + c * R * R * NR<T> + k, t.u + c * NR<T> + k);
}

}  // namespace

template <class T>
void Float<T>::winograd_weight(const WinogradWeight<T>& t) {
    if (t.points == 4)
        run<T, 4, 3>(t);
    else
        t.taps == 3 ? run<T, 6, 3>(t) : run<T, 6, 5>(t);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
