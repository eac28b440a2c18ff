// Winograd's transforms.
#pragma once
#include <stdint.h>

#include "epilogue.h"

namespace convx {

// One Winograd scheme F(m x m, r x r) works on n x n points, n = m + r - 1: (m, n) = (4, 6), (2, 4) or (2, 6); with
// stride 2 and r = 3 on n = 2 m + 1, m = 4: the m + 1 points of the even inputs, then the m odd inputs themselves.

// u[(i*n + j)*u_point + c*nr + k] = (G w G')[i][j], w[a][b] = w[(c*r*r + a*r + b)*nr + k], for a slab of nr output
// channels.
template <class T>
struct WinogradWeight {
    const T* w;
    T* u;
    const double* g;  // n x r
    int64_t channels, u_point;
    int32_t points, taps;  // n, r; with stride 2 n counts the odd inputs, which share their weights, as one
};

// v[(i*n + j)*v_point + c*v_channel + y*tiles + t] = (B' d B)[i][j], d[i][j] = x[c*x_channel + y*x_row + tap[i*n + j] +
// t]. Lanes are tiles. Reads and writes up to lanes - 1 elements behind the last tile of a row.
template <class T>
struct WinogradInput {
    const T* x;
    T* v;
    const int64_t* tap;
    int64_t channels, rows, tiles;
    int64_t x_channel, x_row, v_channel, v_point;
    int32_t points;  // n
};

// out[k*out_channel + i*out_row + (m*t + j)*out_pixel] = act((A' M A)[i][j] + bias[k]), M[i][j] = m[(i*n + j)*m_point +
// t*m_tile + k], for i < height and m*t + j < width; out_channel or out_pixel is 1. Lanes are output channels.
template <class T>
struct WinogradOutput {
    const T* m;  // readable, for each point and tile, up to the next multiple of lanes of channels
    T* out;
    int64_t tiles, width, height;
    int64_t m_point, m_tile, out_channel, out_row, out_pixel;
    int32_t channels;
    int32_t points, outputs;  // n, m
    Epilogue<T> epilogue;
};

// w[(a*r + b)*w_tap + t] = (G' M G)[a][b], M[i][j] = m[(i*n + j)*m_point + t], t < channels, for F(4x4, 3x3): n = 6,
// r = 3. Reads and writes up to the next multiple of lanes.
template <class T>
struct WinogradGradWeight {
    const T* m;
    T* w;
    int64_t channels, m_point, w_tap;
};

}  // namespace convx
