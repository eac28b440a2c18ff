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

// Terms k0 <= k < k1 of one tap, as far as whole vectors of `reach` elements may be read; returns the first that is
// left.
template <class T, int N>
CONVX_INLINE int64_t pack_channels(const PanelPack<T>& p, const Run (&runs)[N], int64_t reach) {
    const int64_t x_channel = p.x_channel, dst_row = p.dst_row;
    const T* src = p.x + p.k0 * x_channel + *p.tap;
    const int64_t room = p.end - src - reach;
    if (room < 0 || x_channel <= 0) return p.k0;
    const int64_t whole = p.k0 + room / x_channel + 1, end = whole < p.k1 ? whole : p.k1;
    T* dst = p.dst;
    for (int64_t k = p.k0; k < end; ++k, src += x_channel, dst += dst_row) copy_runs<T, N>(dst, src, runs, N);
    return end;
}

template <class T, int N>
void pack(const PanelPack<T>& p) {
    Run runs[N > 0 ? N : 1] = {};
    CONVX_UNROLL
    for (int r = 0; r < N; ++r) runs[r] = p.runs[r];
    int64_t reach = 0;  // of the vectors, from a term's first element
    for (int r = 0; r < p.run_count; ++r) reach = p.runs[r].src > reach ? p.runs[r].src : reach;
    reach += LANES<T>;

    int64_t k = p.k0;
    if constexpr (N == 1 || N == 2) {
        if (p.taps == 1) k = pack_channels<T, N>(p, runs, reach);
    }
    const T* x = p.x + k / p.taps * p.x_channel;
    const int64_t *tap = p.tap + k % p.taps, *const last_tap = p.tap + p.taps;
    T* dst = p.dst + (k - p.k0) * p.dst_row;
    for (; k < p.k1; ++k, dst += p.dst_row) {
        const T* src = x + *tap;
        if (p.end - src >= reach)
            copy_runs<T, N>(dst, src, N > 0 ? runs : p.runs, p.run_count);
        else
            copy_elements(dst, src, p);
        if (++tap == last_tap) {
            tap = p.tap;
            x += p.x_channel;
        }
    }
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
