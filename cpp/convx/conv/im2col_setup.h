// How a call of im2col is cut, and the scratch that it needs.
#pragma once
#include <algorithm>

#include "../data/panel_depth.h"
#include "../data/patch.h"
#include "../runtime/cache.h"
#include "../runtime/workspace.h"
#include "../shape/integer_math.h"
#include "im2col.h"

namespace convx::im2col {

constexpr int64_t LEAST_PANELS = 16;  // of output channels that make it worth to pack the pixels
constexpr int64_t STREAMS = 8;        // of memory that prefetchers follow at once

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
    Blocking blocking;
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
          blocking(block(s, k, threads)),
          tasks(partition_tasks(s, blocking, row_panels(s, k), row_panels(s, k), threads, LEAST_PANELS)),
          maker(s, x, blocking, k),
          workspace(threads),
          w_columns(workspace.shared<int64_t>(maker.table_elements())),
          tap(workspace.own<int64_t>(s.taps())),
          runs(workspace.own<Run>(k.nr)),
          panel(workspace.own<T>(kc * step + k.nr)),
          patch(workspace.own<T>(in_place ? 0 : maker.scratch_elements())) {}

  private:
    static int64_t row_panels(const ConvShape& s, const Kernels<T>& k) { return ceil_div(s.k_per_group(), k.mr); }
    // Pixels of one tap that are neighbours are no copy.
    static bool reads_in_place(const ConvShape& s, const View<const T>& x) {
        const Block all{0, s.d.out, 0, s.h.out, 0, s.w.out};
        return x.w == 1 && s.taps() == 1 && s.w.stride == 1 && !touches_padding(s, all);
    }
    // All weights stream past a panel of pixels. L2 holds the block's sums, where they are added to, and its input but
    // where that is read in place: once, from wherever it lies.
    Blocking block(const ConvShape& s, const Kernels<T>& k, int threads) const {
        const int64_t channels = std::min((kc - 1) / s.taps() + 2, s.c_per_group());
        const int64_t row = s.k_per_group() * static_cast<int64_t>(sizeof(T));
        const bool adds = kc < s.depth();
        const bool divides = row_panels(s, k) >= 2 * LEAST_PANELS;  // tasks take a part of the output channels each
        const int64_t pixels = adds ? std::max<int64_t>(caches().l2 * 3 / 8 / row, 4 * k.nr) : s.pixels();
        const int64_t bytes = adds && in_place && threads == 1 ? INT64_MAX : caches().l2 / 4;
        Blocking b = choose_blocking(s, {channels, bytes, pixels, sizeof(T), least_blocks(s, threads, divides ? 2 : 4),
                                         k.nr, INT64_MAX, divides ? 1 : threads});
        b.channels = channels;  // a step of kc terms reads all of them
        return b;
    }
};

}  // namespace convx::im2col
