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
        : blocking(choose_blocking(s, cuts_channels(s, k) ? packed_limits(s, k, threads) : limits(s, k, threads))),
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

    static int64_t block_bytes() { return caches().l2 * 3 / 8; }  // beside a slab of weights
    // Of packed pixels of small maps only some channels at a time, so that weights are read once.
    static bool cuts_channels(const ConvShape& s, const Kernels<T>& k) {
        if (!packs(s, k)) return false;
        return s.taps() > 1 || (s.pixels() <= packed_pixels(k) && s.pixels() * s.depth() * ELEMENT > block_bytes());
    }
    static constexpr int64_t TASKS = 2;  // for each thread, where every task packs pixels anew

    static int64_t slabs_of_task(const ConvShape& s, const Kernels<T>& k, int threads) {
        return std::max(cuts_channels(s, k) ? slab_count(s, k) / (TASKS * threads) : 0, LEAST_SLABS / 2);
    }

    static BlockLimits limits(const ConvShape& s, const Kernels<T>& k, int threads) {
        return {s.c_per_group(),
                block_bytes(),
                MOST_PIXELS,
                ELEMENT,
                least_blocks(s, threads),
                k.lanes,
                ceil_div(panel_depth<T>(k), s.taps())};
    }

    static int64_t packed_room() { return caches().l2 / 4 / ELEMENT; }
    static int64_t packed_pixels(const Kernels<T>& k) {
        return std::min(packed_room() / panel_depth<T>(k), MOST_PIXELS);
    }

    // As many pixels as let a panel's depth of them stay in L2, so that weights are read for all of them at once; then
    // as many channels as fill that room.
    static BlockLimits packed_limits(const ConvShape& s, const Kernels<T>& k, int threads) {
        BlockLimits l = limits(s, k, threads);
        l.pixels = packed_pixels(k);
        const int64_t terms =
            std::clamp<int64_t>(packed_room() / std::min(s.pixels(), l.pixels), panel_depth<T>(k), s.depth());
        l.channels = even_part(s.c_per_group(), std::max<int64_t>(terms / s.taps(), 1));
        l.least_blocks = ceil_div(least_blocks(s, threads, TASKS), slab_count(s, k) / slabs_of_task(s, k, threads));
        return l;
    }
};

}  // namespace convx::direct
