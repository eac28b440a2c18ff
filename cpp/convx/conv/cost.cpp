#include "cost.h"

#include <algorithm>
#include <cmath>

#include "../../kernels/contracts/direct.h"
#include "../shape/taps.h"
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
constexpr double INPUT_VECTOR = 7;    // one transformed value of a vector of tiles
constexpr double OUTPUT_VECTOR = 8;   // one point of a vector of output channels
constexpr double CACHED_BYTE = 0.10;  // streaming transformed weights from the last-level cache ...
constexpr double MEMORY_BYTE = 0.25;  // ... and from memory
constexpr double STAGE_VECTOR = 40;   // one vector of output written, read and written again
constexpr double CACHED = 24 << 20;
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

namespace {

double depthwise_rows(const ConvShape& s, const Machine& m) {
    if (!depthwise::has_kernel(s)) return pixel_tiles(s, m, 1);
    const double rows = static_cast<double>(s.n * s.k * s.h.out);
    // Half vectors where whole ones would leave many lanes idle.
    const double vectors = std::min(ceil_div(static_cast<double>(s.w.out), m.lanes),
                                    ceil_div(static_cast<double>(s.w.out), m.lanes / 2) / 2);
    const double wide = m.fma ? 2 : 2.6;  // more weights than registers
    const double tap = s.w.kernel == 3 ? 1.05 : s.taps() < m.pixel_registers ? 1.15 : wide;
    return rows * (vectors * (static_cast<double>(s.taps()) * tap + 4) + 3) * static_cast<double>(s.w.stride);
}

// Taps of an axis that meet the input, in the mean of all outputs.
double live(const Axis& a) {
    double taps = 0;
    for (const int64_t o : {int64_t{0}, a.out / 4, a.out / 2, a.out * 3 / 4, a.out - 1})
        taps += static_cast<double>(live_taps(a, o, o + 1).size());
    return taps / 5;
}

// Slots to transpose a vector, and to find the rows of taps.
constexpr double TURN_VECTOR = 7, TAP_ROW = 4, CHANNEL_ROW = 40;

double depthwise_channels(const ConvShape& s, const Machine& m) {
    const double blocks = static_cast<double>(s.n) * ceil_div(static_cast<double>(s.c), m.lanes);
    const double maps = static_cast<double>(s.k_per_group()), pixels = static_cast<double>(s.pixels());
    const double rows = static_cast<double>(s.d.out * s.h.out), taps = live(s.d) * live(s.h);
    const double input = static_cast<double>(s.d.in) * static_cast<double>(s.h.in) * static_cast<double>(s.w.in);
    const double kernel = static_cast<double>(s.w.kernel) * (m.fma ? 1 : 1.5);
    return blocks * (maps * (pixels * (taps * kernel + 1 + TURN_VECTOR) + rows * (taps * TAP_ROW + CHANNEL_ROW)) +
                     input * TURN_VECTOR);
}

}  // namespace

bool depthwise_by_channels(const ConvShape& s, const Machine& m) {
    return depthwise::takes_channels(s, m.lanes, m.element) && depthwise_channels(s, m) < depthwise_rows(s, m);
}

double depthwise(const ConvShape& s, const Machine& m) {
    return depthwise_by_channels(s, m) ? depthwise_channels(s, m) : depthwise_rows(s, m);
}

double winograd(const ConvShape& s, const Machine& m, int per_tile, int points, int weight_points) {
    const double channels = static_cast<double>(s.k_per_group()), depth = static_cast<double>(s.c_per_group());
    const double across = ceil_div(static_cast<double>(s.w.out), per_tile);
    const double rows = static_cast<double>(s.d.out) * ceil_div(static_cast<double>(s.h.out), per_tile);
    const double tiles = across * rows, panels = ceil_div(tiles, m.mr);
    const double full = std::floor(channels / m.nr), rest = ceil_div(channels - full * m.nr, m.lanes);
    const double groups = static_cast<double>(s.n) * static_cast<double>(s.groups);

    const double input = rows * ceil_div(across, m.lanes) * depth * points * INPUT_VECTOR;
    const double output = tiles * ceil_div(channels, m.lanes) * points * OUTPUT_VECTOR;
    const auto slab = [&](double vectors) {
        const double store = tiles / panels * vectors * 2;
        return vectors > 0 ? panels * points * (step(tiles / panels, vectors) * depth + TILE_CALL + store) : 0;
    };
    const double products = groups * (full * slab(2) + slab(rest));
    const double weight_bytes =
        static_cast<double>(s.groups) * ceil_div(channels, m.nr) * m.nr * depth * weight_points * m.element;
    const double passes = static_cast<double>(s.n) *
                          ceil_div(tiles, std::clamp((512 << 10) / (points * depth * m.element), m.mr, 4 * m.mr));
    const double stream = weight_bytes * passes * (weight_bytes > CACHED ? MEMORY_BYTE : CACHED_BYTE);
    return groups * (input + output) + std::max(products, stream) + patch(s, m) * 1.5 +
           (m.packs_weight ? weight_bytes / m.element * PACK_POINT : 0);
}

double transposition(const ConvShape& s, const Machine& m) {
    return outputs(s) * static_cast<double>(s.k) / m.lanes * STAGE_VECTOR;
}

}  // namespace convx::cost
