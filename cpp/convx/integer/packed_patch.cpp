#include "packed_patch.h"

#include <algorithm>
#include <type_traits>

namespace convx {
namespace {

// dst[i] = src[i*step], four at a time: this is a good part of packing.
template <class T>
void take_every(int64_t step, const T* src, int64_t count, T* dst) {
    int64_t i = 0;
    for (; i + 4 <= count; i += 4, src += 4 * step) {
        const T a = src[0], b = src[step], c = src[2 * step], d = src[3 * step];
        dst[i] = a, dst[i + 1] = b, dst[i + 2] = c, dst[i + 3] = d;
    }
    for (; i < count; ++i, src += step) dst[i] = *src;
}

}  // namespace

template <class T>
PackedPatchMaker<T>::PackedPatchMaker(const ConvShape& packed, int64_t channels, const IntView& x,
                                      const Blocking& blocking, const DotKernels<T>& kernels,
                                      const PackFormat<T>& format)
    : shape_(packed),
      channels_(channels),
      x_(x),
      size_(with_type(x.type, [](auto zero) { return int64_t{sizeof zero}; })),
      kernels_(kernels),
      format_(format),
      layout_(packed, blocking.d, blocking.p, blocking.q),
      by_line_(packed.w.stride > 1 && packed.w.stride <= 4 && x.w == 1 && !layout_.w.per_tap) {}

template <class T>
int64_t PackedPatchMaker<T>::columns() const {
    return (layout_.w.phases - 1) * layout_.w.start_step + (layout_.w.length - 1) * shape_.w.stride + 1;
}

template <class T>
int64_t PackedPatchMaker<T>::scratch_elements() const {
    return shape_.c_per_group() * layout_.channel + kernels_.nr + (by_line_ ? columns() : 0);
}

template <class T>
void PackedPatchMaker<T>::fill_table(int64_t* table) {
    for (int64_t s = 0; s < shape_.w.kernel; ++s) table[s] = layout_.w.offset(shape_.w, s);
    tap_ = table;
}

template <class T>
Patch<T> PackedPatchMaker<T>::make(int64_t n, int64_t group, const Block& b, T* scratch, bool filled) const {
    const ConvShape& s = shape_;
    const PatchLayout& l = layout_;
    T* const line = scratch + s.c_per_group() * l.channel + kernels_.nr;
    const RowWalk walk = rows_of(s, l, b);
    const int64_t column = first_column(s, b);
    for (int64_t c = 0; c < (filled ? 0 : s.c_per_group()); ++c) {
        const int64_t first = c * kernels_.parts;
        const char* image = static_cast<const char*>(x_.data) + (n * x_.n + (group * channels_ + first) * x_.c) * size_;
        const auto channels = static_cast<int32_t>(std::min<int64_t>(kernels_.parts, channels_ - first));
        T* const to = scratch + c * l.channel;
        walk.run([&](int64_t i, int64_t j,
                     int64_t rows) { std::fill_n(to + i * l.plane + j * l.row, rows * l.row, format_.fill); },
                 [&](int64_t i, int64_t j, int64_t rows, int64_t z, int64_t y) {
                     for (int64_t r = 0; r < rows; ++r)
                         fill_row({image + (z * x_.d + (y + r * l.h.step) * x_.h) * size_, channels}, column,
                                  to + i * l.plane + (j + r) * l.row, line);
                 });
    }
    return filled_patch<T>(s, l, scratch, scratch_elements(), tap_, b);
}

// `column` is where the row begins, in the padding perhaps.
template <class T>
void PackedPatchMaker<T>::fill_row(const Source& source, int64_t column, T* row, T* line) const {
    const PhaseAxis& w = layout_.w;
    if (by_line_) {
        fill_part(source, {column, 1, columns()}, line);
        for (int64_t f = 0; f < w.phases; ++f, row += w.length)
            take_every(shape_.w.stride, line + f * w.start_step, w.length, row);
        return;
    }
    for (int64_t f = 0; f < w.phases; ++f, row += w.length) fill_part(source, w.columns(shape_.w, column, f), row);
}

template <class T>
void PackedPatchMaker<T>::fill_part(const Source& source, const Positions& p, T* dst) const {
    const Range in = p.inside(shape_.w.in);
    std::fill(dst, dst + in.begin, format_.fill);
    if (!in.empty()) read(source, p.at(in.begin), p.step, in.size(), dst + in.begin);
    std::fill(dst + in.end, dst + p.count, format_.fill);
    for_each_repeated(shape_.border, shape_.w, p, [&](int64_t i, int64_t at) { read(source, at, 1, 1, dst + i); });
}

template <class T>
void PackedPatchMaker<T>::read(const Source& source, int64_t column, int64_t step, int64_t count, T* dst) const {
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

#define CONVX_INSTANTIATE(T) template class PackedPatchMaker<T>;
CONVX_WORDS(CONVX_INSTANTIATE)

}  // namespace convx
