// The sums of direct tiles, which hold the output channels of a pixel side by side, to rows of pixels.
#include "contracts/direct.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

// Of rows of `pixels`: of all of a vector, or of the first few.
template <class T>
CONVX_INLINE void add_residual(vec<T> (&m)[LANES<T>], const T* from, int64_t row, int64_t channels, int64_t pixels) {
    constexpr int L = LANES<T>;
    CONVX_UNROLL
    for (int l = 0; l < L; ++l) {
        if (l >= channels) break;
        if (pixels == L) {
            m[l] += load(from + l * row);
        } else {
            alignas(64) T edge[L] = {};
            copy_few(edge, from + l * row, pixels);
            m[l] += load(edge);
        }
    }
}

// A vector of pixels by at most a vector of channels, from channel k on.
template <class T>
CONVX_INLINE void block(const SumRows<T>& s, int64_t k, int64_t p, int64_t pixels) {
    constexpr int L = LANES<T>;
    // By value: what is stored might be s, for all that g++ knows.
    const int64_t channels = s.channels - k, row = s.out_channel;
    const T* const bias = s.epilogue.bias;
    vec<T> m[1][L];
    CONVX_UNROLL
    for (int i = 0; i < L; ++i) m[0][i] = i < pixels ? load(s.sums + (p + i) * NR<T> + k) : vec<T>{};
    transpose<T>(m[0]);
    CONVX_UNROLL
    for (int l = 0; l < L; ++l)
        if (bias && l < channels) m[0][l] += splat(bias[k + l]);
    T* out = s.out + k * row + p;
    if (s.epilogue.has_residual) add_residual<T>(m[0], s.epilogue.residual_of(out), row, channels, pixels);
    activate_tile<T, L, 1, L>(m, s.epilogue);
    CONVX_UNROLL
    for (int l = 0; l < L; ++l) {
        if (l >= channels) break;
        if (pixels == L) {
            store(out, m[0][l]);
        } else {
            T edge[L];
            store(edge, m[0][l]);
            copy_few(out, edge, pixels);
        }
        next_row(out, row);
    }
}

template <class T>
__attribute__((noinline)) void few_pixels(const SumRows<T>& s, int64_t k) {
    block(s, k, 0, s.pixels);
}

}  // namespace

// The last block overlaps its neighbour rather than be a part.
template <class T>
void Float<T>::sum_rows(const SumRows<T>& s) {
    constexpr int L = LANES<T>;
    const int64_t channels = s.channels, pixels = s.pixels;
    for (int64_t k = 0; k < channels; k += L) {
        if (pixels < L) {
            few_pixels(s, k);
            continue;
        }
        for (int64_t p = 0; p < pixels; p += L) block(s, k, p + L <= pixels ? p : pixels - L, L);
    }
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
