// How a call of im2col is cut, and the scratch that it needs.
#pragma once
#include <algorithm>

#include "../data/panel_depth.h"
#include "../data/patch.h"
#include "../data/team_cut.h"
#include "../runtime/cache.h"
#include "../runtime/workspace.h"
#include "../shape/integer_math.h"
#include "im2col.h"

namespace convx::im2col {

constexpr int64_t STREAMS = 8;  // of memory that prefetchers follow at once

// Few outputs of a large input wait for memory: then they read few channels at a time, each of them along many pixels.
// No more sums are put away than values are read.
inline bool streams(const ConvShape& s, int64_t mr, int64_t element) {
    const double bytes = patch_elements(s, s.d.out, s.h.out, s.w.out) * static_cast<double>(s.n * s.c * element);
    return s.taps() == 1 && s.k_per_group() <= std::min(mr, STREAMS) && bytes > static_cast<double>(caches().l3 / 4);
}

// Terms of the sum that are multiplied at a time; of one panel of output channels, their order is that of the weight.
template <class T>
int64_t terms_at_once(const ConvShape& s, const Kernels<T>& k) {
    return streams(s, k.mr, sizeof(T)) ? even_part(s.depth(), STREAMS) : block_depth<T>(s.depth(), k);
}

template <class T>
struct Setup {
    int64_t kc, step;  // terms of the sum, and pixels, that are packed at a time
    bool in_place;
    BlockTasks tasks;
    PatchMaker<T> maker;
    Workspace workspace;
    Part<int64_t> w_columns, tap;
    Part<Run> runs;
    Part<T> panel, patch;

    Setup(const ConvShape& s, const View<const T>& x, const Kernels<T>& k, int threads)
        : kc(terms_at_once<T>(s, k)),
          step(std::max<int64_t>(cached_terms<T>(k) / kc, 1) * k.nr),
          in_place(reads_in_place(s, x)),
          tasks(cut(s, k, threads)),
          maker(s, x, tasks.blocking, k),
          workspace(threads),
          w_columns(workspace.shared<int64_t>(maker.table_elements())),
          tap(workspace.own<int64_t>(s.taps())),
          runs(workspace.own<Run>(k.nr)),
          panel(workspace.own<T>(kc * step + k.nr)),
          patch(workspace.own<T>(in_place ? 0 : maker.scratch_elements())) {}

  private:
    static constexpr int64_t ELEMENT = sizeof(T);
    static constexpr double PACK = 16;  // slots that a panel's term takes

    // Pixels of one tap that are neighbours are no copy.
    static bool reads_in_place(const ConvShape& s, const View<const T>& x) {
        return x.w == 1 && s.taps() == 1 && !copies(s);
    }
    // All weights stream past a panel of pixels. L2 holds the block's sums, where they are added to, and its input but
    // where that is read in place: once, from wherever it lies.
    Blocking block(const ConvShape& s, const Kernels<T>& k) const {
        const int64_t channels = std::min((kc - 1) / s.taps() + 2, s.c_per_group());
        const int64_t row = s.k_per_group() * ELEMENT;
        const bool adds = kc < s.depth();
        const int64_t pixels = adds ? std::max<int64_t>(caches().l2 * 3 / 8 / row, 4 * k.nr) : s.pixels();
        const int64_t bytes = in_place ? INT64_MAX : caches().l2 / 4;
        Blocking b = choose_blocking(s, {channels, bytes, pixels, ELEMENT, 1, k.nr});
        b.channels = channels;  // a step of kc terms reads all of them
        return b;
    }

    BlockTasks cut(const ConvShape& s, const Kernels<T>& k, int threads) const {
        const EvenSplit panels(s.k_per_group(), k.mr);
        const double taps = static_cast<double>(s.taps()), vectors = static_cast<double>(k.nr / k.lanes);
        const double rows = static_cast<double>(panels.size(0));
        const int64_t panel = s.taps() * panels.size(0) * ELEMENT, all = s.k_per_group() * s.depth() * ELEMENT;
        const bool copied = copies(s);
        const double ready = taps * (s.taps() == 1 && !copied ? PACK / 2 : PACK), element = copied ? COPIED : 0;
        return cut_for_team(s, block(s, k),
                            {k.nr, k.lanes, panels.count, taps * rows * vectors, LATENCY / (rows * vectors),
                             weights_cost(all, panel), ready, element, Input::of_task},
                            threads);
    }
};

}  // namespace convx::im2col
