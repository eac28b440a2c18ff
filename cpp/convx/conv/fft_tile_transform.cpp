#include "fft_tile_transform.h"

namespace convx::fft {
namespace {

int64_t whole_lines(int64_t elements) { return round_up(elements, CACHE_LINE); }

}  // namespace

template <class T>
TileTransform<T>::TileTransform(const Tile& t, const Kernels<T>& k)
    : tile(t),
      grid(t.rows(), t.cols(), k.lanes, sizeof(T)),
      spectrum(turns() ? Grid(t.cols(), t.rows(), k.lanes, sizeof(T)) : grid),
      k_(k),
      d_(t.d.transformed() ? t.d.length : 1),
      h_(t.folded()          ? t.rows()
         : t.h.transformed() ? t.h.length
                             : 1),
      w_(turns() ? t.cols() : 1) {
    tables_.d = 0;
    tables_.h = tables_.d + whole_lines(d_.twiddle_elements());
    tables_.w = tables_.h + whole_lines(h_.twiddle_elements());
    tables_.outer = tables_.w + whole_lines(w_.twiddle_elements());
    tables_.inner = tables_.outer + (t.folded() ? whole_lines(grid.frequencies() / k.lanes * 2) : 0);
    tables_.end = tables_.inner + (t.folded() ? whole_lines(grid.length * 2 * k.lanes) : 0);
}

template <class T>
void TileTransform<T>::fill_tables(T* tables) const {
    d_.fill_twiddles(tables + tables_.d);
    h_.fill_twiddles(tables + tables_.h);
    w_.fill_twiddles(tables + tables_.w);
    if (!tile.folded()) return;
    const std::vector<int64_t> frequencies = h_.frequencies();
    T *outer = tables + tables_.outer, *inner = tables + tables_.inner;
    const int64_t lanes = k_.lanes, n = tile.w.length;
    for (const int64_t f : frequencies) {
        for (int64_t i = 0; i < grid.signals; i += lanes) {
            const Root w = root(f * i, n);
            *outer++ = static_cast<T>(w.re);
            *outer++ = static_cast<T>(w.im);
        }
        for (int64_t lane = 0; lane < lanes; ++lane, ++inner) {
            const Root w = root(f * lane, n);
            inner[0] = static_cast<T>(w.re);
            inner[lanes] = static_cast<T>(w.im);
        }
        inner += lanes;
    }
}

template <class T>
void TileTransform<T>::along(Kernel kernel, const Transform& t, const T* twiddles, T* x, const Grid& g,
                             int64_t rows_apart) const {
    if (t.passes > 0) kernel({x, twiddles, t.radices, t.length, rows_apart * g.row, g.imaginary, g.signals, t.passes});
}

// Along H and D, or of a folded signal.
template <class T>
void TileTransform<T>::columns(Kernel kernel, const T* tables, T* x) const {
    if (tile.folded()) return along(kernel, h_, tables + tables_.h, x, grid, 1);
    const int64_t planes = tile.d.length, rows = tile.h.length;
    for (int64_t z = 0; z < planes; ++z) along(kernel, h_, tables + tables_.h, x + z * rows * grid.row, grid, 1);
    for (int64_t y = 0; y < rows; ++y) along(kernel, d_, tables + tables_.d, x + y * grid.row, grid, rows);
}

template <class T>
void TileTransform<T>::twist(const T* tables, T* x, bool conjugate) const {
    if (tile.folded())
        k_.fft_twist({x, tables + tables_.outer, tables + tables_.inner, grid.length, grid.row, grid.imaginary,
                      grid.signals, conjugate});
}

template <class T>
void TileTransform<T>::forward(const T* tables, T* x, T* to) const {
    columns(k_.fft_forward, tables, x);
    if (!turns()) return;
    twist(tables, x, false);
    k_.transpose_rows({x, to, tile.rows(), tile.cols(), grid.row, spectrum.row});
    k_.transpose_rows({x + grid.imaginary, to + spectrum.imaginary, tile.rows(), tile.cols(), grid.row, spectrum.row});
    along(k_.fft_forward, w_, tables + tables_.w, to, spectrum, 1);
}

template <class T>
void TileTransform<T>::inverse(const T* tables, T* from, T* x) const {
    if (turns()) {
        along(k_.fft_inverse, w_, tables + tables_.w, from, spectrum, 1);
        k_.transpose_rows({from, x, tile.cols(), tile.rows(), spectrum.row, grid.row});
        k_.transpose_rows(
            {from + spectrum.imaginary, x + grid.imaginary, tile.cols(), tile.rows(), spectrum.row, grid.row});
        twist(tables, x, true);
    }
    columns(k_.fft_inverse, tables, x);
}

#define CONVX_INSTANTIATE(T) template class TileTransform<T>;
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::fft
