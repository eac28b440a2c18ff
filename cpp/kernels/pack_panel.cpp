// im2col of one panel: some pixels x (k1 - k0) terms of the sum, built from runs of adjacent pixels.
#include "contracts/gemm.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

// One term of the sum: vectors that run over their run's end are written over by the next run, or by the next term.
// N: number of runs, or 0 for any.
template <class T, int N>
CONVX_INLINE void copy_runs(T* dst, const T* src, const Run* runs, int count) {
    if constexpr (N > 0) {
        vec<T> v[N];
        CONVX_UNROLL
        for (int r = 0; r < N; ++r) v[r] = load(src + runs[r].src);
        CONVX_UNROLL
        for (int r = 0; r < N; ++r) store(dst + runs[r].dst, v[r]);
    } else {
        for (int r = 0; r < count; ++r) store(dst + runs[r].dst, load(src + runs[r].src));
    }
}

// The same where whole vectors might read too far.
template <class T>
__attribute__((noinline)) void copy_elements(T* dst, const T* src, const PanelPack<T>& p) {
    for (int r = 0; r < p.run_count; ++r) {
        const int64_t next = r + 1 < p.run_count ? p.runs[r + 1].dst : p.cols, count = next - p.runs[r].dst;
        copy_few(dst + p.runs[r].dst, src + p.runs[r].src, count < LANES<T> ? count : LANES<T>);
    }
}

// Terms [k, k1), of which the last may not be read in whole vectors of `reach` elements.
template <class T>
__attribute__((noinline)) void pack_rest(const PanelPack<T>& p, int64_t k, int64_t reach) {
    const T* x = p.x + k / p.taps * p.x_channel;
    const int64_t *tap = p.tap + k % p.taps, *const last_tap = p.tap + p.taps;
    T* dst = p.dst + (k - p.k0) * p.dst_row;
    for (; k < p.k1; ++k, dst += p.dst_row) {
        const T* src = x + *tap;
        if (p.end - src >= reach)
            copy_runs<T, 0>(dst, src, p.runs, p.run_count);
        else
            copy_elements(dst, src, p);
        if (++tap == last_tap) {
            tap = p.tap;
            x += p.x_channel;
        }
    }
}

// The term up to which all taps of a channel may be read in whole vectors.
template <class T>
CONVX_INLINE int64_t end_of_whole(const PanelPack<T>& p, int64_t reach) {
    for (int64_t i = 0, most = *p.tap; i < p.taps; ++i)
        if (p.tap[i] >= most) {
            reach += p.tap[i] - most;
            most = p.tap[i];
        }
    const int64_t room = p.end - (p.x + *p.tap) - reach;
    if (room < 0) return p.k0;
    if (p.x_channel <= 0) return p.k1;
    const int64_t end = (room / p.x_channel + 1) * p.taps;
    return end < p.k0 ? p.k0 : end < p.k1 ? end : p.k1;
}

template <class T, int N>
void pack(const PanelPack<T>& p) {
    Run runs[N > 0 ? N : 1] = {};
    CONVX_UNROLL
    for (int r = 0; r < N; ++r) runs[r] = p.runs[r];
    int64_t reach = 0;  // of the vectors, from a term's first element
    for (int r = 0; r < p.run_count; ++r) reach = p.runs[r].src > reach ? p.runs[r].src : reach;
    reach += LANES<T>;

    // By value: what is stored might be p, for all that g++ knows.
    const int64_t taps = p.taps, x_channel = p.x_channel, dst_row = p.dst_row, end = end_of_whole(p, reach);
    const int64_t* const tap = p.tap;
    const T* x = p.x + p.k0 / taps * x_channel;
    T* dst = p.dst;
    int64_t k = p.k0;
    if constexpr (N == 1 || N == 2) {
        if (taps == 1)
            for (x += *tap; k < end; ++k, x += x_channel, dst += dst_row) copy_runs<T, N>(dst, x, runs, N);
    }
    for (int64_t i = k % taps; k < end; i = 0, x += x_channel)
        for (; i < taps && k < end; ++i, ++k, dst += dst_row)
            copy_runs<T, N>(dst, x + tap[i], N > 0 ? runs : p.runs, p.run_count);
    if (k < p.k1) pack_rest(p, k, reach);
}

}  // namespace

// Most panels have few runs, whose offsets then stay in registers.
template <class T>
void Float<T>::pack_panel(const PanelPack<T>& p) {
    switch (p.run_count) {
        case 1:
            return pack<T, 1>(p);
        case 2:
            return pack<T, 2>(p);
        case 3:
            return pack<T, 3>(p);
        case 4:
            return pack<T, 4>(p);
        default:
            return pack<T, 0>(p);
    }
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
