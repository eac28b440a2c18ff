// Kernels of the gradient with respect to a weight: the contracts, part of kernels.h.
#pragma once
#include <stdint.h>

namespace convx {

template <class T>
struct WinogradInput;

// out[k*out_row + j] = (first ? 0 : itself) + sum_{i < count} g[k*g_channel + i] * x[tap[j] + i], k < rows, j < taps.
// Lanes are the terms of the sum. g and x are readable up to the next multiple of lanes; what lies there is ignored.
template <class T>
struct RowDots {
    const T* g;
    const T* x;
    T* out;
    const int64_t* tap;
    int64_t count, g_channel, out_row, rows, taps;
    bool first;
};

// w[(a*r + b)*w_tap + t] = (G' M G)[a][b], M[i][j] = m[(i*n + j)*m_point + t], t < channels, for F(4x4, 3x3): n = 6,
// r = 3. Reads and writes up to the next multiple of lanes.
template <class T>
struct WinogradTaps {
    const T* m;
    T* w;
    int64_t channels, m_point, w_tap;
};

template <class T>
struct GradientKernels {
    void (*row_dots)(const RowDots<T>&);
    // As winograd_input, but v = A g A' of 4 x 4 outputs at tap[i*4 + j] for 6 x 6 points.
    void (*winograd_spread)(const WinogradInput<T>&);
    void (*winograd_taps)(const WinogradTaps<T>&);
    double (*sum)(const T* x, int64_t count);  // accumulated in double
};

}  // namespace convx
