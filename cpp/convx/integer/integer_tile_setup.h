// How an integer convolution by tiles is cut, and what it needs beside its arrays.
#pragma once
#include <algorithm>

#include "../cache.h"
#include "../integer.h"
#include "../workspace.h"
#include "integer_algorithm.h"
#include "word_patch.h"

namespace convx::integer_tiles {

constexpr int64_t MOST_PIXELS = 1024;  // of a block: more would only make tasks coarse
constexpr int64_t TILES_TO_REQUANTIZE = 8;

// A block holds all channels of its group, so that sums are never set down half done; where they are very many, it
// shrinks to one row of a tile.
template <class T>
Blocking whole_depth(const ConvShape& s, const DotKernels<T>& k, int threads) {
    const int64_t budget = l2_bytes() * 3 / 8;
    Blocking b =
        choose_blocking(s, {s.c_per_group(), budget, MOST_PIXELS, sizeof(T), least_blocks(s, threads), k.lanes});
    if (b.channels == s.c_per_group()) return b;
    b.channels = s.c_per_group();
    const auto bytes = [&](int64_t q) {
        return patch_elements(s, 1, 1, q) * static_cast<double>(b.channels) * static_cast<double>(sizeof(T));
    };
    while (b.q > k.mr && bytes(b.q) > static_cast<double>(budget)) b.q = std::max<int64_t>(k.mr, ceil_div(b.q, 2));
    b.d = b.p = 1;
    b.count_d = s.d.out;
    b.count_p = s.h.out;
    b.count_q = ceil_div(s.w.out, b.q);
    return b;
}

template <class T>
struct Setup {
    const ConvShape words;
    const bool pixels;  // in the lanes
    const DotPanels panels;
    Blocking blocking;
    Tasks tasks;
    WordPatchMaker<T> maker;
    Workspace workspace;
    Part<int64_t> w_columns, w_tap, tables, place;
    Part<PixelVector> vectors;
    Part<T> patch, sums;

    Setup(const IntegerCall<T>& call, const DotKernels<T>& k)
        : words(in_words(call.shape, k.parts)),
          pixels(call.packing->lane == Lane::pixels),
          panels(words.k_per_group(), k.pixel_rows),
          blocking(whole_depth(words, k, call.threads)),
          tasks(share_out(words, blocking, units(k), units(k), call.threads)),
          maker(words, call.shape.c_per_group(), call.x, blocking, k, call.packing->format),
          workspace(call.threads),
          w_columns(workspace.shared<int64_t>(maker.table_elements())),
          w_tap(workspace.shared<int64_t>(words.taps())),
          tables(workspace.own<int64_t>(3 * words.taps())),
          place(workspace.own<int64_t>(1)),
          vectors(workspace.own<PixelVector>(pixels ? blocking.d * blocking.p * ceil_div(blocking.q, k.lanes) + 1 : 0)),
          patch(workspace.own<T>(maker.scratch_elements())),
          sums(workspace.own<T>(!call.requantization ? 0
                                : pixels             ? k.pixel_rows * blocking.pixels()
                                                     : k.nr * k.mr * TILES_TO_REQUANTIZE)) {}

    int64_t units(const DotKernels<T>& k) const { return pixels ? panels.count : ceil_div(words.k_per_group(), k.nr); }
};

}  // namespace convx::integer_tiles
