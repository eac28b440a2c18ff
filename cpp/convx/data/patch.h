// The input of one block as the kernels want it: padded, unit stride from output pixel to output pixel, taps at
// constant offsets. Either a copy in scratch or, where nothing needs changing, the caller's own array.
#pragma once
#include <cstdint>

#include "../../kernels/kernels.h"
#include "../shape/shape.h"
#include "../shape/view.h"
#include "blocking.h"
#include "row_layout.h"

namespace convx {

struct PatchLayout {
    SlotAxis d, h;
    PhaseAxis w;
    int64_t row, plane, channel;  // strides in elements
    PatchLayout(const ConvShape& s, int64_t d_out, int64_t p_out, int64_t q_out);
};

// Where the taps of a block's pixels lie: element (c, t, r, s) of output (d, p, q), counted from the block's corner, is
// x[c*channel + d*out_d + p*out_p + q + tap(t, r, s)].
template <class T>
struct Patch {
    const T* x;
    const T* end;  // reads stay below
    int64_t channel, out_d, out_p;
    int64_t tap_d, tap_h;
    const int64_t* tap_w;
    bool zeros;  // some element is the zero of padding
    int64_t tap(int64_t t, int64_t r, int64_t s) const { return t * tap_d + r * tap_h + tap_w[s]; }
    // Rows that follow each other without a gap, as those of a 1x1 kernel do, are one ...
    bool rows_follow(const Block& b) const {
        return out_p == b.cols() && (b.d1 - b.d0 == 1 || out_d == (b.p1 - b.p0) * out_p);
    }
    // ... whose pixels have all taps.
    bool is_one_row(const Block& b) const { return !zeros && rows_follow(b); }
    void list_taps(const ConvShape& shape, int64_t* taps) const {
        for (int64_t t = 0; t < shape.d.kernel; ++t)
            for (int64_t r = 0; r < shape.h.kernel; ++r)
                for (int64_t s = 0; s < shape.w.kernel; ++s) *taps++ = tap(t, r, s);
    }
};

// Whether some pixel of the block reads beyond the input.
bool touches_padding(const ConvShape& s, const Block& b);

// Whether that makes copies of what lies channels first.
inline bool copies(const ConvShape& s) {
    return s.w.stride > 1 || touches_padding(s, {0, s.d.out, 0, s.h.out, 0, s.w.out});
}

// The convolution whose outputs are the padded input.
ConvShape padded_input(const ConvShape& s);

// The rows of a block along D and H, slot by slot.
RowWalk rows_of(const ConvShape& s, const PatchLayout& l, const Block& b);

// The input column that the first tap of a block's first output reads.
inline int64_t first_column(const ConvShape& s, const Block& b) { return b.q0 * s.w.stride - s.w.lo; }

// Scratch filled as the layout says, seen as a patch; tap_w holds the taps' offsets within a row.
template <class T>
Patch<T> filled_patch(const ConvShape& s, const PatchLayout& l, const T* scratch, int64_t elements,
                      const int64_t* tap_w, const Block& b) {
    return {scratch,
            scratch + elements,
            l.channel,
            s.d.stride / l.d.step * l.plane,
            s.h.stride / l.h.step * l.row,
            s.d.dilation / l.d.step * l.plane,
            s.h.dilation / l.h.step * l.row,
            tap_w,
            s.border == Border::zeros && touches_padding(s, b)};
}

template <class T>
class PatchMaker {
  public:
    // Blocks of fewer than least_cols columns are always copied: for kernels that read whole vectors.
    PatchMaker(const ConvShape& s, const View<const T>& x, const Blocking& blocking, const Kernels<T>& k,
               int64_t least_cols = 1);
    int64_t scratch_elements() const;  // of one block's copy
    int64_t table_elements() const { return 2 * shape_.w.kernel; }
    void fill_table(int64_t* table);  // call once before any make

    // Channels [c0, c1) of the group that starts at channel `first_channel` of image n. filled: scratch holds them
    // already.
    Patch<T> make(int64_t n, int64_t first_channel, int64_t c0, int64_t c1, const Block& block, T* scratch,
                  bool filled = false) const;

  private:
    void copy_channels(const T* image, int64_t channels, const Block& block, T* scratch) const;
    void copy_pixels(const T* image, int64_t channels, const Block& block, T* scratch) const;
    void copy_rows(const Rows<T>& rows, int64_t column, T* dst) const;
    void transpose_row(const T* source, int64_t channels, int64_t column, T* row) const;
    void clear_rows(int64_t channels, int64_t count, T* row) const;

    const ConvShape& shape_;
    const View<const T> x_;
    const Kernels<T>& kernels_;
    PatchLayout layout_;
    int64_t channels_, least_cols_;
    const T* array_end_;
    const int64_t* tap_copy_ = nullptr;   // offsets along W within a copied row
    const int64_t* tap_alias_ = nullptr;  // and within the caller's row
};

}  // namespace convx
