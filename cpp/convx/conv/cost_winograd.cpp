#include <algorithm>
#include <cmath>

#include "cost_terms.h"

namespace convx::cost {
namespace {

constexpr double TILES = 48;   // in a pass over the transformed weights
constexpr double PLANES = 4;   // of outputs in it, where they share input
constexpr double TERMS = 128;  // of a sum before it is put away
constexpr double FEW = 9;      // fewer tiles hide no reads of weights
constexpr double PASS = 0.6;   // of two, what transforms along one axis take

}  // namespace

double winograd(const ConvShape& s, const Machine& m, const winograd::Scheme& scheme) {
    const Slots& c = slots(m);
    const double channels = number(s.k_per_group()), depth = number(s.c_per_group()) * live(s.d);
    const double images = number(s.n * s.groups);
    const auto element = static_cast<size_t>(m.element);
    const winograd::AxisTiles tiles_h = scheme.tiles_h(s.h.out, element), tiles_w = scheme.tiles_w(s.w.out, element);
    const double plane = number(tiles_h.count()) * number(tiles_w.count());
    const double points =
        number(tiles_h.all_points()) * number(tiles_w.all_points()) / plane;  // of a tile, in the mean
    // Planes that share input are multiplied one by one.
    const bool apart = s.d.kernel == 1 && s.d.lo + s.d.hi == 0;
    const double tiles = number(s.d.out) * plane;
    const double full = std::floor(channels / m.nr), rest = ceil_div(channels - full * m.nr, m.lanes);

    // Of a block of planes those of the input are transformed once; few channels of all taps are summed at a time.
    const double shared = 1 + number(s.d.kernel - 1) / PLANES;
    const double planes = number(s.d.out) * std::min(number(s.d.kernel), std::max(shared, number(s.d.stride)));
    const double sums = ceil_div(number(s.c_per_group()) * number(s.d.kernel), TERMS);
    const double pixels = number(tiles_h.inputs(0, tiles_h.count())) * number(tiles_w.inputs(0, tiles_w.count()));
    const double axes = scheme.h.points == 1 || scheme.w.points == 1 ? PASS : 1;
    const double input = planes * ceil_div(number(s.c_per_group()), m.lanes) *
                         (plane * points * axes * c.input_point + pixels * c.input_pixel);
    const double outputs = number(s.d.out) * number(tiles_h.all_outputs()) * number(tiles_w.all_outputs());
    const double output =
        ceil_div(channels, m.lanes) * (tiles * points * axes * c.output_point + outputs * c.output_pixel);
    // Of some points, which some tiles of each plane have.
    const auto some = [&](double vectors, double each, int64_t plane_tiles) {
        const double all = number(s.d.out) * number(plane_tiles);
        const double panels = apart ? ceil_div(all, m.mr) : number(s.d.out) * ceil_div(number(plane_tiles), m.mr);
        const double tile = step(all / panels, vectors, m) * depth, store = all / panels * vectors * 2;
        return each * all > 0 ? panels * each * (tile + sums * (c.point_tile + store)) : 0;
    };
    const auto slab = [&](double vectors) {
        const double h = number(tiles_h.shared_points()), w = number(tiles_w.shared_points());
        const double more_h = scheme.h.points - h, more_w = scheme.w.points - w;
        return vectors > 0 ? some(vectors, h * w, tiles_h.count() * tiles_w.count()) +
                                 some(vectors, more_h * w, tiles_h.wide() * tiles_w.count()) +
                                 some(vectors, h * more_w, tiles_h.count() * tiles_w.wide()) +
                                 some(vectors, more_h * more_w, tiles_h.wide() * tiles_w.wide())
                           : 0;
    };
    const double products = images * (full * slab(2) + slab(rest));
    const double weights = number(s.groups) * ceil_div(channels, m.nr) * m.nr * depth * scheme.weights();
    const bool far = weights * m.element > cached(caches().l3);
    const double passes = number(s.n) * ceil_div(tiles, far ? 2 * TILES : TILES);
    // The first of them is from memory, as other layers ran meanwhile.
    const double first = weights * m.element > cached(caches().l2) ? c.cold_vector : c.cached_vector;
    const double again = tiles < FEW ? c.bare_vector : c.memory_vector;
    const double stream = weights / m.lanes * (far ? passes * again : first + (passes - 1) * c.cached_vector);
    // V of a block that leaves L2 is written and read beyond, in memory where it leaves the last level too.
    const double block = std::min(tiles, TILES) * (s.d.kernel > 1 ? 2 : 1) * points * number(s.c_per_group());
    const double v = planes * plane * points * number(s.c_per_group()) / m.lanes;
    const double far_v = block * m.element > cached(caches().l3)   ? v * c.memory_point
                         : block * m.element > number(caches().l2) ? v * c.far_point
                                                                   : 0;
    return c.winograd * (images * (input + output + far_v) + products + stream) + 2 * remote(s, m) +
           (m.packs_weight ? weights * c.pack_point : 0);
}

}  // namespace convx::cost
