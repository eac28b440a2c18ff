// Winograd's transforms and products.
#pragma once
#include <stdint.h>

#include "epilogue.h"

namespace convx {

// A scheme is a pair of schemes F(m, r), one along each axis: n = m + r - 1 inputs of a tile become n points, and m
// outputs. 4 points are 0, +-1, infinity; 5, for r = 2, +-1/2, +-5/4, infinity; 6 are 0, +-3/4, +-3/2, infinity; 7, for
// r = 3, +-3/8, +-7/8, +-15/8, infinity; 8 are 0, +-1/2, +-1, +-2, infinity. 1 is an axis of one tap, left as it is. 9
// are those of stride 2 and r = 3: the 5 of the even inputs, then the 4 odd inputs themselves. Point (i, j) of a tile
// is counted i*nw + j.

// Six points may be those of eight without +-1, with a gap of 2 in their place: a tile of two outputs less, which
// shares the weights of tiles with eight. G divides by two differences more than it had for six, which A' takes back.
// Of floats alone, and where neither axis has one point.

// u[(i*nw + j)*u_point + c*nr + k] = (Gh w Gw')[i][j], w[a][b] = w[c*w_channel + (a*rw + b)*nr + k], for a slab of nr
// output channels. With stride 2 n counts the odd inputs, which share their weights, as one.
template <class T>
struct WinogradWeight {
    const T* w;
    T* u;
    const double *gh, *gw;  // nh x rh, nw x rw
    int64_t channels, w_channel, u_point;
    int32_t nh, nw, rh, rw;
};

// v[(i*nw + j)*v_point + (y*cols + t)*v_tile + c] = (Bh' d Bw)[i][j], d[i][j] = x[y*x_row + i*x_tap + (t*step +
// j)*x_pixel + c], for tiles (y, t). Lanes are channels, read and written up to the next multiple of lanes. The
// gradient of F(4x4, 3x3) by its output is transformed alike: by A (6 x 4) instead of B', whatever nh and nw say.
template <class T>
struct WinogradInput {
    const T* x;
    T* v;
    int64_t rows, cols, channels;
    int64_t x_row, x_tap, x_pixel, step;
    int64_t v_tile, v_point;
    int32_t nh, nw;
    int32_t gap_h = 0, gap_w = 0;  // points left out behind the third; counted in nw above
};

// m[t*m_tile + k] = (first ? 0 : m[t*m_tile + k]) + sum over taps a and channels c of v[a*v_tap + t*v_tile + c] *
// u[a*u_tap + c*nr + k], for t < tiles, k < cols; m is added last.
template <class T>
struct WinogradProducts {
    const T* v;
    const T* u;
    T* m;
    const T* next;  // null, or as many weights, wanted after these: brought into the cache meanwhile
    int64_t tiles, taps, channels;
    int64_t v_tap, v_tile, u_tap, m_tile;
    int32_t cols;  // a multiple of lanes, at most nr
    bool first;
};

// out[k*out_channel + i*out_row + (mw*t + j)*out_pixel] = act((Ah' M Aw)[i][j] + bias[k]), M[i][j] = m[(i*nw +
// j)*m_point + t*m_tile + k], for i < height and mw*t + j < width; out_channel or out_pixel is 1. Lanes are output
// channels. With nh = 1 the outputs of `period` <= 2*lanes tiles may alternate: pixel (t/period*mw + j)*period +
// t%period instead of mw*t + j, for whole rows of so many tiles.
template <class T>
struct WinogradOutput {
    const T* m;  // readable, for each point and tile, up to the next multiple of lanes of channels
    T* out;
    int64_t tiles, width, height;
    int64_t m_point, m_tile, out_channel, out_row, out_pixel, period;
    int32_t channels;
    int32_t nh, nw, mh, mw;
    Epilogue<T> epilogue;
    int32_t gap_h = 0, gap_w = 0;  // points left out behind the third; counted in nw above
    bool far_out = false;          // outputs are not in the cache yet
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
