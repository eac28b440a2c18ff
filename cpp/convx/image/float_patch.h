// The input of one block of an image's filter as floats, padded and laid out as every patch is.
#pragma once
#include <cstdint>

#include "../data/patch.h"
#include "image_filter.h"

namespace convx {

// T: float or double.
template <class T>
class FloatPatchMaker {
  public:
    // Blocks have at most p rows of q columns.
    FloatPatchMaker(const ImageFilter& f, const Context& context, int64_t p, int64_t q)
        : f_(f), context_(context), layout_(f.shape, 1, p, q) {}

    int64_t elements() const { return f_.shape.c_per_group() * layout_.channel; }
    const PatchLayout& layout() const { return layout_; }

    // Where each tap of each channel lies, counted from an output's first one.
    void list_taps(int64_t* taps) const;

    // The channels of a group from first_channel of image n on.
    void make(int64_t n, int64_t first_channel, const Block& b, T* patch) const;

  private:
    struct Lines {  // of the input: the first, how many, and their distance
        const char* src;
        int64_t count, step;
    };
    void copy(const Lines& lines, int64_t column, T* dst) const;

    const ImageFilter& f_;
    const Context& context_;
    const PatchLayout layout_;
};

}  // namespace convx
