#include "cost.h"

#include <limits>

#include "../../kernels/contracts/direct.h"
#include "cost_terms.h"
#include "depthwise.h"
#include "direct.h"

namespace convx::cost {
namespace {

constexpr double NO_FMA = 1.3;         // what tiles other than im2col lose where products are instructions of their own
constexpr double CROSSING = 1.0 / 64;  // per byte of a vector: a load at any address may take two lines
constexpr int64_t SEPARABLE_TAPS = 3;  // along either axis
constexpr double SEPARABLE_TAP = 1.2, SEPARABLE_FEW = 24, SEPARABLE_VECTOR = 6, SEPARABLE_ROW = 80;
constexpr double SEPARABLE_SPLIT = 18;  // a vector of a row of which every second sum counts

double ease(const Machine& m) { return m.fma ? 1 : NO_FMA; }

double weights(const ConvShape& s) { return number(s.k) * number(s.depth()); }
bool pads(const ConvShape& s) { return s.d.lo + s.d.hi + s.h.lo + s.h.hi + s.w.lo + s.w.hi > 0; }

bool in_place(const ConvShape& s) {
    return s.taps() == 1 && s.d.stride == 1 && s.h.stride == 1 && s.w.stride == 1 && !pads(s);
}

// Pixels of a tap are neighbours, from one row of output to the next.
bool is_one_row(const ConvShape& s) {
    if (s.d.out * s.h.out == 1) return true;
    return s.w.kernel == 1 && s.w.stride == 1 && s.w.lo + s.w.hi == 0 && s.h.stride == 1;
}

// Blocks without padding are read where they lie, as long as their pixels are neighbours.
bool copies(const ConvShape& s) { return s.w.stride > 1 || pads(s); }

// Reading the input once, and laying it out with its padding.
double patch(const ConvShape& s, const Machine& m, bool copied) {
    const double bytes = input_bytes(s, m);
    const double read = (bytes > cached(caches().l2) ? bytes * slots(m).input_byte : 0) + remote(s, m);
    if (!copied) return read;
    const PhaseAxis w(s.w, s.w.out);
    const double vectors = number(w.phases) * ceil_div(number(w.length), m.lanes);
    return read + input_rows(s) * (vectors * slots(m).copy_vector + slots(m).copy_row);
}

// Taps along a row that some pixel of a tile meets, in the mean of all tiles; of long rows few see the padding.
double live_for_tiles(const Axis& a, double most_pixels) {
    constexpr int64_t LONG = 32;
    const EvenSplit tiles(a.out, static_cast<int64_t>(most_pixels));
    if (a.lo + a.hi == 0 || tiles.count > LONG) return number(a.kernel);
    int64_t taps = 0;
    for (int64_t i = 0; i < tiles.count; ++i)
        taps += live_taps(a, tiles.start(i), tiles.start(i) + tiles.size(i)).size();
    return number(taps) / number(tiles.count);
}

double packing(const ConvShape& s, const Machine& m) { return m.packs_weight ? weights(s) * slots(m).pack_weight : 0; }

// Reading weights: once from memory, as other layers ran meanwhile, and then from where they fit.
double stream(double bytes, double passes, const Machine& m) {
    if (bytes <= cached(caches().l2)) return 0;
    const double again = bytes > cached(caches().l3) ? slots(m).memory_byte : slots(m).cached_byte;
    return bytes * (slots(m).memory_byte + std::max(passes - 1, 0.0) * again);
}

}  // namespace

double direct(const ConvShape& s, const Machine& m) {
    const Slots& c = slots(m);
    const double channels = number(s.k_per_group());
    // Taps wholly in the padding cost nothing.
    const bool packed = direct::packs_pixels(s, int64_t(m.mr), int64_t(m.nr));
    const double depth =
        packed ? number(s.depth()) : number(s.c_per_group()) * live(s.d) * live(s.h) * live_for_tiles(s.w, m.mr);
    const double width = number(packed || in_place(s) ? s.pixels() : s.w.out), tiles = ceil_div(width, m.mr);
    const double full = std::floor(channels / m.nr), rest = ceil_div(channels - full * m.nr, m.lanes);
    const double passes = ceil_div(number(s.depth()), m.panel_depth), slabs = full + (rest > 0 ? 1 : 0);
    // Tiles of few rows miss L1 at each tap whose pixels the tap before has not brought there, more so where taps share
    // few of its sets.
    const bool scattered = (s.w.kernel == 1 || s.w.dilation > 1) && !loads_little(int64_t(m.mr));
    const double scattered_pixels = s.taps() == 1 ? c.direct_far : c.direct_far_taps;
    const bool far = std::min(number(s.depth()), m.panel_depth) * m.nr * m.element > cached(caches().l1);
    const double far_pixels = packed ? 0 : s.w.stride > 1 ? c.direct_strided : scattered ? scattered_pixels : 0;
    const auto row = [&](double vectors) {
        if (vectors == 0) return 0.0;
        const double rows = width / tiles, loads = rows + vectors * (far ? c.weight_far : 1);
        const double each = std::max({rows * vectors * ease(m), loads, c.latency}) + far_pixels;
        return tiles * (each * depth + passes * c.direct_tile) +
               width * vectors * (c.turn_vector + (passes - 1) * c.sum_vector);
    };
    const double rows = outputs(s) / width * number(s.groups);
    const double bytes = number(s.groups) * slabs * m.nr * number(s.depth()) * m.element;
    return rows * (full * row(2) + row(rest) + (packed ? tiles * depth * c.direct_pack : 0)) +
           stream(bytes, ceil_div(outputs(s), 1024), m) + patch(s, m, copies(s)) + remote(s, m) + packing(s, m) / 2;
}

// A step where the last columns are few, and rows of several panels in the lanes: of eight panels with one column,
// which are nine loads, or of two with up to four.
double last_columns(double columns, double panels, double rows, const Machine& m) {
    const bool few =
        columns <= 4 && panels > 1 && m.fma && m.element == sizeof(float) && m.mr <= m.lanes && 2 * rows >= m.lanes;
    if (!few) return step(rows, ceil_div(columns, m.lanes), m);
    return (columns == 1 ? 9 * ceil_div(panels, 8) : 8 * ceil_div(panels, 2)) / panels;
}

double im2col(const ConvShape& s, const Machine& m) {
    const Slots& c = slots(m);
    const double channels = number(s.k_per_group()), depth = number(s.depth());
    const double pixels = number(s.pixels()), panels = ceil_div(channels, m.mr), rows = channels / panels;
    const double full = std::floor(pixels / m.nr), left = pixels - full * m.nr, rest = ceil_div(left, m.lanes);
    const double passes = ceil_div(depth, m.panel_depth);
    const bool one = is_one_row(s);  // then the first tile packs as it goes
    const auto column = [&](double vectors, double term) {
        if (vectors == 0) return 0.0;
        const double tile = term * depth + passes * (c.tile + rows * vectors * c.sum_vector);
        // Rows of output that end within a vector cut it.
        const double runs = vectors * std::min(1 + m.lanes / number(s.w.out), m.lanes);
        const double pack =
            one ? (panels * number(s.taps()) == 1 ? 0 : vectors * c.pack_place) : c.pack_term + runs * c.pack_vector;
        return panels * tile + depth * pack;
    };
    const double columns = number(s.n) * number(s.groups),
                 products =
                     columns * (full * column(2, step(rows, 2, m)) + column(rest, last_columns(left, panels, rows, m)));
    const double bytes = number(s.groups) * channels * depth * m.element;
    return products + stream(bytes, number(s.n) * ceil_div(pixels, m.nr), m) + patch(s, m, copies(s)) + packing(s, m);
}

namespace {

double pixel_tiles(const ConvShape& s, const Machine& m, double most_rows) {
    const Slots& c = slots(m);
    const double channels = number(s.k_per_group()), depth = number(s.depth());
    const double width = number(in_place(s) ? s.pixels() : s.w.out);
    const double lines = outputs(s) / width * number(s.groups);
    const double panels = ceil_div(channels, most_rows), rows = channels / panels;
    const double vectors = pixel_vectors(m.pixel_registers, static_cast<int>(std::ceil(rows)));
    // Pixels are read anew for each panel of output channels; one row of all input channels stays where it fits.
    const double row_bytes = number(s.c_per_group()) * number(s.d.kernel * s.h.kernel) *
                             (in_place(s) ? vectors * m.lanes : number(s.w.in)) * m.element;
    // Channels read in place lie pages apart, and fill few sets of L1. Taps side by side find what the first of them
    // has brought there.
    const bool far = (in_place(s) || row_bytes * 4 > number(caches().l1)) && panels > 1;
    const double far_vector = far ? c.pixel_far / std::max(number(s.w.kernel) / number(s.w.stride), 1.0) : 0;
    const bool copied = copies(s) || width < m.lanes;
    const double load = 1 + (s.taps() == 1 && !copied ? 0 : m.lanes * m.element * CROSSING);
    const double part = width <= m.half_lanes ? m.half_lanes / m.lanes : 1;  // of a vector
    const double each = std::max({rows * vectors * ease(m) * part, (load * vectors + rows) * part, c.latency});
    const double tile =
        depth * (each + vectors * far_vector) + number(s.c_per_group()) * c.pixel_channel + c.pixel_tile;
    return lines * panels * ceil_div(width, m.lanes) / vectors * (tile + rows * vectors * c.pixel_vector) +
           patch(s, m, copied) + (s.c_per_group() > 1 ? remote(s, m) : 0) + lines * ceil_div(width, m.lanes) * 2 +
           packing(s, m);
}

}  // namespace

double narrow(const ConvShape& s, const Machine& m) {
    const double tiles = pixel_tiles(s, m, m.pixel_rows);
    // A tile of one row waits for its loads, which the kernels of depthwise share among rows of outputs.
    return s.c_per_group() == 1 && s.k_per_group() == 1 && depthwise::has_kernel(s)
               ? std::max(tiles, depthwise(s, m) * 1.01)
               : tiles;
}

namespace {

double depthwise_rows(const ConvShape& s, const Machine& m) {
    if (!depthwise::has_kernel(s)) return pixel_tiles(s, m, 1);
    const Slots& c = slots(m);
    // Half vectors where whole ones would leave many lanes idle.
    const double vectors = std::min(ceil_div(number(s.w.out), m.lanes), ceil_div(number(s.w.out), m.lanes / 2) / 2);
    const double tap = s.w.kernel == 3                ? c.depthwise_tap
                       : s.taps() < m.pixel_registers ? c.depthwise_held
                                                      : c.depthwise_wide * (m.fma ? 1 : NO_FMA);
    return number(s.n * s.k * s.h.out) * (vectors * (number(s.taps()) * tap + 4) + c.depthwise_row) *
           number(s.w.stride);
}

double depthwise_channels(const ConvShape& s, const Machine& m) {
    const Slots& c = slots(m);
    const double blocks = number(s.n) * ceil_div(number(s.c), m.lanes), maps = number(s.k_per_group());
    const double rows = number(s.d.out * s.h.out), taps = live(s.d) * live(s.h);
    const double input = number(s.d.in) * number(s.h.in) * number(s.w.in);
    const bool unrolled = s.w.kernel <= 3 || s.w.kernel == 5 || s.w.kernel == 7;
    const double along = number(s.w.kernel) * (unrolled ? c.channel_tap : c.channel_any_tap) * (m.fma ? 1 : 1.5);
    const double pixels = number(s.pixels()) * (taps * along + 1 + c.turn_pixel);
    return blocks * (maps * (pixels + rows * (taps * c.tap_row + c.channel_row)) + input * c.turn_pixel) +
           patch(s, m, false) + remote(s, m);
}

}  // namespace

bool depthwise_by_channels(const ConvShape& s, const Machine& m) {
    return depthwise::takes_channels(s, m.lanes, m.element) && depthwise_channels(s, m) < depthwise_rows(s, m);
}

double depthwise(const ConvShape& s, const Machine& m) {
    const double rows = depthwise_rows(s, m);
    return depthwise::takes_channels(s, m.lanes, m.element) ? std::min(depthwise_channels(s, m), rows) : rows;
}

// Shorter kernels gain nothing by sums in between. Rows shorter than a vector are gathered for each tap.
double separable(const ConvShape& s, const Machine& m) {
    if (std::min(s.h.kernel, s.w.kernel) < SEPARABLE_TAPS) return std::numeric_limits<double>::infinity();
    const double lines = number(s.n * s.k) * number(s.h.out), tap = SEPARABLE_TAP * ease(m);
    const double down_tap = number(s.w.in) < m.lanes ? SEPARABLE_FEW : tap;
    const double along_tap = tap * (1 + m.lanes * m.element * CROSSING);
    const double down = ceil_div(number(s.w.in), m.lanes) * (number(s.h.kernel) * down_tap + SEPARABLE_VECTOR);
    const double along = ceil_div(number(s.w.out), m.lanes) * (number(s.w.kernel) * along_tap + SEPARABLE_VECTOR);
    const double split = s.w.stride > 1 ? ceil_div(number(s.w.in), m.lanes) * SEPARABLE_SPLIT : 0;
    return lines * (down + along + split + SEPARABLE_ROW);
}

bool worth_transforms(const ConvShape& s, const Machine& m) {
    constexpr double LEAST_FLOPS = 1e6, LEAST_OF_ONE_USE = 4e6;
    return s.flops() >= (m.packs_weight ? LEAST_OF_ONE_USE : LEAST_FLOPS);
}

bool worth_winograd(const ConvShape& s, const Machine& m) {
    return m.element <= sizeof(float) && worth_transforms(s, m);
}

double transposition(const ConvShape& s, const Machine& m, bool in_cache) {
    const Slots& c = slots(m);
    return outputs(s) * number(s.k) / m.lanes * (in_cache ? c.last_vector : c.stage_vector);
}

}  // namespace convx::cost
