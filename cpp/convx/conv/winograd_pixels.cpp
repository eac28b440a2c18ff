#include "winograd_pixels.h"

#include <algorithm>

#include "../shape/integer_math.h"

namespace convx::winograd {

template <class T>
PixelMaker<T>::PixelMaker(const ConvShape& s, const View<const T>& x, int64_t rows, int64_t cols, int64_t channels,
                          const Kernels<T>& k)
    : padded_(padded_input(s)), x_(x), kernels_(k), maker_(padded_, x, {1, rows, cols, channels, 1, 1, 1}, k) {}

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
    const int64_t z = b.d0 - padded_.d.lo, y = b.p0 - padded_.h.lo;
    const bool inside = z >= 0 && z < padded_.d.in;
    const T* const plane = x_.data + n * x_.n + c0 * x_.c + z * x_.d;
    for (int64_t i = 0; i < rows; ++i, pixels += cols * width) {
        if (inside && y + i >= 0 && y + i < padded_.h.in)
            make_row(plane + (y + i) * x_.h, c1 - c0, b.q0 - padded_.w.lo, cols, width, pixels);
        else
            std::fill_n(pixels, cols * width, T(0));
    }
}

// Of columns [x0, x0 + cols) of a row of the input.
template <class T>
void PixelMaker<T>::make_row(const T* row, int64_t channels, int64_t x0, int64_t cols, int64_t width, T* pixels) const {
    const Range in = Positions{x0, 1, cols}.inside(padded_.w.in);
    std::fill_n(pixels, in.begin * width, T(0));
    std::fill_n(pixels + in.end * width, (cols - in.end) * width, T(0));
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
