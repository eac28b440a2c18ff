#include "filter_setup.h"

#include <algorithm>
#include <cstring>

#include "../runtime/interrupt.h"
#include "../shape/integer_math.h"

namespace convx {
template <class T>
FilterSetup<T>::FilterSetup(const ImageFilter& f, const Context& context, const SumPlan& plan)
    : tile(choose_tile<T>(f.shape, context.kernels<T>())),
      block(choose_block(f.shape, tile, sizeof(T), context.threads)),
      bands(ceil_div(f.shape.h.out, block.rows)),
      pieces(ceil_div(f.shape.w.out, block.columns)),
      maker(f, context, block.rows, block.columns),
      workspace(context.threads),
      f_(f),
      threads_(context.threads),
      lanes_(context.kernels<T>().lanes),
      settles_(plan.settles) {
    const ConvShape& s = f.shape;
    tile_weights = tile.depthwise ? s.depth() : s.c_per_group() * tile.taps * tile.rows;
    tap = workspace.template shared<int64_t>(s.depth());
    tile_tap = workspace.template shared<int64_t>(tile.taps);
    terms = workspace.template shared<SettleTerm>(plan.settles ? s.k * s.depth() : 0);
    term_count = workspace.template shared<int64_t>(s.k);
    weight = workspace.template shared<T>(s.k * tile_weights);
    inside = workspace.template shared<T>(block.columns + s.w.kernel);
    vectors = workspace.template shared<PixelVector>(block.columns / lanes_);
    const int64_t slots = tile.depthwise ? block.rows + s.h.kernel - 1 : 0;
    row_step = workspace.template shared<int64_t>(slots);
    row = workspace.template own<const T*>(slots);
    patch = workspace.template own<T>(maker.elements() + SUM_BLOCK);
    sums = workspace.template own<T>(block.rows * block.columns);
    part = workspace.template own<T>(plan.part < tile.taps ? tile.rows * block.columns : 0);
}

template <class T>
int64_t FilterSetup<T>::tasks() const {
    const ConvShape& s = f_.shape;
    return s.n * s.groups * s.d.out * bands * pieces;
}

// The weights of a tile: those of its rows side by side, zeros where a row has no tap.
template <class T>
void FilterSetup<T>::fill_tile(const double* w, T* to) const {
    const ConvShape& s = f_.shape;
    const int64_t planes = s.c_per_group() * s.d.kernel;
    for (int64_t plane = 0; plane < planes; ++plane, w += s.h.kernel * s.w.kernel)
        for (int64_t r = 0; r < tile.tap_rows; ++r)
            for (int64_t c = 0; c < s.w.kernel; ++c)
                for (int64_t i = 0; i < tile.rows; ++i) {
                    const int64_t own = r - i * s.h.stride;
                    *to++ = own >= 0 && own < s.h.kernel ? static_cast<T>(w[own * s.w.kernel + c]) : T(0);
                }
}

template <class T>
void FilterSetup<T>::fill_list() const {
    const ConvShape& s = f_.shape;
    const PatchLayout& l = maker.layout();
    int64_t* to = workspace.at(tile_tap);
    const int64_t row = tile.rows > 1 ? l.row : s.h.dilation / l.h.step * l.row;
    for (int64_t t = 0; t < s.d.kernel; ++t)
        for (int64_t r = 0; r < tile.tap_rows; ++r)
            for (int64_t c = 0; c < s.w.kernel; ++c)
                *to++ = t * s.d.dilation / l.d.step * l.plane + r * row + l.w.offset(s.w, c);
    PixelVector* vector = workspace.at(vectors);
    for (int64_t at = 0; at < block.columns; at += lanes_) *vector++ = {at, at, lanes_};
}

template <class T>
void FilterSetup<T>::fill() {
    const ConvShape& s = f_.shape;
    const int64_t depth = s.depth();
    maker.list_taps(workspace.at(tap));
    if (tile.depthwise) {
        std::memset(workspace.at(inside), 0xff, sizeof(T) * static_cast<size_t>(block.columns + s.w.kernel));
        std::fill_n(workspace.at(row_step), block.rows + s.h.kernel - 1, 0);
    } else {
        fill_list();
    }
    Pace pace;
    for (int64_t k = 0; k < s.k; ++k, pace.step(tile_weights)) {
        const double* w = f_.weight + k * depth;
        T* const to = workspace.at(weight) + k * tile_weights;
        if (tile.depthwise)
            std::transform(w, w + depth, to, [](double x) { return static_cast<T>(x); });
        else
            fill_tile(w, to);
        if (settles_)
            workspace.at(term_count)[k] = list_terms(f_, workspace.at(tap), w, workspace.at(terms) + k * depth);
    }
    for (int i = 0; i < threads_; ++i) {
        // What tiles read behind the rows and beside them is finite.
        T* const own = workspace.at(patch, i);
        std::fill_n(own, maker.elements() + SUM_BLOCK, T(0));
        std::fill_n(workspace.at(sums, i), block.rows * block.columns, T(0));
    }
}

#define CONVX_INSTANTIATE(T) template struct FilterSetup<T>;
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx
