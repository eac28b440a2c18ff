// The Fourier transform of a tile, along all of its axes, and back.
#pragma once
#include "../../kernels/kernels.h"
#include "fft_tile.h"

namespace convx::fft {

// Down the columns first, with columns in the lanes; then, turned over, along the rows. A folded signal of rows * cols
// inputs is transformed so too, by two roots of unity for each element between the two.
template <class T>
class TileTransform {
  public:
    TileTransform(const Tile& tile, const Kernels<T>& k);

    const Tile tile;
    const Grid grid, spectrum;  // the same where rows are not transformed

    bool turns() const { return tile.w.transformed(); }
    int64_t table_elements() const { return tables_.end; }
    void fill_tables(T* tables) const;

    // The grid is overwritten; where they are the same, in the spectrum's place.
    void forward(const T* tables, T* grid, T* spectrum) const;
    void inverse(const T* tables, T* spectrum, T* grid) const;

  private:
    using Kernel = void (*)(const Fft<T>&);
    void columns(Kernel kernel, const T* tables, T* x) const;
    void along(Kernel kernel, const Transform& t, const T* twiddles, T* x, const Grid& g, int64_t rows_apart) const;
    void twist(const T* tables, T* x, bool conjugate) const;

    const Kernels<T>& k_;
    const Transform d_, h_, w_;
    struct Tables {
        int64_t d, h, w, outer, inner, end;  // where each begins
    } tables_;
};

}  // namespace convx::fft
