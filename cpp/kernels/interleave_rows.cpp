// Rows of a transposed convolution put together from its phases.
#include "contracts/rows.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class T, int N>
CONVX_INLINE void store_zipped(T* dst, vec<T, N> a, vec<T, N> b) {
    store<T, N>(dst, zip<0, T, N>(a, b, AllLanes<T, N>{}));
    store<T, N>(dst + N, zip<N, T, N>(a, b, AllLanes<T, N>{}));
}

// Elements [i, i + N) of each of S phases.
template <class T, int N, int S>
CONVX_INLINE void interleave_vector(T* dst, const T* const (&src)[S], int64_t i) {
    if constexpr (S == 2) {
        store_zipped<T, N>(dst, load<T, N>(src[0] + i), load<T, N>(src[1] + i));
    } else {
        const vec<T, N> a = load<T, N>(src[0] + i), b = load<T, N>(src[1] + i);
        const vec<T, N> c = load<T, N>(src[2] + i), d = load<T, N>(src[3] + i);
        store_zipped<T, N>(dst, zip<0, T, N>(a, c, AllLanes<T, N>{}), zip<0, T, N>(b, d, AllLanes<T, N>{}));
        store_zipped<T, N>(dst + 2 * N, zip<N, T, N>(a, c, AllLanes<T, N>{}), zip<N, T, N>(b, d, AllLanes<T, N>{}));
    }
}

// `count` elements of each phase; the last vector overlaps the one before it rather than be partial.
template <class T, int N, int S>
CONVX_INLINE void interleave_row(T* dst, const T* const (&src)[S], int64_t count) {
    if constexpr (N == 1) {
        for (int64_t i = 0; i < count; ++i) {
            CONVX_UNROLL
            for (int f = 0; f < S; ++f) dst[S * i + f] = src[f][i];
        }
    } else {
        if (count < N) return interleave_row<T, N / 2, S>(dst, src, count);
        int64_t i = 0;
        for (; i + N <= count; i += N) interleave_vector<T, N, S>(dst + S * i, src, i);
        if (i < count) interleave_vector<T, N, S>(dst + S * (count - N), src, count - N);
    }
}

// Phases 0 ... S - 1, all there.
template <class T, int S>
void run(const Interleave<T>& t) {
    const T* src[S];
    CONVX_UNROLL
    for (int f = 0; f < S; ++f) src[f] = t.phases[f].src;
    const int64_t shortest = t.phases[S - 1].count;
    T* dst = t.dst;
    for (int64_t y = 0; y < t.rows; ++y, dst += t.dst_row) {
        interleave_row<T, LANES<T>, S>(dst, src, shortest);
        CONVX_UNROLL
        for (int f = 0; f < S; ++f) {
            if (t.phases[f].count > shortest) dst[S * shortest + f] = src[f][shortest];
            src[f] += t.phases[f].row;
        }
    }
}

template <class T>
void run_general(const Interleave<T>& t) {
    for (int64_t y = 0; y < t.rows; ++y)
        for (int64_t f = 0; f < t.count; ++f) {
            const PhaseRows<T>& phase = t.phases[f];
            const T* src = phase.src + y * phase.row;
            T* dst = t.dst + y * t.dst_row + phase.first;
            for (int64_t i = 0; i < phase.count; ++i) dst[i * t.stride] = src[i];
        }
}

}  // namespace

template <class T>
void Float<T>::interleave_rows(const Interleave<T>& t) {
    if (t.stride == 2 && t.count == 2) return run<T, 2>(t);
    if (t.stride == 4 && t.count == 4) return run<T, 4>(t);
    run_general(t);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
