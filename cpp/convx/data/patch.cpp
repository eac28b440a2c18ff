#include "patch.h"

#include <algorithm>

namespace convx {
namespace {

bool axis_touches_padding(const Axis& a, int64_t o0, int64_t o1) {
    return o0 * a.stride - a.lo < 0 || (o1 - 1) * a.stride - a.lo + a.extent() > a.in;
}

}  // namespace

bool touches_padding(const ConvShape& s, const Block& b) {
    return axis_touches_padding(s.d, b.d0, b.d1) || axis_touches_padding(s.h, b.p0, b.p1) ||
           axis_touches_padding(s.w, b.q0, b.q1);
}

PatchLayout::PatchLayout(const ConvShape& s, int64_t d_out, int64_t p_out, int64_t q_out)
    : d(s.d, d_out), h(s.h, p_out), w(s.w, q_out), row(w.elements()), plane(h.count * row), channel(d.count * plane) {}

ConvShape padded_input(const ConvShape& s) {
    const auto axis = [](const Axis& a) { return Axis{a.in, a.in + a.lo + a.hi, 1, 1, 1, a.lo, a.hi}; };
    ConvShape p = s;
    p.d = axis(s.d);
    p.h = axis(s.h);
    p.w = axis(s.w);
    return p;
}

RowWalk rows_of(const ConvShape& s, const PatchLayout& l, const Block& b) {
    return {s.border,
            s.d,
            {b.d0 * s.d.stride - s.d.lo, l.d.step, l.d.slots(s.d, b.d1 - b.d0)},
            s.h,
            {b.p0 * s.h.stride - s.h.lo, l.h.step, l.h.slots(s.h, b.p1 - b.p0)}};
}

template <class T>
PatchMaker<T>::PatchMaker(const ConvShape& s, const View<const T>& x, const Blocking& blocking, const Kernels<T>& k,
                          int64_t least_cols)
    : shape_(s),
      x_(x),
      kernels_(k),
      layout_(s, blocking.d, blocking.p, blocking.q),
      channels_(blocking.channels),
      least_cols_(least_cols),
      array_end_(x.data + offsets_of(x, s.n, s.c, s.d.in, s.h.in, s.w.in).end) {}

template <class T>
int64_t PatchMaker<T>::scratch_elements() const {
    return channels_ * layout_.channel + kernels_.nr;
}

template <class T>
void PatchMaker<T>::fill_table(int64_t* table) {
    const Axis& w = shape_.w;
    for (int64_t s = 0; s < w.kernel; ++s) {
        table[s] = layout_.w.offset(w, s);
        table[w.kernel + s] = s * w.dilation;
    }
    tap_copy_ = table;
    tap_alias_ = table + w.kernel;
}

template <class T>
Patch<T> PatchMaker<T>::make(int64_t n, int64_t first_channel, int64_t c0, int64_t c1, const Block& block, T* scratch,
                             bool filled) const {
    const T* image = x_.data + n * x_.n + (first_channel + c0) * x_.c;
    const ConvShape& s = shape_;
    if (x_.w == 1 && s.w.stride == 1 && block.cols() >= least_cols_ && !touches_padding(s, block))
        return {image + (block.d0 * s.d.stride - s.d.lo) * x_.d + (block.p0 * s.h.stride - s.h.lo) * x_.h + block.q0 -
                    s.w.lo,
                array_end_,
                x_.c,
                s.d.stride * x_.d,
                s.h.stride * x_.h,
                s.d.dilation * x_.d,
                s.h.dilation * x_.h,
                tap_alias_,
                false};
    if (!filled && x_.c == 1 && x_.w != 1 && c1 - c0 > 1)
        copy_pixels(image, c1 - c0, block, scratch);
    else if (!filled)
        copy_channels(image, c1 - c0, block, scratch);
    return filled_patch(s, layout_, scratch, scratch_elements(), tap_copy_, block);
}

template <class T>
void PatchMaker<T>::copy_channels(const T* image, int64_t channels, const Block& b, T* scratch) const {
    const PatchLayout& l = layout_;
    const RowWalk walk = rows_of(shape_, l, b);
    const int64_t column = first_column(shape_, b), row = l.h.step * x_.h;
    for (int64_t c = 0; c < channels; ++c, image += x_.c, scratch += l.channel)
        walk.run(
            [&](int64_t i, int64_t j, int64_t n) { std::fill_n(scratch + i * l.plane + j * l.row, n * l.row, T(0)); },
            [&](int64_t i, int64_t j, int64_t n, int64_t z, int64_t y) {
                copy_rows({image + z * x_.d + y * x_.h, n, row, x_.w}, column, scratch + i * l.plane + j * l.row);
            });
}

template <class T>
void PatchMaker<T>::copy_rows(const Rows<T>& rows, int64_t column, T* dst) const {
    const Axis& w = shape_.w;
    const PatchLayout& l = layout_;
    copy_phases(row_kernels(kernels_), rows, w, l.w, column, dst, l.row, T(0));
    if (shape_.border == Border::zeros) return;
    for (int64_t f = 0; f < l.w.phases; ++f)
        for_each_repeated(shape_.border, w, l.w.columns(w, column, f), [&](int64_t i, int64_t at) {
            const T* from = rows.src + at * rows.column;
            T* to = dst + f * l.w.length + i;
            for (int64_t r = 0; r < rows.count; ++r) to[r * l.row] = from[r * rows.row];
        });
}

// The same from channels that lie side by side: row by row, all channels at once.
template <class T>
void PatchMaker<T>::copy_pixels(const T* image, int64_t channels, const Block& b, T* scratch) const {
    const PatchLayout& l = layout_;
    const int64_t column = first_column(shape_, b);
    rows_of(shape_, l, b)
        .run([&](int64_t i, int64_t j,
                 int64_t n) { clear_rows(channels, n * l.row, scratch + i * l.plane + j * l.row); },
             [&](int64_t i, int64_t j, int64_t n, int64_t z, int64_t y) {
                 const T* source = image + z * x_.d + y * x_.h;
                 T* row = scratch + i * l.plane + j * l.row;
                 for (; n > 0; --n, source += l.h.step * x_.h, row += l.row)
                     transpose_row(source, channels, column, row);
             });
}

template <class T>
void PatchMaker<T>::transpose_row(const T* source, int64_t channels, int64_t column, T* row) const {
    const Axis& w = shape_.w;
    const PatchLayout& l = layout_;
    for (int64_t f = 0; f < l.w.phases; ++f, row += l.w.length) {
        const Positions p = l.w.columns(w, column, f);
        const Range in = p.inside(w.in);
        kernels_.transpose_rows(
            {source + p.at(in.begin) * x_.w, row + in.begin, in.size(), channels, p.step * x_.w, l.channel});
        clear_rows(channels, in.begin, row);
        clear_rows(channels, l.w.length - in.end, row + in.end);
        for_each_repeated(shape_.border, w, p, [&](int64_t i, int64_t at) {
            for (int64_t c = 0; c < channels; ++c) row[c * l.channel + i] = source[at * x_.w + c];
        });
    }
}

// Zeros in `count` elements of each channel.
template <class T>
void PatchMaker<T>::clear_rows(int64_t channels, int64_t count, T* row) const {
    if (count > 0)
        for (int64_t c = 0; c < channels; ++c, row += layout_.channel) std::fill(row, row + count, T(0));
}

#define CONVX_INSTANTIATE(T) template class PatchMaker<T>;
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx
