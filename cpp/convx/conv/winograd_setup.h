// How a call is cut into blocks of tiles, and the scratch that it needs.
#pragma once
#include <algorithm>
#include <limits>

#include "../runtime/cache.h"
#include "../runtime/workspace.h"
#include "../shape/integer_math.h"
#include "algorithm.h"
#include "winograd_pixels.h"

namespace convx::winograd {

constexpr int64_t LEAST_TILES = 48, MOST_TILES = 96;  // per pass over the weights, where the map has them
constexpr int64_t PLANES = 4;                         // of outputs at a time, where they share planes of the input

constexpr int64_t LONGEST_SUM = 128;  // terms in a row

// Rows a power of two apart share few cache sets.
constexpr int64_t ROW_ALIAS = 1024;
inline int64_t apart(int64_t elements, int64_t size) {
    const int64_t line = CACHE_LINE / size, whole = round_up(elements, line);
    return whole * size % ROW_ALIAS ? whole : whole + line;
}

// The convolution whose outputs are the tiles, of one input pixel each: for cutting it into blocks.
inline ConvShape tiles_of(const ConvShape& s, const Scheme& scheme) {
    ConvShape t = s;
    t.h = {s.h.in, ceil_div(s.h.out, scheme.h.outputs()), 1, 1, 1, 0, 0};
    t.w = {s.w.in, ceil_div(s.w.out, scheme.w.outputs()), 1, 1, 1, 0, 0};
    return t;
}

inline int64_t inputs(const AxisScheme& a, int64_t tiles) { return (tiles - 1) * a.step() + a.points; }

template <class T>
struct Setup {
    const Schemes schemes;
    const Scheme& scheme;
    const ConvShape tiles;
    const Blocking blocking;
    const BlockTasks tasks;
    const SlotAxis planes;     // of the input that a block's outputs read along D
    const int64_t rows, cols;  // of the patch of a block
    const int64_t chunk;       // input channels transformed at a time
    const int64_t slabs, slabs_at_once, channels_at_once;
    const int64_t v_tile, v_point, v_plane, m_tile, m_point;
    PixelMaker<T> maker;
    Workspace workspace;
    Part<int64_t> columns, block_id;
    Part<T> v, m, patch, pixels;

    Setup(const ConvCall<T>& call) : Setup(call.shape, call.x, call.kernels, call.threads, call.variant) {}
    Setup(const ConvShape& s, const View<const T>& x, const Kernels<T>& k, int threads, int variant)
        : schemes(schemes_of(s.h, s.w)),
          scheme(schemes.of(variant)),
          tiles(tiles_of(s, scheme)),
          blocking(block(k, threads)),
          tasks(partition_tasks(tiles, blocking, ceil_div(s.k_per_group(), k.nr), ceil_div(s.k_per_group(), k.nr),
                                threads)),
          planes(s.d, blocking.d),
          rows(inputs(scheme.h, blocking.p)),
          cols(inputs(scheme.w, blocking.q)),
          chunk(channels_of_patch(k)),
          slabs(tasks.panels),
          slabs_at_once(slabs_of_pass(k)),
          channels_at_once(channels_of_pass(k)),
          v_tile(apart(round_up(s.c_per_group(), k.lanes), sizeof(T))),
          v_point(blocking.p * blocking.q * v_tile + CACHE_LINE / ELEMENT),
          v_plane(scheme.points() * v_point),
          m_tile(slabs_at_once * k.nr),
          m_point(blocking.pixels() * m_tile + CACHE_LINE / ELEMENT),
          maker(s, x, rows, cols, chunk, k),
          workspace(threads),
          columns(workspace.shared<int64_t>(maker.table_elements())),
          block_id(workspace.own<int64_t>(1)),
          v(workspace.own<T>(planes.count * v_plane)),
          m(workspace.own<T>(scheme.points() * m_point)),
          patch(workspace.own<T>(maker.scratch_elements())),
          pixels(workspace.own<T>(rows * cols * round_up(chunk, k.lanes))) {}

  private:
    static constexpr int64_t ELEMENT = sizeof(T);

    // Many tiles share one pass over the weights; V should stay in L2 meanwhile.
    Blocking block(const Kernels<T>& k, int threads) const {
        const int64_t tile_bytes = scheme.points() * tiles.c_per_group() * ELEMENT;
        const int64_t most = std::clamp(caches().l2 / 2 / tile_bytes, LEAST_TILES, MOST_TILES);
        const Axis& depth = tiles.d;
        const bool shares = depth.kernel > 1 && depth.dilation < PLANES && depth.stride < PLANES;
        const int64_t deep = shares ? std::min(PLANES, depth.out) : 1;
        ConvShape flat = tiles;
        flat.d = {1, shares || depth.kernel == 1 ? ceil_div(depth.out, deep) : 1, 1, 1, 1, 0, 0};
        Blocking b = choose_blocking(flat, {1, std::numeric_limits<int64_t>::max() / 2, most / deep, ELEMENT,
                                            least_blocks(tiles, threads, 4), k.mr / 4 + 1});
        b.d = even_part(depth.out, b.d * deep);
        b.count_d = ceil_div(depth.out, b.d);
        return b;
    }

    int64_t channels_of_patch(const Kernels<T>& k) const {
        const int64_t fit = caches().l2 / 8 / (rows * cols * ELEMENT) / k.lanes * k.lanes;
        return std::min(std::max<int64_t>(fit, k.lanes), tiles.c_per_group());
    }

    // M should stay in L2 beside V.
    int64_t slabs_of_pass(const Kernels<T>& k) const {
        return std::clamp<int64_t>(caches().l2 / 2 / (scheme.points() * blocking.pixels() * k.nr * ELEMENT), 1, slabs);
    }

    // The weights of one point and slab fill half of L1, and sums of sums err less than long ones.
    int64_t channels_of_pass(const Kernels<T>& k) const {
        const int64_t fit = std::min(caches().l1 / 2 / (k.nr * ELEMENT), LONGEST_SUM) / tiles.d.kernel;
        return even_part(tiles.c_per_group(), std::max<int64_t>(fit, k.lanes));
    }
};

}  // namespace convx::winograd
