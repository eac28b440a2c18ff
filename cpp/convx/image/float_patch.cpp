#include "float_patch.h"

#include <algorithm>

namespace convx {

template <class T>
void FloatPatchMaker<T>::list_taps(int64_t* taps) const {
    const ConvShape& s = f_.shape;
    const PatchLayout& l = layout_;
    for (int64_t c = 0; c < s.c_per_group(); ++c)
        for (int64_t t = 0; t < s.d.kernel; ++t)
            for (int64_t r = 0; r < s.h.kernel; ++r)
                for (int64_t i = 0; i < s.w.kernel; ++i)
                    *taps++ = c * l.channel + t * s.d.dilation / l.d.step * l.plane +
                              r * s.h.dilation / l.h.step * l.row + l.w.offset(s.w, i);
}

template <class T>
void FloatPatchMaker<T>::make(int64_t n, int64_t first_channel, const Block& b, T* patch) const {
    const View<const char>& x = f_.x;
    const PatchLayout& l = layout_;
    const RowWalk walk = rows_of(f_.shape, l, b);
    const int64_t column = first_column(f_.shape, b);
    for (int64_t c = 0; c < f_.shape.c_per_group(); ++c, patch += l.channel) {
        const int64_t image = n * x.n + (first_channel + c) * x.c;
        walk.run(
            [&](int64_t i, int64_t j, int64_t count) {
                std::fill_n(patch + i * l.plane + j * l.row, count * l.row, static_cast<T>(f_.fill));
            },
            [&](int64_t i, int64_t j, int64_t count, int64_t z, int64_t y) {
                const char* src = x.data + (image + z * x.d + y * x.h) * f_.pixels.size;
                copy({src, count, l.h.step * x.h}, column, patch + i * l.plane + j * l.row);
            });
    }
}

template <class T>
void FloatPatchMaker<T>::copy(const Lines& lines, int64_t column, T* dst) const {
    const Axis& w = f_.shape.w;
    const PatchLayout& l = layout_;
    const auto pixel = [&](int64_t at) { return lines.src + at * f_.x.w * f_.pixels.size; };
    for (int64_t f = 0; f < l.w.phases; ++f, dst += l.w.length) {
        const Positions p = l.w.columns(w, column, f);
        const Range in = p.inside(w.in);
        f_.pixels.rows(context_, {pixel(in.empty() ? 0 : p.at(in.begin)), dst, lines.count, lines.step, l.row,
                                  p.step * f_.x.w, in.begin, in.size(), p.count - in.end, f_.fill, sizeof(T) == 8});
        for_each_repeated(f_.shape.border, w, p, [&](int64_t i, int64_t at) {
            f_.pixels.rows(context_,
                           {pixel(at), dst + i, lines.count, lines.step, l.row, 1, 0, 1, 0, 0, sizeof(T) == 8});
        });
    }
}

#define CONVX_INSTANTIATE(T) template class FloatPatchMaker<T>;
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx
