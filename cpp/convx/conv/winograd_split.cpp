#include "winograd_split.h"

#include <algorithm>

#include "../runtime/parallel.h"

namespace convx::winograd {
namespace {

constexpr double MOST_ELEMENTS = 1e18;

// Outputs of one phase of an axis of `size`.
int64_t places(int64_t size, int64_t phase, const AxisSplit& a) { return ceil_div(size - phase, a.step); }

}  // namespace

ConvShape split(const ConvShape& s) {
    const AxisSplit h(s.h), w(s.w);
    ConvShape p = s;
    p.n *= h.outputs * w.outputs;
    p.c *= h.inputs * w.inputs;
    p.h = h.axis(s.h);
    p.w = w.axis(s.w);
    return p;
}

ConvSpec split(const ConvSpec& s) {
    const AxisSplit h(s.window[1]), w(s.window[2]);
    ConvSpec p = s;
    p.c_per_group *= h.inputs * w.inputs;
    p.window[1] = {h.taps, 1, 1, 0, 0};
    p.window[2] = {w.taps, 1, 1, 0, 0};
    return p;
}

namespace {

// Taps of one phase of a plane, from tap (y, x) on.
template <class T>
T* copy_taps(const T* plane, const Window& h, const Window& w, const AxisSplit& of_h, const AxisSplit& of_w, int64_t y,
             int64_t x, T* to) {
    for (int64_t r = 0; r < of_h.taps; ++r, y += of_h.inputs)
        for (int64_t c = 0, at = x; c < of_w.taps; ++c, at += of_w.inputs)
            *to++ = y < h.kernel && at < w.kernel ? plane[y * w.kernel + at] : T(0);
    return to;
}

}  // namespace

template <class T>
void split_weight(const ConvSpec& s, const T* weight, int threads, T* all) {
    const Window &h = s.window[1], &w = s.window[2];
    const AxisSplit of_h(h), of_w(w);
    const int64_t taps = split(s).taps() * of_h.inputs * of_w.inputs;
    parallel_pieces(worth_a_task(s.k * s.c_per_group, taps), threads, [&](const Range& some, int) {
        for (int64_t i = some.begin; i < some.end; ++i) {
            T* to = all + i * taps;
            for (int64_t phase = 0; phase < of_h.inputs * of_w.inputs; ++phase)
                for (int64_t t = 0; t < s.window[0].kernel; ++t)
                    to = copy_taps(weight + (i * s.window[0].kernel + t) * h.kernel * w.kernel, h, w, of_h, of_w,
                                   phase / of_w.inputs, phase % of_w.inputs, to);
        }
    });
}

template <class T>
SplitArrays<T>::SplitArrays(const ConvShape& s, const Kernels<T>& k)
    : s_(s), kernels_(k), split_(split(s)), h_(s.h), w_(s.w) {}

template <class T>
bool SplitArrays<T>::too_large() const {
    const double in = number(split_.n) * number(s_.d.in) * number(split_.h.in) * number(split_.c) * number(cols());
    return std::max(in, number(split_.n) * number(s_.k) * number(split_.pixels())) > MOST_ELEMENTS;
}

// The outputs of one phase, and what they read.
template <class T>
Axis SplitArrays<T>::along_w(int64_t phase) const {
    Axis w = s_.w;
    w.out = split_.w.out;
    w.stride *= w_.step;
    w.lo -= phase * s_.w.stride;
    return w;
}

template <class T>
void SplitArrays<T>::fill(const T* image, const View<const T>& x, int64_t phase, int64_t part, T* images) const {
    const Axis &h = s_.h, whole{s_.d.in, s_.d.in}, w = along_w(phase % w_.outputs);
    const int64_t first = phase / w_.outputs * h.stride + part % h_.inputs * h.dilation - h.lo;
    const T* const from = image + part / h_.inputs * x.c;
    T* const to = images + part * w_.inputs * cols();
    RowWalk(s_.border, whole, {0, 1, whole.in}, h, {first, h.stride * h_.step, split_.h.in})
        .run(
            [&](int64_t i, int64_t j, int64_t n) {
                for (T* at = to + i * plane() + j * row(); n > 0; --n, at += row())
                    std::fill_n(at, w_.inputs * cols(), T(0));
            },
            [&](int64_t i, int64_t j, int64_t n, int64_t z, int64_t y) {
                copy({from + z * x.d + y * x.h, n, h.stride * h_.step * x.h, x.w}, w, to + i * plane() + j * row());
            });
}

template <class T>
void SplitArrays<T>::copy(const Rows<T>& rows, const Axis& w, T* to) const {
    PhaseAxis layout(w, w.out);
    layout.phases = w_.inputs;  // also where it would be cheaper to have one for each tap
    layout.length = cols();
    layout.start_step = w.dilation;
    layout.per_tap = false;
    copy_phases(row_kernels(kernels_), rows, w, layout, -w.lo, to, row(), T(0));
    for (int64_t f = 0; f < layout.phases; ++f)
        for_each_repeated(s_.border, w, layout.columns(w, -w.lo, f), [&](int64_t i, int64_t at) {
            for (int64_t r = 0; r < rows.count; ++r)
                to[r * row() + f * cols() + i] = rows.src[r * rows.row + at * rows.column];
        });
}

template <class T>
void SplitArrays<T>::join(const T* phases, T* out, PhaseRows<T>* along) const {
    const int64_t rows = s_.h.out, columns = s_.w.out;
    for (int64_t d = 0; d < s_.d.out; ++d, phases += split_.h.out * split_.w.out, out += rows * columns)
        for (int64_t i = 0; i < h_.outputs; ++i) {
            if (w_.step == 1) {
                kernels_.copy_rows({phases + i * out_elements(), out + i * columns, places(rows, i, h_), columns,
                                    h_.step * columns, 1, 0, columns, 0, T(0)});
                continue;
            }
            for (int64_t j = 0; j < w_.outputs; ++j)
                along[j] = {phases + (i * w_.outputs + j) * out_elements(), split_.w.out, j, places(columns, j, w_)};
            kernels_.interleave_rows(
                {along, out + i * columns, places(rows, i, h_), h_.step * columns, w_.step, w_.outputs});
        }
}

template <class T>
void SplitArrays<T>::part(const T* out, T* phases) const {
    const int64_t rows = s_.h.out, columns = s_.w.out;
    for (int64_t d = 0; d < s_.d.out; ++d, phases += split_.h.out * split_.w.out, out += rows * columns)
        for (int64_t i = 0; i < h_.outputs; ++i)
            for (int64_t j = 0; j < w_.outputs; ++j)
                kernels_.copy_rows({out + i * columns + j, phases + (i * w_.outputs + j) * out_elements(),
                                    places(rows, i, h_), h_.step * columns, split_.w.out, w_.step, 0,
                                    places(columns, j, w_), 0, T(0)});
}

#define CONVX_INSTANTIATE(T)                                        \
    template void split_weight(const ConvSpec&, const T*, int, T*); \
    template class SplitArrays<T>;
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::winograd
