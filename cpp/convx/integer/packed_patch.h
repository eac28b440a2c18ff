// The input of one block as the integer tiles want it: words of neighbouring channels, laid out as patch.h describes.
#pragma once
#include "../data/patch.h"
#include "integers.h"

namespace convx {

// T: int32_t for words of bytes, int64_t for words of one element of any type.
template <class T>
class PackedPatchMaker {
  public:
    // `words` counts input channels in words, `channels` are those of a group; blocks hold all of them.
    PackedPatchMaker(const ConvShape& packed, int64_t channels, const IntView& x, const Blocking& blocking,
                     const DotKernels<T>& kernels, const PackFormat<T>& format);
    int64_t scratch_elements() const;  // of one block
    int64_t table_elements() const { return shape_.w.kernel; }
    void fill_table(int64_t* table);  // call once before any make

    // filled: scratch holds the block already.
    Patch<T> make(int64_t n, int64_t group, const Block& block, T* scratch, bool filled) const;

  private:
    struct Source {
        const char* x;     // of the first channel of the word, at column 0
        int32_t channels;  // in this word
    };
    void fill_row(const Source& source, int64_t column, T* row, T* line) const;
    void fill_part(const Source& source, const Positions& p, T* dst) const;
    void read(const Source& source, int64_t column, int64_t step, int64_t count, T* dst) const;
    int64_t columns() const;  // from the first to the last that a row holds

    const ConvShape& shape_;
    const int64_t channels_;
    const IntView x_;
    const int64_t size_;  // of an element of x
    const DotKernels<T>& kernels_;
    const PackFormat<T> format_;
    PatchLayout layout_;
    bool by_line_;  // rows are read whole and split after
    const int64_t* tap_ = nullptr;
};

}  // namespace convx
