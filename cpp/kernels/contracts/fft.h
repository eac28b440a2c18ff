// Fourier transforms of many signals side by side, and the products of their spectra. A complex number is two numbers
// `imaginary` elements apart: whole vectors of real parts, then of imaginary ones. Signals are counted up to a multiple
// of lanes.
#pragma once
#include <stdint.h>

#include "epilogue.h"

namespace convx {

// In place, element j of signal i being x[j*row + i] and x[j*row + imaginary + i]. A pass of radix r works on blocks of
// r*m elements; fft_forward makes of each block
//   y[q*m + j] = w^(j*q) * sum over p < r of e^(-2 pi i p q / r) x[p*m + j],  w = e^(-2 pi i / (r*m)),
// the longest blocks first, and leaves frequencies in the order of their reversed digits. fft_inverse takes them in
// this order and undoes it, but for the factor `length`: neither puts anything in order. Radices: 2, 3, 4, 5, 8.
template <class T>
struct Fft {
    T* x;
    const T* twiddles;       // of each pass whose m > 1: [j < m][q = 1 ... r - 1][real, imaginary part of w^(j*q)]
    const int32_t* radices;  // their product is the length
    int64_t length, row, imaginary, signals;
    int32_t passes;
};

// x[j*row + i] *= outer[j][i/lanes] * inner[j][i % lanes], or by its conjugate: w^(j*i) for any i from two short
// tables. outer: [j][i/lanes][real, imaginary]; inner: [j][real, imaginary][lane].
template <class T>
struct FftTwist {
    T* x;
    const T *outer, *inner;
    int64_t length, row, imaginary, signals;
    bool conjugate;
};

// m[t*m_tile + k*m_output + f] = (first ? 0 : itself) + sum over c < channels of z[t*z_tile + c*z_channel + f] *
// u(f, k, c) for all frequencies f = (j, i), at [j*row + i] and [j*row + imaginary + i], t < tiles, k < outputs. u
// holds [f/lanes][block of outputs][c][k][real, imaginary][f % lanes]: blocks of `fft_outputs` of the table, then
// single ones.
template <class T>
struct FftProducts {
    const T* z;
    const T* u;
    T* m;
    int64_t length, row, imaginary, signals;
    int64_t tiles, channels, outputs;
    int64_t z_tile, z_channel, m_tile, m_output;
    bool first;
};

// out[r*out_row + i] = act(x[r*x_row + i*step] + *bias), r < rows, i < count. With step 1 x is readable up to the next
// multiple of lanes.
template <class T>
struct FftStore {
    const T* x;
    T* out;
    int64_t rows, count, x_row, out_row, step;
    Epilogue<T> epilogue;  // its bias is that of this output channel
};

}  // namespace convx
