// im2col of one panel: nr pixels x (k1 - k0) terms of the sum, built from runs of adjacent pixels.
#include "contracts/gemm.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

// Whole vectors may run over the run's end: what follows in the panel is written later, and reads stay below `end`.
template <class T>
CONVX_INLINE void copy_run(T* dst, const T* src, int64_t count, const T* end) {
    constexpr int L = LANES<T>;
    if (src + (count + L - 1) / L * L <= end) {
        for (int64_t i = 0; i < count; i += L) store(dst + i, load(src + i));
    } else {
        for (int64_t i = 0; i < count; i += L) copy_few(dst + i, src + i, count - i < L ? count - i : L);
    }
}

}  // namespace

template <class T>
void Float<T>::pack_panel(const PanelPack<T>& p) {
    const T* x = p.x + p.k0 / p.taps * p.x_channel;
    int64_t tap = p.k0 % p.taps;
    T* dst = p.dst;
    for (int64_t k = p.k0; k < p.k1; ++k, dst += NR<T>) {
        const T* src = x + p.tap[tap];
        for (int32_t r = 0; r < p.run_count; ++r)
            copy_run(dst + p.runs[r].dst, src + p.runs[r].src, p.runs[r].count, p.end);
        if (++tap == p.taps) {
            tap = 0;
            x += p.x_channel;
        }
    }
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
