// Blocks of the padded input with the channels of a pixel side by side, which Winograd's transform reads.
#pragma once
#include "../data/patch.h"

namespace convx::winograd {

template <class T>
class PixelMaker {
  public:
    // Of at most so many rows, columns and channels.
    PixelMaker(const ConvShape& s, const View<const T>& x, int64_t rows, int64_t cols, int64_t channels,
               const Kernels<T>& k);
    int64_t scratch_elements() const { return direct() ? 0 : maker_.scratch_elements() + kernels_.lanes; }
    int64_t table_elements() const { return maker_.table_elements(); }
    void fill_table(int64_t* table) { maker_.fill_table(table); }

    // pixels[(row*cols + col)*width + channel], the channels rounded up to `width`, from channels [c0, c1) of image n.
    // block: one plane of the input as padding makes it, [d0, d0 + 1) x [p0, p1) x [q0, q1); of a map
    // with gaps, in rows.
    void make(int64_t n, int64_t c0, int64_t c1, const Block& block, T* scratch, T* pixels) const;

  private:
    bool direct() const { return padded_.border == Border::zeros && (x_.w == 1 || x_.c == 1); }
    void make_spaced(const T* plane, int64_t channels, const Block& block, int64_t width, T* pixels) const;
    void make_row(const T* row, int64_t channels, int64_t x0, int64_t cols, int64_t size, int64_t width,
                  T* pixels) const;

    const ConvShape padded_;  // whose outputs are the padded input
    const int64_t gap_;       // pixels from tap to tap of a map taken as one row, else 0
    const View<const T> x_;
    const Kernels<T>& kernels_;
    PatchMaker<T> maker_;
};

}  // namespace convx::winograd
