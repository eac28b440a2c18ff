// The tiles of a convolution by Fourier transforms: how many inputs a tile has along each axis, which axes are
// transformed, and how taps that are too far apart for a tile are cut into pieces.
#pragma once
#include <algorithm>

#include "../runtime/buffer.h"
#include "../runtime/cache.h"
#include "../shape/range.h"
#include "../shape/shape.h"
#include "cost.h"
#include "fft_transform.h"

namespace convx::fft {

struct TileAxis {
    int64_t taps = 1, stride = 1, dilation = 1;
    int64_t piece = 1;   // taps that are transformed together; each piece is an input channel of its own
    int64_t length = 1;  // inputs of a tile

    bool transformed() const { return piece > 1; }
    int64_t pieces() const { return ceil_div(taps, piece); }
    int64_t extent() const { return (piece - 1) * dilation + 1; }
    int64_t outputs() const { return (length - extent()) / stride + 1; }
};

// Inputs lie in `rows` rows of `cols`; a signal (folded), which has but one, is cut into them.
struct Tile {
    TileAxis d, h, w;
    int64_t folds = 0;

    bool folded() const { return folds > 0; }
    int64_t rows() const { return folded() ? folds : d.length * h.length; }
    int64_t cols() const { return folded() ? w.length / folds : w.length; }
    int64_t pieces() const { return d.pieces() * h.pieces() * w.pieces(); }
    int64_t points() const;  // of the transform: the factor that fft_inverse leaves
    int variant() const;

    struct Piece {  // of the taps: which it is along each axis
        int64_t d, h, w;
    };
    Piece piece(int64_t i) const { return {i / w.pieces() / h.pieces(), i / w.pieces() % h.pieces(), i % w.pieces()}; }
};

// Without lengths.
template <class Window>
Tile tile_for(const Window& d, const Window& h, const Window& w, int64_t element);

// The tile of a variant, and the best one of a plan, with what a call takes with it, and packing the weight.
template <class Window>
Tile tile_of(const Window& d, const Window& h, const Window& w, int64_t element, int variant);
struct BestTile {
    Tile tile;
    double cost, packing;
};
BestTile best_tile(const ConvShape& s, const cost::Machine& m);

// How complex numbers lie: rows of whole vectors of real parts, then of imaginary ones.
struct Grid {
    int64_t length, signals, imaginary, row, elements;
    bool full;  // no lane is idle
    Grid(int64_t length, int64_t columns, int64_t lanes, int64_t element);
    int64_t frequencies() const { return length * signals; }
};

// What is transformed together, of a spectrum of so many bytes: input channels, output channels.
struct Groups {
    Pieces channels, outputs;
};
Groups groups_of(int64_t channels, int64_t outputs, int64_t spectrum_bytes);
bool streams(const Groups& groups, int64_t spectrum_bytes);  // those of the weight do not stay in L2
// Pairs of tiles that share a pass over the weight's spectra, where these do not stay in the cache.
int64_t pairs_at_once(const Groups& groups, int64_t spectrum_bytes);

}  // namespace convx::fft
