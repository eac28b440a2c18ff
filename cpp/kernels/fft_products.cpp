// Products of spectra, summed over input channels: frequencies in the lanes, some output channels of one or two tiles
// in registers.
#include "contracts/fft.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class T, int TILES, int ROWS>
__attribute__((noinline)) void sums(const FftProducts<T>& p, const T* z, const T* u, T* m) {
    constexpr int L = LANES<T>;
    vec<T> re[TILES][ROWS], im[TILES][ROWS];
    CONVX_UNROLL
    for (int t = 0; t < TILES; ++t) {
        CONVX_UNROLL
        for (int k = 0; k < ROWS; ++k) {
            const T* const at = m + t * p.m_tile + k * p.m_output;
            re[t][k] = p.first ? vec<T>{} : load(at);
            im[t][k] = p.first ? vec<T>{} : load(at + p.imaginary);
        }
    }
    for (int64_t c = 0; c < p.channels; ++c, z += p.z_channel, u += ROWS * 2 * L) {
        vec<T> z_re[TILES], z_im[TILES];
        CONVX_UNROLL
        for (int t = 0; t < TILES; ++t) {
            z_re[t] = load(z + t * p.z_tile);
            z_im[t] = load(z + t * p.z_tile + p.imaginary);
        }
        CONVX_UNROLL
        for (int k = 0; k < ROWS; ++k) {
            const vec<T> u_re = load(u + 2 * k * L), u_im = load(u + (2 * k + 1) * L);
            CONVX_UNROLL
            for (int t = 0; t < TILES; ++t) {
                re[t][k] += z_re[t] * u_re;
                im[t][k] += z_re[t] * u_im;
                re[t][k] -= z_im[t] * u_im;
                im[t][k] += z_im[t] * u_re;
            }
        }
    }
    CONVX_UNROLL
    for (int t = 0; t < TILES; ++t) {
        CONVX_UNROLL
        for (int k = 0; k < ROWS; ++k) {
            T* const at = m + t * p.m_tile + k * p.m_output;
            store(at, re[t][k]);
            store(at + p.imaginary, im[t][k]);
        }
    }
}

// All tiles for ROWS output channels.
template <class T, int ROWS>
CONVX_INLINE void rows(const FftProducts<T>& p, const T* z, const T* u, T* m) {
    int64_t t = 0;
    for (; t + 2 <= p.tiles; t += 2) sums<T, 2, ROWS>(p, z + t * p.z_tile, u, m + t * p.m_tile);
    if (t < p.tiles) sums<T, 1, ROWS>(p, z + t * p.z_tile, u, m + t * p.m_tile);
}

}  // namespace

template <class T>
void Float<T>::fft_products(const FftProducts<T>& p) {
    constexpr int L = LANES<T>;
    const T* u = p.u;
    for (int64_t j = 0; j < p.length; ++j)
        for (int64_t i = 0; i < p.signals; i += L, u += p.channels * p.outputs * 2 * L) {
            const int64_t f = j * p.row + i;
            int64_t k = 0;
            for (; k + FFT_OUTPUTS <= p.outputs; k += FFT_OUTPUTS)
                rows<T, FFT_OUTPUTS>(p, p.z + f, u + k * p.channels * 2 * L, p.m + f + k * p.m_output);
            for (; k < p.outputs; ++k) rows<T, 1>(p, p.z + f, u + k * p.channels * 2 * L, p.m + f + k * p.m_output);
        }
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
