#include "filter_setup.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "../runtime/cache.h"
#include "../runtime/interrupt.h"
#include "../shape/integer_math.h"

namespace convx {
namespace {

constexpr int64_t MOST_ROWS = 64, MOST_COLUMNS = 2048;  // of a block, but for rows that nothing else shares

bool fits_depthwise(const ConvShape& s) {
    const int64_t k = s.w.kernel;
    return s.c_per_group() == 1 && s.d.kernel == 1 && s.h.kernel == k && (k == 3 || k == 5 || k == 7) &&
           s.h.stride == 1 && s.w.stride == 1 && s.h.dilation == 1 && s.w.dilation == 1;
}

// Time for a vector of outputs: multiply-adds, or what it loads - vectors from anywhere, half of them from
// two lines, and weights.
double tile_cost(int64_t rows, int64_t tap_rows, int registers) {
    const double vectors = pixel_vectors(registers, static_cast<int>(rows)), tile = static_cast<double>(rows) * vectors;
    const double loads = 1.5 * vectors + static_cast<double>(rows);
    return static_cast<double>(tap_rows) * std::max(tile, loads) / tile;
}

// As many rows and columns as fit half of L2, with the rows of input under them.
BlockSize choose_block(const ConvShape& s, const FilterTile& tile, int64_t element, int threads) {
    int64_t p = 0, q = 0;
    const double room = static_cast<double>(caches().l2) / 2;
    const auto fits = [&] {
        const double outputs = static_cast<double>(p) * static_cast<double>(q);
        const double inputs = patch_elements(s, 1, p, q) * static_cast<double>(s.c_per_group());
        return (inputs + outputs) * static_cast<double>(element) <= room;
    };
    const int64_t rows = std::clamp<int64_t>(2 * s.h.extent(), 2 * tile.rows, MOST_ROWS);
    p = round_up(std::min(rows, s.h.out), tile.rows);
    q = round_up(even_part(s.w.out, s.h.out > 1 ? MOST_COLUMNS : 2 * MOST_COLUMNS), SUM_BLOCK);
    const auto few = [&] { return s.n * s.groups * s.d.out * ceil_div(s.h.out, p) < 4 * int64_t{threads}; };
    while (p > tile.rows && threads > 1 && few()) p = round_up(p / 2, tile.rows);
    while (!fits() && (p > tile.rows || q > SUM_BLOCK)) {
        const bool narrower = q > 4 * SUM_BLOCK || p == tile.rows;
        if (narrower && q > SUM_BLOCK)
            q = round_up(q / 2, SUM_BLOCK);
        else
            p = round_up(p / 2, tile.rows);
    }
    return {p, q};
}

}  // namespace

template <class T>
FilterTile choose_tile(const ConvShape& s, const Kernels<T>& k) {
    if (fits_depthwise(s)) return {true, !k.fma ? 2 : s.w.kernel == 3 ? 7 : 4, 0};
    FilterTile best{false, 1, s.h.kernel};
    if (s.h.dilation > 1 || s.h.stride >= s.h.kernel) return best;  // rows of outputs share nothing
    double least = tile_cost(1, s.h.kernel, k.pixel_registers);
    for (int64_t rows = 2; rows <= std::min<int64_t>(k.pixel_rows, s.h.out); ++rows) {
        const int64_t tap_rows = (rows - 1) * s.h.stride + s.h.kernel;
        const double cost = tile_cost(rows, tap_rows, k.pixel_registers);
        if (cost >= least) continue;
        least = cost;
        best = {false, rows, tap_rows};
    }
    return best;
}

template <class T>
FilterSetup<T>::FilterSetup(const ImageFilter& f, const Context& context, bool settles)
    : tile(choose_tile<T>(f.shape, context.kernels<T>())),
      block(choose_block(f.shape, tile, sizeof(T), context.threads)),
      bands(ceil_div(f.shape.h.out, block.rows)),
      pieces(ceil_div(f.shape.w.out, block.columns)),
      maker(f, context, block.rows, block.columns),
      tile_taps(f.shape.d.kernel * tile.tap_rows * f.shape.w.kernel),
      workspace(context.threads),
      f_(f),
      threads_(context.threads),
      lanes_(context.kernels<T>().lanes),
      settles_(settles) {
    const ConvShape& s = f.shape;
    tile_weights = tile.depthwise ? s.depth() : s.c_per_group() * tile_taps * tile.rows;
    tap = workspace.template shared<int64_t>(s.depth());
    tile_tap = workspace.template shared<int64_t>(tile_taps);
    terms = workspace.template shared<SettleTerm>(settles ? s.k * s.depth() : 0);
    term_count = workspace.template shared<int64_t>(s.k);
    weight = workspace.template shared<T>(s.k * tile_weights);
    inside = workspace.template shared<T>(block.columns + s.w.kernel);
    vectors = workspace.template shared<PixelVector>(block.columns / lanes_);
    const int64_t slots = tile.depthwise ? block.rows + s.h.kernel - 1 : 0;
    row_step = workspace.template shared<int64_t>(slots);
    row = workspace.template own<const T*>(slots);
    patch = workspace.template own<T>(maker.elements() + SUM_BLOCK);
    sums = workspace.template own<T>(block.rows * block.columns);
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
            workspace.at(term_count)[k] =
                list_terms(f_, workspace.at(tap), w, workspace.at(terms) + k * depth);
    }
    for (int i = 0; i < threads_; ++i) {
        // What tiles read behind the rows and beside them is finite.
        T* const own = workspace.at(patch, i);
        std::fill_n(own, maker.elements() + SUM_BLOCK, T(0));
        std::fill_n(workspace.at(sums, i), block.rows * block.columns, T(0));
    }
}

#define CONVX_INSTANTIATE(T)                                               \
    template FilterTile choose_tile(const ConvShape&, const Kernels<T>&); \
    template struct FilterSetup<T>;
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx
