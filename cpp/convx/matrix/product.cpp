#include "product.h"

#include <algorithm>
#include <cstring>

#include "../data/panel_depth.h"
#include "../runtime/context.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/workspace.h"

namespace convx::matrix {
namespace {

// The matrix at a place of the stack, counted in C order.
template <class T>
const T* at(const Matrices<T>& m, const Shape& stack, int64_t place) {
    const T* data = m.data;
    for (size_t i = stack.size(); i-- > 0; place /= stack[i]) data += place % stack[i] * m.stack[i];
    return data;
}

template <class T>
class Multiplier {
  public:
    Multiplier(const Products<T>& products, const Context& context)
        : p_(products),
          k_(context.kernels<T>()),
          terms_(std::min(panel_depth<T>(k_), products.depth)),
          tile_(round_up(k_.mr, k_.lanes)),
          lies_(products.a.row == 1),
          far_b_(bytes(products.depth, products.columns) > static_cast<double>(caches().l1 / 2)),
          far_y_(bytes(products.rows, products.columns) > static_cast<double>(caches().l2 / 2)) {
        for (const int64_t n : p_.stack) count_ *= n;
        // A band of rows stays in half of L2; where there are few matrices, each of several threads has some.
        const int64_t fit = caches().l2 / 2 / (std::max<int64_t>(terms_, 1) * static_cast<int64_t>(sizeof(T)));
        const int64_t wanted = ceil_div(4 * (context.threads - 1), std::max<int64_t>(count_, 1));
        const int64_t band = std::min(std::max<int64_t>(fit, 1), ceil_div(p_.rows, std::max<int64_t>(wanted, 1)));
        bands_ = {p_.rows, ceil_div(band, int64_t{k_.mr}) * k_.mr};
    }

    void run(int threads) const {
        Workspace workspace(threads);
        const auto rows = workspace.own<T>(lies_ ? 0 : ceil_div(bands_.size, int64_t{k_.mr}) * tile_ * terms_);
        const auto panel = workspace.own<T>(terms_ * k_.nr);
        workspace.allocate();
        parallel_tasks(count_ * bands_.count(), threads, [&](int64_t task, int thread) {
            band(task / bands_.count(), bands_.at(task % bands_.count()), workspace.at(rows, thread),
                 workspace.at(panel, thread));
        });
    }

  private:
    static double bytes(int64_t rows, int64_t columns) {
        return static_cast<double>(rows) * static_cast<double>(columns) * static_cast<double>(sizeof(T));
    }

    void band(int64_t place, const Range& rows, T* packed, T* panel) const {
        const T* const a = at(p_.a, p_.stack, place) + rows.begin * p_.a.row;
        const T* const b = at(p_.b, p_.stack, place);
        T* const y = p_.y + (place * p_.rows + rows.begin) * p_.columns;
        const EvenSplit tiles(rows.size(), k_.mr);
        for (int64_t k0 = 0; k0 < p_.depth; k0 += terms_) {
            const int64_t depth = std::min(terms_, p_.depth - k0);
            if (!lies_)
                for (int64_t i = 0; i < tiles.count; ++i)
                    k_.transpose_pack({a + tiles.start(i) * p_.a.row + k0, packed + i * tile_ * depth, tiles.size(i),
                                       depth, p_.a.row, tile_});
            for (int64_t j = 0; j < p_.columns; j += k_.nr) {
                if (j) checkpoint();
                GemmTile<T> tile = at_panel(b + k0 * p_.b.row + j * p_.b.column, panel, depth, p_.columns - j);
                tile.first = k0 == 0;
                multiply(tile, tiles, lies_ ? a + k0 * p_.a.column : packed, y + j);
            }
        }
    }

    // Rows that pack the columns of b are alone; then as many tiles at a time as have the same size, which fetch the
    // columns that come next.
    void multiply(GemmTile<T> t, const EvenSplit& tiles, const T* a, T* y) const {
        const bool apart = !lies_ || p_.a.column >= p_.rows;  // or a kernel might read beyond the last tile
        int64_t i = 0;
        tiles.for_each_size([&](int64_t row, int64_t count, int64_t size) {
            t.rows = static_cast<int32_t>(size);
            t.a_panel = lies_ ? size : tile_ * t.depth;
            for (int64_t some; count > 0; i += some, row += some * size, count -= some) {
                some = t.packed || !apart ? 1 : count;
                t.a = a + (lies_ ? row : i * t.a_panel);
                t.below = some - 1;
                t.c = y + row * p_.columns;
                k_.gemm_tile(t);
                t.fetched(some);
                if (!t.packed) continue;
                t.b = t.packed;
                t.ldb = k_.nr;
                t.packed = nullptr;
                t.ahead_count = t.ahead ? t.depth : 0;
                t.ahead_each = ceil_div(t.depth, std::max<int64_t>(tiles.count - 1, 1));
            }
        });
    }

    // A tile that reads these columns of b: packed, or as they lie for the first rows, which then pack them.
    GemmTile<T> at_panel(const T* b, T* panel, int64_t depth, int64_t left) const {
        const int64_t nr = k_.nr, columns = std::min(left, nr);
        GemmTile<T> tile{};
        tile.ldc = p_.columns;
        tile.depth = depth;
        tile.cols = static_cast<int32_t>(columns);
        tile.b = panel;
        tile.ldb = nr;
        tile.lda = lies_ ? p_.a.column : tile_;
        tile.far_c = tile.far_below = far_y_;
        if (p_.b.column == 1 && columns == nr) {
            tile.b = b;
            tile.ldb = p_.b.row;
            tile.packed = panel;
            tile.tap = &ROW;
            tile.taps = 1;
            if (far_b_ && left >= 2 * nr) {
                tile.ahead = b + nr;
                tile.ahead_row = p_.b.row;
            }
        } else if (p_.b.column == 1) {
            std::fill_n(panel, depth * nr, T(0));
            for (int64_t k = 0; k < depth; ++k)
                std::memcpy(panel + k * nr, b + k * p_.b.row, static_cast<size_t>(columns) * sizeof(T));
        } else {
            k_.transpose_pack({b, panel, columns, depth, p_.b.column, nr});
        }
        return tile;
    }

    static constexpr int64_t ROW = 0;  // the only tap: rows of b follow one another

    const Products<T>& p_;
    const Kernels<T>& k_;
    const int64_t terms_, tile_;  // rows of a packed tile, in whole vectors
    const bool lies_;             // the rows of a tile side by side, without packing
    const bool far_b_, far_y_;    // from the core, are matrices of b and y
    int64_t count_ = 1;
    Pieces bands_;
};

}  // namespace

template <class T>
void multiply(const Products<T>& p) {
    double numbers = static_cast<double>(p.rows) * static_cast<double>(p.columns);
    for (const int64_t n : p.stack) numbers *= static_cast<double>(n);
    if (numbers == 0) return;
    if (p.depth == 0) {
        std::fill_n(p.y, static_cast<int64_t>(numbers), T(0));
        return;
    }
    const Context context = decide(2 * numbers * static_cast<double>(p.depth));
    Multiplier<T>(p, context).run(context.threads);
}

#define CONVX_INSTANTIATE(T) template void multiply(const Products<T>&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::matrix
