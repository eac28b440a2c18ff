// What register tiles are given as lists: the taps of their pixels, and the vectors of pixels of a block; and the runs
// of pixels that panels are packed from.
#pragma once
#include <algorithm>
#include <cstdint>

#include "../../kernels/kernels.h"
#include "../shape/taps.h"
#include "patch.h"

namespace convx {

// Offsets of the taps of one tile, into the patch and into the weights.
struct TapList {
    const int64_t* x;
    const int64_t* w;
    int64_t count;
};

class TileTaps {
  public:
    static int64_t table_elements(const ConvShape& s) { return 3 * s.taps(); }

    // w_tap: the taps' offsets into the weights; table: room of one thread.
    TileTaps(const ConvShape& shape, const int64_t* w_tap, int64_t* table)
        : s_(shape), w_(w_tap), x_(table), live_x_(table + shape.taps()), live_w_(live_x_ + shape.taps()) {}

    // skip: taps that lie in the padding for all pixels of a tile may be left out.
    template <class T>
    void set(const Patch<T>& patch, bool skip) {
        patch.list_taps(s_, x_);
        skip_ = skip && patch.zeros;
    }

    const int64_t* offsets() const { return x_; }

    TapList all() const { return {x_, w_, s_.taps()}; }

    // Of pixels [q0, q1) of row p of plane d.
    TapList of(int64_t d, int64_t p, int64_t q0, int64_t q1) const {
        if (!skip_) return all();
        const Range depth = live_taps(s_.d, d, d + 1), height = live_taps(s_.h, p, p + 1),
                    width = live_taps(s_.w, q0, q1);
        if (depth.size() * height.size() * width.size() == s_.taps()) return all();
        int64_t n = 0;
        for (int64_t t = depth.begin; t < depth.end; ++t)
            for (int64_t r = height.begin; r < height.end; ++r)
                for (int64_t c = width.begin; c < width.end; ++c, ++n) {
                    const int64_t tap = (t * s_.h.kernel + r) * s_.w.kernel + c;
                    live_x_[n] = x_[tap];
                    live_w_[n] = w_[tap];
                }
        return {live_x_, live_w_, n};
    }

  private:
    const ConvShape& s_;
    const int64_t* const w_;
    int64_t *const x_, *const live_x_, *const live_w_;
    bool skip_ = false;
};

// Vectors of `lanes` pixels that cover the rows of a block, or all its pixels as one row; returns their number.
// overlap: the last vector of a row begins early enough to be whole.
template <class T>
int64_t list_vectors(const Block& b, const Patch<T>& patch, bool one_row, bool overlap, int64_t lanes,
                     PixelVector* vectors) {
    const int64_t planes = one_row ? 1 : b.d1 - b.d0, rows = one_row ? 1 : b.p1 - b.p0;
    const int64_t cols = one_row ? b.pixels() : b.cols();
    PixelVector* v = vectors;
    for (int64_t d = 0; d < planes; ++d)
        for (int64_t p = 0; p < rows; ++p) {
            const int64_t x = d * patch.out_d + p * patch.out_p, out = (d * rows + p) * cols;
            for (int64_t at = 0; at < cols; at += lanes) {
                const int64_t q = overlap && cols >= lanes ? std::min(at, cols - lanes) : at;
                *v++ = {x + q, out + q, std::min(lanes, cols - q)};
            }
        }
    return v - vectors;
}

// Pixels [j, j + count) of a block as vectors of adjacent elements of the patch; returns their number, at most count.
template <class T>
int32_t list_runs(const Patch<T>& patch, const Block& b, int64_t j, int64_t count, int64_t lanes, Run* runs) {
    int32_t n = 0;
    const int64_t row_pixels = b.cols(), plane_rows = b.p1 - b.p0;
    int64_t row = j / row_pixels, q = j % row_pixels;
    for (int64_t at = 0; at < count; ++row, q = 0) {
        const int64_t end = std::min(at + row_pixels - q, count);
        int64_t src = row / plane_rows * patch.out_d + row % plane_rows * patch.out_p + q;
        // The run before may go on.
        const int64_t room = n ? runs[n - 1].dst + lanes - at : 0;
        if (room > 0 && runs[n - 1].src - runs[n - 1].dst == src - at) {
            const int64_t taken = std::min(room, end - at);
            at += taken;
            src += taken;
        }
        for (; at < end; at += lanes, src += lanes) runs[n++] = {at, src};
        at = end;
    }
    return n;
}

}  // namespace convx
