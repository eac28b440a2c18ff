// How a call of direct is cut, and the scratch that it needs.
#pragma once
#include <algorithm>

#include "../data/panel_depth.h"
#include "../data/patch.h"
#include "../data/team_cut.h"
#include "../runtime/cache.h"
#include "../runtime/workspace.h"
#include "../shape/integer_math.h"
#include "direct.h"

namespace convx::direct {

constexpr int64_t MOST_PIXELS = 1024;  // of a block: more would only make tasks coarse
constexpr int64_t LEAST_SLABS = 8;     // that make it worth to pack pixels

template <class T>
struct Setup {
    BlockTasks tasks;
    PatchMaker<T> maker;
    Workspace workspace;
    Part<int64_t> w_columns, w_tap, tables, block_id;
    Part<Run> runs;
    Part<T> patch, sums, pixels;

    Setup(const ConvShape& s, const View<const T>& x, const Kernels<T>& k, int threads)
        : tasks(cut(s, k, threads)),
          maker(s, x, tasks.blocking, k),
          workspace(threads),
          w_columns(workspace.shared<int64_t>(maker.table_elements())),
          w_tap(workspace.shared<int64_t>(s.taps())),
          tables(workspace.own<int64_t>(TileTaps::table_elements(s))),
          block_id(workspace.own<int64_t>(1)),
          runs(workspace.own<Run>(k.mr)),
          patch(workspace.own<T>(maker.scratch_elements())),
          sums(workspace.own<T>(tasks.blocking.pixels() * k.nr *
                                (tasks.blocking.channels < s.c_per_group() ? tasks.step : 1))),
          pixels(workspace.own<T>(packs(s, k) ? tasks.blocking.pixels() * tasks.blocking.channels * s.taps() + k.nr
                                              : 0)) {}

    static bool packs(const ConvShape& s, const Kernels<T>& k) { return packs_pixels(s, k.mr, k.nr); }
    static int64_t slab_count(const ConvShape& s, const Kernels<T>& k) { return ceil_div(s.k_per_group(), k.nr); }

  private:
    static constexpr int64_t ELEMENT = sizeof(T);
    static constexpr double PACK = 8;  // slots that a tile's term takes

    static int64_t block_bytes() { return caches().l2 * 3 / 8; }  // beside a slab of weights
    // Of packed pixels of small maps only some channels at a time, so that weights are read once.
    static bool cuts_channels(const ConvShape& s, const Kernels<T>& k) {
        if (!packs(s, k)) return false;
        return s.taps() > 1 || (s.pixels() <= packed_pixels(k) && s.pixels() * s.depth() * ELEMENT > block_bytes());
    }
    static BlockTasks cut(const ConvShape& s, const Kernels<T>& k, int threads) {
        const bool some = cuts_channels(s, k);
        const Blocking most = choose_blocking(s, some ? packed_limits(s, k) : limits(s, k));
        const int64_t slabs = slab_count(s, k);
        const double taps = static_cast<double>(s.taps());
        const bool refills = most.channels < s.c_per_group();
        return cut_for_team(s, most,
                            {k.mr, 1, slabs, taps * static_cast<double>(k.mr * k.nr / k.lanes),
                             LATENCY / static_cast<double>(k.mr * k.nr / k.lanes),
                             weights_cost(s.k_per_group() * s.depth() * ELEMENT, s.taps() * k.nr * ELEMENT),
                             packs(s, k) && refills ? taps * PACK : 0, copies(s) ? COPIED : 0,
                             refills ? Input::of_task : Input::of_thread},
                            threads);
    }

    static BlockLimits limits(const ConvShape& s, const Kernels<T>& k) {
        return {
            s.c_per_group(), block_bytes(), MOST_PIXELS, ELEMENT, 1, k.lanes, ceil_div(panel_depth<T>(k), s.taps())};
    }

    static int64_t packed_room() { return caches().l2 / 4 / ELEMENT; }
    static int64_t packed_pixels(const Kernels<T>& k) {
        return std::min(packed_room() / panel_depth<T>(k), MOST_PIXELS);
    }

    // As many pixels as let a panel's depth of them stay in L2, so that weights are read for all of them at once; then
    // as many channels as fill that room.
    static BlockLimits packed_limits(const ConvShape& s, const Kernels<T>& k) {
        BlockLimits l = limits(s, k);
        l.pixels = packed_pixels(k);
        const int64_t terms =
            std::clamp<int64_t>(packed_room() / std::min(s.pixels(), l.pixels), panel_depth<T>(k), s.depth());
        l.channels = even_part(s.c_per_group(), std::max<int64_t>(terms / s.taps(), 1));
        return l;
    }
};

}  // namespace convx::direct
