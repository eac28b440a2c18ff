#include "fft_tile.h"

#include <cmath>
#include <limits>
#include <vector>

#include "../shape/integer_math.h"
#include "cost_slots.h"

namespace convx::fft {
namespace {

constexpr int64_t COMPLEX = 2;                   // numbers
constexpr int64_t MOST_TILE_BYTES = 1 << 20;     // of a tile's spectrum
constexpr int64_t MOST_SPECTRA_BYTES = 3 << 20;  // of a thread
constexpr int64_t OUTPUT_GROUP = 16;             // output channels whose products share a pass over the input's spectra
constexpr int64_t LEAST_REACH = 64, REACH = 8;   // longest tile in extents of a kernel
constexpr int INDEX_BITS = 7;

int64_t most_inputs(int64_t element) { return std::min(caches().l2, MOST_TILE_BYTES) / (COMPLEX * element); }

template <class Window>
TileAxis axis_of(const Window& w) {
    TileAxis a;
    a.taps = w.kernel;
    a.stride = w.stride;
    a.dilation = w.dilation;
    a.piece = w.kernel;
    return a;
}

}  // namespace

// Taps that no tile holds are halved along the longest axis until one does, with as many outputs again. Where columns
// are not transformed, a whole vector of them is.
template <class Window>
Tile tile_for(const Window& d, const Window& h, const Window& w, int64_t element) {
    Tile tile{axis_of(d), axis_of(h), axis_of(w)};
    const auto inputs = [](const TileAxis& a) { return a.transformed() ? 2.0 * number(a.extent()) : 1; };
    const auto columns = [&] { return tile.w.transformed() ? inputs(tile.w) : number(CACHE_LINE / element); };
    while (inputs(tile.d) * inputs(tile.h) * columns() > number(most_inputs(element))) {
        TileAxis& longest = *std::max_element(&tile.d, &tile.w + 1, [](const TileAxis& a, const TileAxis& b) {
            return (a.transformed() ? a.extent() : 0) < (b.transformed() ? b.extent() : 0);
        });
        longest.piece = ceil_div(longest.piece, 2);
    }
    return tile;
}

int64_t Tile::points() const {
    return (d.transformed() ? d.length : 1) * (h.transformed() ? h.length : 1) * (w.transformed() ? w.length : 1);
}

int Tile::variant() const {
    const int first = folded() ? index_of(folds) : index_of(d.length);
    const int second = folded() ? index_of(cols()) : index_of(h.length), third = folded() ? 0 : index_of(w.length);
    return (((first << INDEX_BITS) + second) << INDEX_BITS) + third + (folded() << 3 * INDEX_BITS);
}

template <class Window>
Tile tile_of(const Window& d, const Window& h, const Window& w, int64_t element, int variant) {
    Tile tile = tile_for(d, h, w, element);
    const auto length = [&](int place) { return length_at(variant >> place * INDEX_BITS & ((1 << INDEX_BITS) - 1)); };
    if (variant >> 3 * INDEX_BITS) {
        tile.folds = length(2);
        tile.w.length = tile.folds * length(1);
    } else {
        tile.d.length = length(2);
        tile.h.length = length(1);
        tile.w.length = length(0);
    }
    return tile;
}

// An odd number of lines in a row, and in a grid: those a power of two apart share few cache sets.
Grid::Grid(int64_t length_, int64_t columns, int64_t lanes, int64_t element)
    : length(length_), signals(round_up(columns, lanes)), imaginary(signals), full(signals == columns) {
    const int64_t line = CACHE_LINE / element;
    const auto odd_lines = [&](int64_t size) { return (ceil_div(size, line) | 1) * line; };
    row = odd_lines(2 * signals);
    elements = odd_lines(length * row);
}

namespace {

int64_t scratch_bytes() { return std::min(4 * caches().l2, MOST_SPECTRA_BYTES); }  // for spectra of a thread

double spectra_bytes(const Groups& groups, int64_t spectrum_bytes) {
    return number(groups.channels.total) * number(groups.outputs.total) * number(spectrum_bytes);
}

}  // namespace

Groups groups_of(int64_t channels, int64_t outputs, int64_t spectrum_bytes) {
    const int64_t most = std::max<int64_t>(scratch_bytes() / 2 / spectrum_bytes, 1);
    return {{channels, std::min(most, channels)}, {outputs, std::min({most, OUTPUT_GROUP, outputs})}};
}

bool streams(const Groups& groups, int64_t spectrum_bytes) {
    return spectra_bytes(groups, spectrum_bytes) > number(caches().l2 / 2);
}

int64_t pairs_at_once(const Groups& groups, int64_t spectrum_bytes) {
    const int64_t each = spectrum_bytes * (groups.channels.size + groups.outputs.size);
    return std::max<int64_t>((streams(groups, spectrum_bytes) ? scratch_bytes() : caches().l2 / 2) / each, 1);
}

namespace {

// In slots of a whole vector: what a pass of a radix takes for each complex number, by its operations, loads and
// stores.
double pass_slots(int32_t radix) {
    switch (radix) {
        case 2:
            return 8;
        case 3:
            return 12;
        case 4:
            return 11;
        case 5:
            return 15;
        default:
            return 14;
    }
}

struct Lengths {
    double slots[LENGTHS];
    Lengths() {
        for (int i = 0; i < LENGTHS; ++i) {
            const Transform t(length_at(i));
            slots[i] = 0;
            for (int32_t p = 0; p < t.passes; ++p) slots[i] += pass_slots(t.radices[p]);
        }
    }
};
double transform_slots(int64_t length) {
    static const Lengths table;
    return table.slots[index_of(length)];
}

constexpr double TURN = 14;     // transposing a complex vector
constexpr double TWIST = 8;     // a complex vector by two roots
constexpr double LOAD = 16;     // a complex vector of the input, which is padded and then copied
constexpr double STORE = 4;     // ... and of the output
constexpr double DEEP = 1.7;    // times a pass along D, whose lines lie far apart
constexpr double SPECTRUM = 8;  // loading and storing a sum of products, a complex vector
constexpr double TILE = 1000;   // finding a pair of tiles
constexpr double BEYOND = 1.2;  // where spectra leave L2

// Reading the weight's spectra of a group once for each band of pairs.
double stream(const Groups& groups, int64_t bytes, double pairs, const cost::Slots& slots) {
    const double all = spectra_bytes(groups, bytes);
    if (!streams(groups, bytes)) return 0;
    const double bands = std::ceil(pairs / number(pairs_at_once(groups, bytes)));
    return all * bands * (all > number(caches().l3 / 2) ? slots.spectra_far : slots.spectra_byte);
}

// Reading the input and writing the output.
double arrays(const ConvShape& s, const cost::Machine& m) {
    const double in = number(s.c) * number(s.d.in) * number(s.h.in) * number(s.w.in);
    const double bytes = number(s.n) * (in + number(s.k) * number(s.pixels())) * m.element;
    return bytes > number(caches().l2) ? bytes * cost::slots_of(m.lanes * m.element).spectra_far : 0;
}

// How many tiles cover the output; slots of their transforms, for a vector of columns and for one of rows.
struct Cover {
    double tiles, columns, rows;
};

void consider(BestTile& best, const Tile& t, const Cover& cover, const ConvShape& s, const cost::Machine& m) {
    const cost::Slots& slots = cost::slots_of(m.lanes * m.element);
    const auto vectors = [&](int64_t n) { return std::ceil(number(n) / m.lanes); };
    const double across = number(t.rows()) * vectors(t.cols()), down = number(t.cols()) * vectors(t.rows());
    const bool turned = t.w.transformed();
    const double each = across * cover.columns + (turned ? down * (cover.rows + TURN) : 0);
    const double frequencies = turned ? down : across, pairs = std::ceil(cover.tiles / 2);
    const double c = number(s.c_per_group() * t.pieces()), k = number(s.k_per_group());
    const auto bytes = static_cast<int64_t>(frequencies * m.lanes * m.element * COMPLEX);
    const double transforms = (c + k) * (each + TILE) + across * (c * LOAD + k * STORE);
    const double products = k * frequencies * (c * slots.fft_product + SPECTRUM);
    const Groups groups = groups_of(s.c_per_group() * t.pieces(), s.k_per_group(), bytes);
    const int64_t held = pairs_at_once(groups, bytes) * (groups.channels.size + groups.outputs.size);
    const double far = number(held + 1) * number(bytes) > number(caches().l2) ? BEYOND : 1;
    const double weights = stream(groups, bytes, pairs, slots);
    const double images = number(s.n) * (pairs * (transforms * far + products) + weights);
    const double cost = slots.fft * (number(s.groups) * images + arrays(s, m));
    const double packing = slots.fft * number(s.groups) * k * c * (2 * each + frequencies * SPECTRUM);
    if (cost < best.cost) best = {t, cost, packing};
}

double count(const Axis& a, const TileAxis& t) { return number(ceil_div(a.out, t.outputs())); }

// The lengths that are worth a look along an axis.
struct Length {
    int64_t inputs;
    double tiles, slots;
};
std::vector<Length> lengths(const Axis& a, TileAxis t) {
    const int64_t needed = (a.out - 1) * t.stride + t.extent();
    const int64_t reach = t.transformed() ? std::max(LEAST_REACH, REACH * t.extent()) : 2 * LEAST_REACH;
    std::vector<Length> all;
    for (int i = index_of(t.extent()), last = index_of(std::min(needed, reach)); i <= last; ++i) {
        t.length = length_at(i);
        all.push_back({t.length, count(a, t), t.transformed() ? transform_slots(t.length) : 0});
    }
    return all;
}

// A signal in rows of about as many columns as there are rows.
void consider_folds(BestTile& best, Tile tile, const ConvShape& s, const cost::Machine& m, int64_t most) {
    const int64_t needed = (s.w.out - 1) * tile.w.stride + tile.w.extent();
    const int64_t longest = std::min(most, 2 * std::min(needed, 2 * REACH * tile.w.extent() + LEAST_REACH));
    for (int i = 0; length_at(i) * length_at(i) <= 4 * longest; ++i)
        for (int j = 0; j < LENGTHS && length_at(i) * length_at(j) <= longest; ++j) {
            const int64_t length = length_at(i) * length_at(j);
            if (length < tile.w.extent() || length_at(j) > 16 * length_at(i)) continue;
            tile.folds = length_at(i);
            tile.w.length = length;
            const double tiles = count(s.d, tile.d) * count(s.h, tile.h) * count(s.w, tile.w);
            consider(best, tile, {tiles, transform_slots(tile.folds) + TWIST, transform_slots(tile.cols())}, s, m);
        }
}

}  // namespace

BestTile best_tile(const ConvShape& s, const cost::Machine& m) {
    const auto element = static_cast<int64_t>(m.element), lanes = static_cast<int64_t>(m.lanes);
    const int64_t most = most_inputs(element);
    Tile tile = tile_for(s.d, s.h, s.w, element);
    BestTile best{tile, std::numeric_limits<double>::infinity(), 0};
    if (tile.w.transformed() && !tile.d.transformed() && !tile.h.transformed()) {
        consider_folds(best, tile, s, m, most);
        if (s.d.out == 1 && s.h.out == 1) return best;
    }
    const auto fits = [&] {
        const bool turned = tile.w.transformed();
        return tile.rows() * round_up(tile.cols(), lanes) <= most &&
               (!turned || round_up(tile.rows(), lanes) * tile.cols() <= most);
    };
    const std::vector<Length> ds = lengths(s.d, tile.d), hs = lengths(s.h, tile.h), ws = lengths(s.w, tile.w);
    const auto look = [&](const Length& d, const Length& h, const Length& w, bool always) {
        tile.d.length = d.inputs;
        tile.h.length = h.inputs;
        tile.w.length = w.inputs;
        if (always || fits())
            consider(best, tile, {d.tiles * h.tiles * w.tiles, DEEP * d.slots + h.slots, w.slots}, s, m);
    };
    for (const Length& d : ds)
        for (const Length& h : hs)
            for (const Length& w : ws) look(d, h, w, false);
    if (std::isinf(best.cost)) look(ds.front(), hs.front(), ws.front(), true);
    return best;
}

#define CONVX_WINDOW(W)                                                    \
    template Tile tile_for(const W&, const W&, const W&, int64_t element); \
    template Tile tile_of(const W&, const W&, const W&, int64_t element, int variant);
CONVX_WINDOW(Window)
CONVX_WINDOW(Axis)

}  // namespace convx::fft
