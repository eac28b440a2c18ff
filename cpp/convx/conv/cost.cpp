#include "cost.h"

#include <algorithm>
#include <cmath>

#include "../../kernels/contracts/direct.h"
#include "../runtime/cache.h"
#include "depthwise.h"

namespace convx::cost {
namespace {

// Measured on AVX-512 and AVX2 by the sweep; slots are FMA issue slots.
constexpr double LATENCY = 6;         // slots a step of a tile takes at least
constexpr double TILE_CALL = 40;      // entering and leaving a register tile
constexpr double STORE_VECTOR = 8;    // transposing and storing one vector of a direct tile
constexpr double C_VECTOR = 4;        // loading and storing one vector of an im2col tile
constexpr double PACK_VECTOR = 2;     // one vector into the im2col panel ...
constexpr double PACK_RUN = 4;        // ... and one run of adjacent pixels
constexpr double COPY_VECTOR = 4;     // one vector into the padded patch
constexpr double PACK_WEIGHT = 1.2;   // one weight into a panel
constexpr double INPUT_VECTOR = 7.5;  // one point of a vector of input channels ...
constexpr double TURN_VECTOR = 16;    // ... whose pixels are first turned over
constexpr double OUTPUT_VECTOR = 7;   // one point of a vector of output channels ...
constexpr double PIXEL_VECTOR = 8;    // ... and one output
constexpr double CACHED_BYTE =
    3.2;  // streaming transformed weights from the last-level cache, per byte of a vector ...
constexpr double MEMORY_BYTE = 6.4;    // ... and from memory
constexpr double STAGE_VECTOR = 40;    // one vector of output written, read and written again
constexpr double WINOGRAD_TILES = 48;  // a pass over the transformed weights
constexpr double NO_FMA = 1.3;         // what tiles other than im2col lose where products are instructions of their own
constexpr double CROSSING = 1.0 / 64;  // per byte of a vector: a load at any address may take two lines
constexpr double PACK_POINT = 0.8;     // one transformed weight
constexpr double PANEL_DEPTH = 128;    // terms of the sum per panel

double ceil_div(double a, double b) { return std::ceil(a / b); }

// Slots of one step of a tile: its multiply-adds, its loads (as many ports), or the latency of its accumulators.
double step(double rows, double vectors) { return std::max({rows * vectors, rows + vectors, LATENCY}); }

double ease(const Machine& m) { return m.fma ? 1 : NO_FMA; }

double outputs(const ConvShape& s) { return static_cast<double>(s.n) * static_cast<double>(s.pixels()); }

bool in_place(const ConvShape& s) {
    return s.taps() == 1 && s.w.stride == 1 && s.h.stride == 1 && s.w.lo + s.w.hi + s.h.lo + s.h.hi == 0;
}

double patch(const ConvShape& s, const Machine& m) {
    if (in_place(s)) return 0;
    const double rows = static_cast<double>(s.n * s.c * s.d.in) * static_cast<double>(s.h.in);
    return rows * (ceil_div(static_cast<double>(s.w.in), m.lanes) + 3) * COPY_VECTOR;
}

double weights(const ConvShape& s) { return static_cast<double>(s.k) * static_cast<double>(s.depth()); }

}  // namespace

double direct(const ConvShape& s, const Machine& m) {
    const double channels = static_cast<double>(s.k_per_group()), depth = static_cast<double>(s.depth());
    const double width = static_cast<double>(s.w.out), tiles = ceil_div(width, m.mr);
    const double full = std::floor(channels / m.nr), rest = ceil_div(channels - full * m.nr, m.lanes);
    const auto row = [&](double vectors) {
        return vectors > 0 ? tiles * (step(width / tiles, vectors) * ease(m) * depth + TILE_CALL) +
                                 width * vectors * STORE_VECTOR
                           : 0;
    };
    const double rows = outputs(s) / width * static_cast<double>(s.groups);
    return rows * (full * row(2) + row(rest)) + patch(s, m) + (m.packs_weight ? weights(s) * PACK_WEIGHT / 2 : 0);
}

double im2col(const ConvShape& s, const Machine& m) {
    const double channels = static_cast<double>(s.k_per_group()), depth = static_cast<double>(s.depth());
    const double pixels = static_cast<double>(s.pixels()), panels = ceil_div(channels, m.mr), rows = channels / panels;
    const double full = std::floor(pixels / m.nr), rest = ceil_div(pixels - full * m.nr, m.lanes);
    const double passes = ceil_div(depth, PANEL_DEPTH);
    const double runs = 1 + (in_place(s) ? 0 : m.nr / static_cast<double>(s.w.out));
    const auto column = [&](double vectors) {
        return vectors > 0 ? panels * (step(rows, vectors) * depth + passes * (TILE_CALL + rows * vectors * C_VECTOR)) +
                                 depth * (vectors * PACK_VECTOR + runs * PACK_RUN)
                           : 0;
    };
    const double columns = static_cast<double>(s.n) * static_cast<double>(s.groups);
    return columns * (full * column(2) + column(rest)) + patch(s, m) + (m.packs_weight ? weights(s) * PACK_WEIGHT : 0);
}

namespace {

double pixel_tiles(const ConvShape& s, const Machine& m, double most_rows) {
    const double channels = static_cast<double>(s.k_per_group()), depth = static_cast<double>(s.depth());
    const double width = static_cast<double>(in_place(s) ? s.pixels() : s.w.out);
    const double lines = outputs(s) / width * static_cast<double>(s.groups);
    const double panels = ceil_div(channels, most_rows), rows = channels / panels;
    const double vectors = pixel_vectors(m.pixel_registers, static_cast<int>(std::ceil(rows)));
    const double loads = 1 + (in_place(s) ? 0 : m.lanes * m.element * CROSSING);
    const double tile = depth * std::max({rows * vectors * ease(m), loads * vectors + rows, LATENCY}) + TILE_CALL;
    return lines * panels * ceil_div(width, m.lanes) / vectors * (tile + rows * vectors * 2) + patch(s, m) +
           lines * ceil_div(width, m.lanes) * 2 + (m.packs_weight ? weights(s) * PACK_WEIGHT : 0);
}

}  // namespace

double narrow(const ConvShape& s, const Machine& m) { return pixel_tiles(s, m, m.pixel_rows); }

double depthwise(const ConvShape& s, const Machine& m) {
    if (!depthwise::has_kernel(s)) return pixel_tiles(s, m, 1);
    const double rows = static_cast<double>(s.n * s.k * s.h.out);
    // Half vectors where whole ones would leave many lanes idle.
    const double vectors = std::min(ceil_div(static_cast<double>(s.w.out), m.lanes),
                                    ceil_div(static_cast<double>(s.w.out), m.lanes / 2) / 2);
    const double wide = m.fma ? 1.6 : 2.2;  // more weights than registers
    const double tap = s.w.kernel == 3 ? 1.05 : wide;
    return rows * (vectors * (static_cast<double>(s.taps()) * tap + 4) + 3) * static_cast<double>(s.w.stride);
}

double winograd(const ConvShape& s, const Machine& m, const winograd::Scheme& scheme) {
    const auto number = [](int64_t x) { return static_cast<double>(x); };
    const double channels = number(s.k_per_group()), depth = number(s.c_per_group() * s.d.kernel);
    const double points = scheme.points(), images = number(s.n * s.groups);
    const double plane = ceil_div(number(s.h.out), scheme.h.outputs()) * ceil_div(number(s.w.out), scheme.w.outputs());
    const double tiles = number(s.d.out) * plane, panels = ceil_div(tiles, m.mr);
    const double full = std::floor(channels / m.nr), rest = ceil_div(channels - full * m.nr, m.lanes);

    const double planes = number(s.d.out) * std::min<double>(number(s.d.kernel), 1.5);
    const double pixels = plane * scheme.h.step() * scheme.w.step();
    const double input =
        planes * ceil_div(number(s.c_per_group()), m.lanes) * (plane * points * INPUT_VECTOR + pixels * TURN_VECTOR);
    const double outputs = tiles * scheme.h.outputs() * scheme.w.outputs();
    const double output = ceil_div(channels, m.lanes) * (tiles * points * OUTPUT_VECTOR + outputs * PIXEL_VECTOR);
    const auto slab = [&](double vectors) {
        const double store = tiles / panels * vectors * 2;
        return vectors > 0 ? panels * points * (step(tiles / panels, vectors) * depth + TILE_CALL + store) : 0;
    };
    const double products = images * (full * slab(2) + slab(rest));
    const double weight_bytes =
        number(s.groups) * ceil_div(channels, m.nr) * m.nr * depth * scheme.weights() * m.element;
    const bool far = weight_bytes > number(caches().l3) / 2;
    const double passes = number(s.n) * ceil_div(tiles, far ? 2 * WINOGRAD_TILES : WINOGRAD_TILES);
    const double byte = (far ? MEMORY_BYTE : CACHED_BYTE) / (m.lanes * m.element);
    const double stream = weight_bytes * passes * byte;
    return images * (input + output) + std::max(products, stream) +
           (m.packs_weight ? weight_bytes / m.element * PACK_POINT : 0);
}

double transposition(const ConvShape& s, const Machine& m) {
    return outputs(s) * static_cast<double>(s.k) / m.lanes * STAGE_VECTOR;
}

}  // namespace convx::cost
