// How a call is cut into blocks of tiles, and the scratch that it needs.
#pragma once
#include <algorithm>
#include <limits>

#include "../data/team_cut.h"
#include "../runtime/cache.h"
#include "../runtime/workspace.h"
#include "../shape/integer_math.h"
#include "algorithm.h"
#include "winograd_pixels.h"

namespace convx::winograd {

constexpr int64_t LEAST_TILES = 48, MOST_TILES = 96;  // per pass over the weights, where the map has them
constexpr int64_t LEAST_OUTPUTS = 64;                 // channels per pass over V, where it does not stay in L2
constexpr double POINT = 8;                           // slots of a vector that the input's transform makes
constexpr int64_t MOST_ALIKE = 4;                     // threads that transform the same input, rather than share V
constexpr double LEAST_SHARED_FLOPS = 5e7;
constexpr int64_t MOST_V_BYTES = 3 << 20;  // of tiles of several planes that share no input
constexpr int64_t PLANES = 4;              // of outputs at a time, where they share planes of the input

constexpr int64_t LONGEST_SUM = 128;  // terms in a row

// Rows a power of two apart share few cache sets.
constexpr int64_t ROW_ALIAS = 1024;
inline int64_t apart(int64_t elements, int64_t size) {
    const int64_t line = CACHE_LINE / size, whole = round_up(elements, line);
    return whole * size % ROW_ALIAS ? whole : whole + line;
}

// Images of one plane are the planes of one image, so that tiles of several share a pass over the weights.
inline bool stacks(const ConvShape& s) {
    return s.n > 1 && s.d.in == 1 && s.d.out == 1 && s.d.kernel == 1 && s.d.lo == 0;
}
inline ConvShape stacked(const ConvShape& s) {
    if (!stacks(s)) return s;
    ConvShape one = s;
    one.n = 1;
    one.d = {s.n, s.n, 1, 1, 1, 0, 0};
    return one;
}
template <class T>
View<const T> stacked(const ConvShape& s, const View<const T>& x) {
    View<const T> planes = x;
    if (stacks(s)) planes.d = x.n;
    return planes;
}

// Of a map whose taps lie `gap` pixels apart, rows of so many, in which taps and outputs of a tile lie below each
// other. The last may hold more pixels than there are.
inline ConvShape in_rows(const ConvShape& s) {
    if (!has_gaps(s)) return s;
    const int64_t pixels = s.h.out * s.w.out, gap = std::min(s.h.dilation * s.w.out, pixels);
    const int64_t rows = ceil_div(pixels, gap);
    ConvShape r = s;
    r.h = {rows + s.h.kernel - 1, rows, s.h.kernel, 1, 1, 0, 0};
    r.w = {gap, gap, 1, 1, 1, 0, 0};
    return r;
}

// The convolution whose outputs are the tiles, of one input pixel each: for cutting it into blocks.
inline ConvShape tiles_of(const ConvShape& s, const AxisTiles& h, const AxisTiles& w) {
    ConvShape t = s;
    t.h = {s.h.in, h.count(), 1, 1, 1, 0, 0};
    t.w = {s.w.in, w.count(), 1, 1, 1, 0, 0};
    return t;
}

inline int64_t inputs(const AxisScheme& a, int64_t tiles) { return (tiles - 1) * a.step() + a.points; }

template <class T>
struct Setup {
    const ConvShape shape;  // stacked and in rows
    const Schemes schemes;
    const Scheme& scheme;
    const AxisTiles tiles_h, tiles_w;
    const ConvShape tiles;
    const bool shares_v;  // V of the whole call, where too many threads would make their own of the same block
    const int64_t slabs, last_cols;  // of output channels; what vectors of the last hold
    const BlockTasks tasks;
    const Blocking& blocking;
    const SlotAxis planes;     // of the input that a block's outputs read along D
    const int64_t rows, cols;  // of the patch of a block
    const int64_t chunk;       // input channels transformed at a time
    const int64_t v_tile, v_plane, v_point;
    const int64_t slabs_at_once, channels_at_once;
    const int64_t m_tile, m_point, u_point, u_slab;
    PixelMaker<T> maker;
    Workspace workspace;
    Part<int64_t> columns, block_id;
    Part<T> v, m, patch, pixels;

    Setup(const ConvCall<T>& call) : Setup(call.shape, call.x, call.kernels, call.threads, call.variant) {}
    Setup(const ConvShape& s, const View<const T>& x, const Kernels<T>& k, int threads, int variant)
        : shape(in_rows(stacked(s))),
          schemes(schemes_of(s)),
          scheme(schemes.of(variant)),
          tiles_h(scheme.tiles_h(shape.h.out, sizeof(T))),
          tiles_w(scheme.tiles_w(shape.w.out, sizeof(T))),
          tiles(tiles_of(shape, tiles_h, tiles_w)),
          shares_v(threads > MOST_ALIKE * blocks_of(block(k)) && worth_sharing(s)),
          slabs(ceil_div(s.k_per_group(), k.nr)),
          last_cols(round_up(s.k_per_group() - (slabs - 1) * k.nr, k.lanes)),
          tasks(cut(k, threads)),
          blocking(tasks.blocking),
          planes(shape.d, blocking.d),
          rows(inputs(scheme.h, blocking.p)),
          cols(inputs(scheme.w, blocking.q)),
          chunk(channels_of_patch(k)),
          v_tile(apart(round_up(s.c_per_group(), k.lanes), sizeof(T))),
          v_plane(blocking.p * blocking.q * v_tile),
          v_point(planes.count * v_plane + CACHE_LINE / ELEMENT),
          slabs_at_once(slabs_of_pass(k)),
          channels_at_once(channels_of_pass(k)),
          m_tile(slabs_at_once * k.nr),
          m_point(blocking.pixels() * m_tile + CACHE_LINE / ELEMENT),
          u_point(shape.d.kernel * s.c_per_group() * k.nr),
          u_slab(scheme.weights() * u_point),
          maker(stacked(s), stacked(s, x), rows, cols, chunk, k),
          workspace(threads),
          columns(workspace.shared<int64_t>(maker.table_elements())),
          block_id(workspace.own<int64_t>(1)),
          v(shares_v ? workspace.shared<T>(blocks() * v_block()) : workspace.own<T>(v_block())),
          m(workspace.own<T>(scheme.points() * m_point)),
          patch(workspace.own<T>(maker.scratch_elements())),
          pixels(workspace.own<T>(rows * cols * round_up(chunk, k.lanes))) {}

    int64_t blocks() const { return blocks_of(blocking); }
    int64_t chunks() const { return ceil_div(tiles.c_per_group(), chunk); }
    int64_t v_block() const { return scheme.points() * v_point; }

  private:
    static constexpr int64_t ELEMENT = sizeof(T);

    int64_t blocks_of(const Blocking& b) const { return tiles.n * tiles.groups * b.count(); }

    // A second parallel region and what crosses from core to core cost more than small calls gain.
    bool worth_sharing(const ConvShape& s) const {
        const double planes = static_cast<double>(s.n * s.d.out) * (s.d.kernel > 1 ? 2 : 1);
        const double tile_bytes = static_cast<double>(scheme.points() * s.c * ELEMENT);
        const double v_bytes = planes * static_cast<double>(tiles.h.out * tiles.w.out) * tile_bytes;
        return s.flops() > LEAST_SHARED_FLOPS && v_bytes < static_cast<double>(caches().l3 / 2);
    }

    // Weights that come from memory.
    bool far() const {
        const double weight_bytes = static_cast<double>(tiles.k * tiles.c_per_group() * tiles.d.kernel) *
                                    static_cast<double>(scheme.weights() * ELEMENT);
        return weight_bytes > static_cast<double>(caches().l3 / 2);
    }

    // Many tiles share one pass over the weights; V should stay in L2 meanwhile.
    Blocking block(const Kernels<T>& k) const {
        const int64_t tile_bytes = scheme.points() * tiles.c_per_group() * ELEMENT;
        const int64_t wanted = far() ? MOST_TILES : std::clamp(caches().l2 / 2 / tile_bytes, LEAST_TILES, MOST_TILES);
        const Axis& depth = tiles.d;
        const int64_t plane = std::min(tiles.h.out * tiles.w.out, wanted);
        const int64_t most = depth.kernel > 1 ? wanted : std::clamp(MOST_V_BYTES / tile_bytes, plane, wanted);
        const bool shares = depth.kernel > 1 && depth.dilation < PLANES && depth.stride < PLANES;
        const int64_t deep = shares ? std::min(PLANES, depth.out) : 1;
        ConvShape flat = tiles;
        flat.d = {1, shares || depth.kernel == 1 ? ceil_div(depth.out, deep) : 1, 1, 1, 1, 0, 0};
        Blocking b =
            choose_blocking(flat, {1, std::numeric_limits<int64_t>::max() / 2, most / deep, ELEMENT, 1, k.mr / 4 + 1});
        b.d = even_part(depth.out, b.d * deep);
        b.count_d = ceil_div(depth.out, b.d);
        return b;
    }

    BlockTasks cut(const Kernels<T>& k, int threads) const {
        const Blocking most = block(k);
        const int64_t points = scheme.points() * tiles.d.kernel, weights = scheme.weights() * tiles.d.kernel * ELEMENT;
        const double input = POINT * static_cast<double>(scheme.points()) / static_cast<double>(k.lanes);
        return cut_for_team(tiles, most,
                            {k.mr, 1, slabs, static_cast<double>(points * k.mr * (k.nr / k.lanes)),
                             LATENCY / static_cast<double>(k.mr * k.nr / k.lanes),
                             weights_cost(tiles.k * tiles.c_per_group() * weights, k.nr * weights), 0, input,
                             shares_v ? Input::of_team : Input::of_thread},
                            threads);
    }

    // Pixels that stay in L1, or one vector; a line where threads share V, as they write to no line at once.
    int64_t channels_of_patch(const Kernels<T>& k) const {
        const int64_t least = shares_v ? std::max<int64_t>(k.lanes, CACHE_LINE / ELEMENT) : k.lanes;
        const int64_t fit = shares_v ? 0 : caches().l1 / 2 / (rows * cols * ELEMENT) / least * least;
        return std::min(std::max(fit, least), tiles.c_per_group());
    }

    // M should stay in L2 beside V; a V that is larger than L2 is not read anew for each slab.
    int64_t slabs_of_pass(const Kernels<T>& k) const {
        const int64_t fit = caches().l2 / 2 / (scheme.points() * blocking.pixels() * k.nr * ELEMENT);
        const int64_t least = v_block() * ELEMENT > caches().l2 ? ceil_div(LEAST_OUTPUTS, k.nr) : 1;
        return std::clamp<int64_t>(std::max(fit, least), 1, slabs);
    }

    // The weights of one point and slab fill half of L1, and sums of sums err less than long ones.
    int64_t channels_of_pass(const Kernels<T>& k) const {
        const int64_t fit = std::min(caches().l1 / 2 / (k.nr * ELEMENT), LONGEST_SUM) / tiles.d.kernel;
        return even_part(tiles.c_per_group(), std::max<int64_t>(fit, k.lanes));
    }
};

}  // namespace convx::winograd
