#include "winograd_pixels.h"

#include <algorithm>

#include "../shape/integer_math.h"
#include "winograd_schemes.h"

namespace convx::winograd {

template <class T>
PixelMaker<T>::PixelMaker(const ConvShape& s, const View<const T>& x, int64_t rows, int64_t cols, int64_t channels,
                          const Kernels<T>& k)
    : padded_(padded_input(s)),
      gap_(has_gaps(s) ? s.h.dilation * s.w.in : 0),
      x_(x),
      kernels_(k),
      maker_(padded_, x, {1, rows, cols, channels, 1, 1, 1}, k) {}

template <class T>
void PixelMaker<T>::make(int64_t n, int64_t c0, int64_t c1, const Block& b, T* scratch, T* pixels) const {
    const int64_t rows = b.p1 - b.p0, cols = b.cols(), width = round_up(c1 - c0, kernels_.lanes);
    if (!direct()) {
        const Patch<T> patch = maker_.make(n, 0, c0, c1, b, scratch);
        for (int64_t i = 0; i < rows; ++i)
            kernels_.transpose_rows(
                {patch.x + i * patch.out_p, pixels + i * cols * width, c1 - c0, cols, patch.channel, width});
        return;
    }
    const int64_t z = b.d0 - padded_.d.lo;
    if (z < 0 || z >= padded_.d.in) {
        std::fill_n(pixels, rows * cols * width, T(0));
        return;
    }
    const T* const plane = x_.data + n * x_.n + c0 * x_.c + z * x_.d;
    if (gap_ > 0)
        make_spaced(plane, c1 - c0, b, width, pixels);
    else
        for (int64_t i = 0, y = b.p0 - padded_.h.lo; i < rows; ++i, ++y, pixels += cols * width)
            make_row(plane + y * x_.h, c1 - c0, b.q0 - padded_.w.lo, cols,
                     y >= 0 && y < padded_.h.in ? padded_.w.in : 0, width, pixels);
}

// Rows of a block gap_ apart; side by side they are one.
template <class T>
void PixelMaker<T>::make_spaced(const T* plane, int64_t channels, const Block& b, int64_t width, T* pixels) const {
    const int64_t size = padded_.h.in * padded_.w.in, rows = b.p1 - b.p0;
    const int64_t x0 = b.p0 * gap_ + b.q0 - padded_.h.lo * padded_.w.in;
    if (b.cols() == gap_) return make_row(plane, channels, x0, rows * gap_, size, width, pixels);
    for (int64_t i = 0; i < rows; ++i)
        make_row(plane, channels, x0 + i * gap_, b.cols(), size, width, pixels + i * b.cols() * width);
}

// Columns [x0, x0 + cols) of a row of `size` pixels.
template <class T>
void PixelMaker<T>::make_row(const T* row, int64_t channels, int64_t x0, int64_t cols, int64_t size, int64_t width,
                             T* pixels) const {
    const Range in = Positions{x0, 1, cols}.inside(size);
    std::fill_n(pixels, in.begin * width, T(0));
    std::fill_n(pixels + in.end * width, (cols - in.end) * width, T(0));
    if (in.size() == 0) return;
    const T* const from = row + (x0 + in.begin) * x_.w;
    T* const to = pixels + in.begin * width;
    if (x_.c == 1)
        kernels_.copy_rows({from, to, in.size(), x_.w, width, 1, 0, channels, width - channels, T(0)});
    else
        kernels_.transpose_rows({from, to, channels, in.size(), x_.c, width});
}

#define CONVX_INSTANTIATE(T) template class PixelMaker<T>;
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::winograd
