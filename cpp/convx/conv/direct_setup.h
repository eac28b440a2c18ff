// How a call of direct is cut, and the scratch that it needs.
#pragma once
#include <algorithm>

#include "../data/panel_depth.h"
#include "../data/patch.h"
#include "../runtime/cache.h"
#include "../runtime/workspace.h"
#include "../shape/integer_math.h"
#include "direct.h"

namespace convx::direct {

constexpr int64_t MOST_PIXELS = 1024;  // of a block: more would only make tasks coarse
constexpr int64_t LEAST_SLABS = 8;     // that make it worth to pack pixels

template <class T>
struct Setup {
    Blocking blocking;
    BlockTasks tasks;
    PatchMaker<T> maker;
    Workspace workspace;
    Part<int64_t> w_columns, w_tap, tables, block_id;
    Part<Run> runs;
    Part<T> patch, sums, pixels;

    Setup(const ConvShape& s, const View<const T>& x, const Kernels<T>& k, int threads)
        : blocking(
              choose_blocking(s, packs(s, k) && s.taps() > 1 ? packed_limits(s, k, threads) : limits(s, k, threads))),
          tasks(partition_tasks(s, blocking, slab_count(s, k), slab_count(s, k), threads,
                                packs(s, k) ? slabs_of_task(s, k, threads) : 1)),
          maker(s, x, blocking, k),
          workspace(threads),
          w_columns(workspace.shared<int64_t>(maker.table_elements())),
          w_tap(workspace.shared<int64_t>(s.taps())),
          tables(workspace.own<int64_t>(TileTaps::table_elements(s))),
          block_id(workspace.own<int64_t>(1)),
          runs(workspace.own<Run>(k.mr)),
          patch(workspace.own<T>(maker.scratch_elements())),
          sums(workspace.own<T>(blocking.pixels() * k.nr * (blocking.channels < s.c_per_group() ? tasks.step : 1))),
          pixels(workspace.own<T>(packs(s, k) ? blocking.pixels() * blocking.channels * s.taps() + k.nr : 0)) {}

    static bool packs(const ConvShape& s, const Kernels<T>& k) { return packs_pixels(s, k.mr, k.nr); }
    static int64_t slab_count(const ConvShape& s, const Kernels<T>& k) { return ceil_div(s.k_per_group(), k.nr); }

  private:
    static constexpr int64_t ELEMENT = sizeof(T);
    static constexpr int64_t TASKS = 2;  // for each thread, where every task packs pixels anew

    static int64_t slabs_of_task(const ConvShape& s, const Kernels<T>& k, int threads) {
        return std::max(s.taps() > 1 ? slab_count(s, k) / (TASKS * threads) : 0, LEAST_SLABS / 2);
    }

    static BlockLimits limits(const ConvShape& s, const Kernels<T>& k, int threads) {
        const int64_t bytes = caches().l2 * 3 / 8;  // beside a slab of weights
        return {s.c_per_group(),
                bytes,
                MOST_PIXELS,
                ELEMENT,
                least_blocks(s, threads),
                k.lanes,
                ceil_div(panel_depth<T>(k), s.taps())};
    }

    // As many pixels as let a panel's depth of them stay in L2, so that weights are read for all of them at once; then
    // as many channels as fill that room.
    static BlockLimits packed_limits(const ConvShape& s, const Kernels<T>& k, int threads) {
        BlockLimits l = limits(s, k, threads);
        const int64_t room = caches().l2 / 4 / ELEMENT, depth = panel_depth<T>(k);
        l.pixels = std::min(room / depth, MOST_PIXELS);
        l.channels = std::clamp<int64_t>(room / std::min(s.pixels(), l.pixels), depth, s.depth()) / s.taps();
        l.channels = std::max<int64_t>(l.channels, 1);
        l.least_blocks = ceil_div(least_blocks(s, threads, TASKS), slab_count(s, k) / slabs_of_task(s, k, threads));
        return l;
    }
};

}  // namespace convx::direct
