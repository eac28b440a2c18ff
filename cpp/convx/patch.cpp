#include "patch.h"

#include <algorithm>
#include <numeric>

#include "border.h"
#include "taps.h"

namespace convx {
namespace {

constexpr int64_t LEAST_CHANNELS = 4;

double as_double(int64_t x) { return static_cast<double>(x); }

// Whether a kernel splits rows into so many phases at once.
bool splits(int64_t phases) { return phases == 2 || phases == 4 || phases == 8; }

bool axis_touches_padding(const Axis& a, int64_t o0, int64_t o1) {
    return o0 * a.stride - a.lo < 0 || (o1 - 1) * a.stride - a.lo + a.extent() > a.in;
}

}  // namespace

bool touches_padding(const ConvShape& s, const Block& b) {
    return axis_touches_padding(s.d, b.d0, b.d1) || axis_touches_padding(s.h, b.p0, b.p1) ||
           axis_touches_padding(s.w, b.q0, b.q1);
}

SlotAxis::SlotAxis(const Axis& a, int64_t outputs)
    : step(std::max<int64_t>(std::gcd(outputs > 1 ? a.stride : 0, a.kernel > 1 ? a.dilation : 0), 1)),
      count(slots(a, outputs)) {}

int64_t SlotAxis::slots(const Axis& a, int64_t outputs) const {
    return ((outputs - 1) * a.stride + (a.kernel - 1) * a.dilation) / step + 1;
}

PhaseAxis::PhaseAxis(const Axis& w, int64_t outputs)
    : phases(w.kernel == 1 ? 1 : w.stride / std::gcd(w.stride, w.dilation)),
      length(outputs + (w.kernel - 1) * w.dilation / w.stride),
      start_step(std::gcd(w.stride, w.dilation)),
      per_tap(as_double(phases) * as_double(length) * (splits(phases) ? 0.5 : 1) >
              as_double(w.kernel) * as_double(outputs)) {
    if (!per_tap) return;
    phases = w.kernel;
    length = outputs;
    start_step = w.dilation;
}

int64_t PhaseAxis::offset(const Axis& w, int64_t tap) const {
    if (per_tap) return tap * length;
    return tap * w.dilation % w.stride / start_step * length + tap * w.dilation / w.stride;
}

PatchLayout::PatchLayout(const ConvShape& s, int64_t d_out, int64_t p_out, int64_t q_out)
    : d(s.d, d_out),
      h(s.h, p_out),
      w(s.w, q_out),
      row(w.phases * w.length),
      plane(h.count * row),
      channel(d.count * plane) {}

double patch_elements(const ConvShape& s, int64_t d_out, int64_t p_out, int64_t q_out) {
    const PhaseAxis w(s.w, q_out);
    return as_double(w.phases) * as_double(w.length) * as_double(SlotAxis(s.h, p_out).count) *
           as_double(SlotAxis(s.d, d_out).count);
}

template <class T>
PatchMaker<T>::PatchMaker(const ConvShape& s, const View<const T>& x, const Blocking& blocking, const Kernels<T>& k,
                          int64_t least_cols)
    : shape_(s),
      x_(x),
      kernels_(k),
      layout_(s, blocking.d, blocking.p, blocking.q),
      channels_(blocking.channels),
      least_cols_(least_cols) {
    const auto reach = [](int64_t stride, int64_t count) { return std::max<int64_t>(stride, 0) * (count - 1); };
    array_end_ =
        x.data + reach(x.n, s.n) + reach(x.c, s.c) + reach(x.d, s.d.in) + reach(x.h, s.h.in) + reach(x.w, s.w.in) + 1;
}

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
    // A row of few channels side by side is not worth a transposition.
    if (!filled && x_.c == 1 && x_.w != 1 && c1 - c0 >= LEAST_CHANNELS)
        copy_pixels(image, c1 - c0, block, scratch);
    else if (!filled)
        copy(image, c1 - c0, block, scratch);
    return filled_patch(s, layout_, scratch, scratch_elements(), tap_copy_, block);
}

template <class T>
void PatchMaker<T>::copy(const T* image, int64_t channels, const Block& b, T* scratch) const {
    const ConvShape& s = shape_;
    const PatchLayout& l = layout_;
    const int64_t d_start = b.d0 * s.d.stride - s.d.lo, h_start = b.p0 * s.h.stride - s.h.lo,
                  column = b.q0 * s.w.stride - s.w.lo;
    const int64_t planes = l.d.slots(s.d, b.d1 - b.d0), slots = l.h.slots(s.h, b.p1 - b.p0);
    const Inside height = inside(h_start, l.h.step, slots, s.h.in);
    for (int64_t c = 0; c < channels; ++c, image += x_.c, scratch += l.channel) {
        for (int64_t i = 0; i < planes; ++i) {
            T* plane = scratch + i * l.plane;
            const int64_t z = source_index(s.border, s.d, d_start + i * l.d.step);
            if (z < 0) {
                std::fill(plane, plane + slots * l.row, T(0));
                continue;
            }
            const T* source = image + z * x_.d;
            copy_edge(source, h_start, height.from, column, plane);
            if (height.from < height.to)
                copy_plane(source + (h_start + height.from * l.h.step) * x_.h, height.to - height.from, column,
                           plane + height.from * l.row);
            copy_edge(source, h_start + height.to * l.h.step, slots - height.to, column, plane + height.to * l.row);
        }
    }
}

// Rows above or below the input, the first of them at first_row.
template <class T>
void PatchMaker<T>::copy_edge(const T* source, int64_t first_row, int64_t rows, int64_t column, T* plane) const {
    for (int64_t i = 0; i < rows; ++i, plane += layout_.row) {
        const int64_t y = source_index(shape_.border, shape_.h, first_row + i * layout_.h.step);
        if (y < 0)
            std::fill(plane, plane + layout_.row, T(0));
        else
            copy_plane(source + y * x_.h, 1, column, plane);
    }
}

// Rows that lie in the input; `column` is where they begin, in the padding perhaps.
template <class T>
void PatchMaker<T>::copy_plane(const T* source, int64_t rows, int64_t column, T* plane) const {
    const Axis& w = shape_.w;
    const PatchLayout& l = layout_;
    const int64_t src_row = l.h.step * x_.h, phases = l.w.phases;
    if (x_.w == 1 && !l.w.per_tap && phases == w.stride && splits(phases)) {
        const Inside in = inside(column, 1, phases * l.w.length, w.in);
        kernels_.split_rows({source + column + in.from, plane, rows, src_row, l.row, in.from, in.to - in.from,
                             l.w.length, static_cast<int32_t>(phases), T(0)});
    } else {
        for (int64_t f = 0; f < phases; ++f) {
            const int64_t start = column + f * l.w.start_step;
            const Inside in = inside(start, w.stride, l.w.length, w.in);
            kernels_.copy_rows({source + (start + in.from * w.stride) * x_.w, plane + f * l.w.length, rows, src_row,
                                l.row, w.stride * x_.w, in.from, in.to - in.from, l.w.length - in.to, T(0)});
        }
    }
    if (shape_.border != Border::zeros) extend_rows(source, rows, column, plane);
}

// The columns of those rows that are padding but not zeros. They are few: one at a time, down all rows.
template <class T>
void PatchMaker<T>::extend_rows(const T* source, int64_t rows, int64_t column, T* plane) const {
    const Axis& w = shape_.w;
    const PatchLayout& l = layout_;
    for (int64_t f = 0; f < l.w.phases; ++f) {
        const int64_t start = column + f * l.w.start_step;
        const Inside in = inside(start, w.stride, l.w.length, w.in);
        for (int64_t i = in.from > 0 ? 0 : in.to; i < l.w.length; i = i + 1 == in.from ? in.to : i + 1) {
            const int64_t at = source_index(shape_.border, w, start + i * w.stride);
            if (at < 0) break;
            const T* from = source + at * x_.w;
            T* to = plane + f * l.w.length + i;
            for (int64_t r = 0; r < rows; ++r) to[r * l.row] = from[r * l.h.step * x_.h];
        }
    }
}

// The same from channels that lie side by side: row by row, all channels at once.
template <class T>
void PatchMaker<T>::copy_pixels(const T* image, int64_t channels, const Block& b, T* scratch) const {
    const ConvShape& s = shape_;
    const PatchLayout& l = layout_;
    const int64_t d_start = b.d0 * s.d.stride - s.d.lo, h_start = b.p0 * s.h.stride - s.h.lo;
    const int64_t planes = l.d.slots(s.d, b.d1 - b.d0), slots = l.h.slots(s.h, b.p1 - b.p0);
    for (int64_t i = 0; i < planes; ++i) {
        T* row = scratch + i * l.plane;
        const int64_t z = source_index(s.border, s.d, d_start + i * l.d.step);
        for (int64_t j = 0; j < slots; ++j, row += l.row) {
            const int64_t y = source_index(s.border, s.h, h_start + j * l.h.step);
            if (z < 0 || y < 0)
                clear_rows(channels, l.row, row);
            else
                transpose_row(image + z * x_.d + y * x_.h, channels, b.q0 * s.w.stride - s.w.lo, row);
        }
    }
}

template <class T>
void PatchMaker<T>::transpose_row(const T* source, int64_t channels, int64_t column, T* row) const {
    const Axis& w = shape_.w;
    const PatchLayout& l = layout_;
    for (int64_t f = 0; f < l.w.phases; ++f, row += l.w.length) {
        const int64_t start = column + f * l.w.start_step;
        const Inside in = inside(start, w.stride, l.w.length, w.in);
        kernels_.transpose_rows({source + (start + in.from * w.stride) * x_.w, row + in.from, in.to - in.from, channels,
                                 w.stride * x_.w, l.channel});
        clear_rows(channels, in.from, row);
        clear_rows(channels, l.w.length - in.to, row + in.to);
        if (shape_.border == Border::zeros) continue;
        for (int64_t i = in.from > 0 ? 0 : in.to; i < l.w.length; i = i + 1 == in.from ? in.to : i + 1) {
            const int64_t at = source_index(shape_.border, w, start + i * w.stride);
            if (at < 0) break;
            for (int64_t c = 0; c < channels; ++c) row[c * l.channel + i] = source[at * x_.w + c];
        }
    }
}

// Zeros in `count` elements of each channel.
template <class T>
void PatchMaker<T>::clear_rows(int64_t channels, int64_t count, T* row) const {
    if (count > 0)
        for (int64_t c = 0; c < channels; ++c, row += layout_.channel) std::fill(row, row + count, T(0));
}

template class PatchMaker<float>;
template class PatchMaker<double>;

}  // namespace convx
