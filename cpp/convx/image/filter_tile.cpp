#include "filter_tile.h"

#include <algorithm>

#include "../data/row_layout.h"
#include "../runtime/cache.h"
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

}  // namespace

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

template <class T>
FilterTile choose_tile(const ConvShape& s, const Kernels<T>& k) {
    if (fits_depthwise(s)) return {true, !k.fma ? 2 : s.w.kernel == 3 ? 7 : 4, 0, 0};
    FilterTile best{false, 1, s.h.kernel, s.taps()};
    if (s.h.dilation > 1 || s.h.stride >= s.h.kernel) return best;  // rows of outputs share nothing
    double least = tile_cost(1, s.h.kernel, k.pixel_registers);
    for (int64_t rows = 2; rows <= std::min<int64_t>(k.pixel_rows, s.h.out); ++rows) {
        const int64_t tap_rows = (rows - 1) * s.h.stride + s.h.kernel;
        const double cost = tile_cost(rows, tap_rows, k.pixel_registers);
        if (cost >= least) continue;
        least = cost;
        best = {false, rows, tap_rows, s.d.kernel * tap_rows * s.w.kernel};
    }
    return best;
}

#define CONVX_INSTANTIATE(T) template FilterTile choose_tile(const ConvShape&, const Kernels<T>&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx
