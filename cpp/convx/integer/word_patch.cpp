#include "word_patch.h"

#include <algorithm>
#include <type_traits>

#include "../border.h"
#include "../taps.h"

namespace convx {

template <class T>
WordPatchMaker<T>::WordPatchMaker(const ConvShape& words, int64_t channels, const IntView& x, const Blocking& blocking,
                                  const DotKernels<T>& kernels, const WordFormat<T>& format)
    : shape_(words),
      channels_(channels),
      x_(x),
      size_(with_type(x.type, [](auto zero) { return int64_t{sizeof zero}; })),
      kernels_(kernels),
      format_(format),
      layout_(words, blocking.d, blocking.p, blocking.q),
      by_line_(words.w.stride > 1 && words.w.stride <= 4 && x.w == 1 && !layout_.w.per_tap) {}

template <class T>
int64_t WordPatchMaker<T>::columns() const {
    return (layout_.w.phases - 1) * layout_.w.start_step + (layout_.w.length - 1) * shape_.w.stride + 1;
}

template <class T>
int64_t WordPatchMaker<T>::scratch_elements() const {
    return shape_.c_per_group() * layout_.channel + kernels_.nr + (by_line_ ? columns() : 0);
}

template <class T>
void WordPatchMaker<T>::fill_table(int64_t* table) {
    for (int64_t s = 0; s < shape_.w.kernel; ++s) table[s] = layout_.w.offset(shape_.w, s);
    tap_ = table;
}

template <class T>
Patch<T> WordPatchMaker<T>::make(int64_t n, int64_t group, const Block& b, T* scratch, bool filled) const {
    const ConvShape& s = shape_;
    const PatchLayout& l = layout_;
    T* const line = scratch + s.c_per_group() * l.channel + kernels_.nr;
    const int64_t start = b.d0 * s.d.stride - s.d.lo, planes = filled ? 0 : l.d.slots(s.d, b.d1 - b.d0);
    const int64_t rows = l.h.slots(s.h, b.p1 - b.p0);
    for (int64_t c = 0; c < s.c_per_group(); ++c) {
        const int64_t first = c * kernels_.parts;
        const char* image = static_cast<const char*>(x_.data) + (n * x_.n + (group * channels_ + first) * x_.c) * size_;
        const auto channels = static_cast<int32_t>(std::min<int64_t>(kernels_.parts, channels_ - first));
        for (int64_t i = 0; i < planes; ++i) {
            const int64_t z = source_index(s.border, s.d, start + i * l.d.step);
            T* const plane = scratch + c * l.channel + i * l.plane;
            if (z < 0)
                std::fill(plane, plane + rows * l.row, format_.fill);
            else
                fill_plane({image + z * x_.d * size_, channels}, b.p0 * s.h.stride - s.h.lo, rows,
                           b.q0 * s.w.stride - s.w.lo, plane, line);
        }
    }
    return filled_patch<T>(s, l, scratch, scratch_elements(), tap_, b);
}

template <class T>
void WordPatchMaker<T>::fill_plane(const Source& source, int64_t first_row, int64_t rows, int64_t column, T* plane,
                                   T* line) const {
    for (int64_t i = 0; i < rows; ++i, plane += layout_.row) {
        const int64_t y = source_index(shape_.border, shape_.h, first_row + i * layout_.h.step);
        if (y < 0)
            std::fill(plane, plane + layout_.row, format_.fill);
        else
            fill_row({source.x + y * x_.h * size_, source.channels}, column, plane, line);
    }
}

// `column` is where the row begins, in the padding perhaps.
template <class T>
void WordPatchMaker<T>::fill_row(const Source& source, int64_t column, T* row, T* line) const {
    const PhaseAxis& w = layout_.w;
    const int64_t stride = shape_.w.stride;
    if (by_line_) {
        fill_part(source, column, 1, columns(), line);
        for (int64_t f = 0; f < w.phases; ++f, row += w.length)
            for (int64_t i = 0; i < w.length; ++i) row[i] = line[f * w.start_step + i * stride];
        return;
    }
    for (int64_t f = 0; f < w.phases; ++f, row += w.length)
        fill_part(source, column + f * w.start_step, stride, w.length, row);
}

// Columns start, start + step, ...
template <class T>
void WordPatchMaker<T>::fill_part(const Source& source, int64_t start, int64_t step, int64_t count, T* dst) const {
    const Inside in = inside(start, step, count, shape_.w.in);
    const auto beyond = [&](int64_t from, int64_t to) {
        if (shape_.border == Border::zeros) return std::fill(dst + from, dst + to, format_.fill);
        for (int64_t i = from; i < to; ++i) {
            const int64_t at = source_index(shape_.border, shape_.w, start + i * step);
            at < 0 ? void(dst[i] = format_.fill) : read(source, at, 1, 1, dst + i);
        }
    };
    beyond(0, in.from);
    if (in.from < in.to) read(source, start + in.from * step, step, in.to - in.from, dst + in.from);
    beyond(in.to, count);
}

template <class T>
void WordPatchMaker<T>::read(const Source& source, int64_t column, int64_t step, int64_t count, T* dst) const {
    const char* x = source.x + column * x_.w * size_;
    if constexpr (std::is_same_v<T, int32_t>) {
        kernels_.dot_words({reinterpret_cast<const uint8_t*>(x), dst, count, step * x_.w, x_.c, source.channels,
                            format_.flip, format_.offset});
    } else {
        with_type(x_.type, [&](auto zero) {
            const auto* elements = reinterpret_cast<const decltype(zero)*>(x);
            for (int64_t i = 0; i < count; ++i) dst[i] = elements[i * step * x_.w];
        });
    }
}

template class WordPatchMaker<int32_t>;
template class WordPatchMaker<int64_t>;

}  // namespace convx
