#include "direct.h"

#include <algorithm>
#include <limits>

#include "../data/finite.h"
#include "../data/panel_depth.h"
#include "../data/tile_lists.h"
#include "../runtime/cache.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/workspace.h"
#include "../shape/integer_math.h"

namespace convx::direct {
namespace {

constexpr int64_t MOST_PIXELS = 1024;  // of a block: more would only make tasks coarse
constexpr int64_t LEAST_SLABS = 8;     // that make it worth to pack pixels
constexpr int MOST_RUNS = 8;           // vectors that hold the pixels of a tile: 12 by lanes of 2

// How a call is cut and what it needs beside its arrays.
template <class T>
struct Setup {
    Blocking blocking;
    BlockTasks tasks;
    PatchMaker<T> maker;
    Workspace workspace;
    Part<int64_t> w_columns, w_tap, tables, block_id;
    Part<T> patch, sums, pixels;

    Setup(const ConvShape& s, const View<const T>& x, const Kernels<T>& k, int threads)
        : blocking(choose_blocking(s, {s.c_per_group(), caches().l2 * 3 / 8,  // beside a slab of weights
                                       MOST_PIXELS, sizeof(T), least_blocks(s, threads), k.lanes})),
          tasks(partition_tasks(s, blocking, slab_count(s, k), slab_count(s, k), threads,
                                packs(s, k) ? LEAST_SLABS / 2 : 1)),
          maker(s, x, blocking, k),
          workspace(threads),
          w_columns(workspace.shared<int64_t>(maker.table_elements())),
          w_tap(workspace.shared<int64_t>(s.taps())),
          tables(workspace.own<int64_t>(TileTaps::table_elements(s))),
          block_id(workspace.own<int64_t>(1)),
          patch(workspace.own<T>(maker.scratch_elements())),
          sums(workspace.own<T>(blocking.pixels() * k.nr)),
          pixels(workspace.own<T>(packs(s, k) ? blocking.pixels() * blocking.channels + k.nr : 0)) {}

    // Whether the pixels of tiles are packed, where they follow one another.
    static bool packs(const ConvShape& s, const Kernels<T>& k) {
        return s.taps() == 1 && !loads_little(k) && slab_count(s, k) >= LEAST_SLABS;
    }
    static int64_t slab_count(const ConvShape& s, const Kernels<T>& k) { return ceil_div(s.k_per_group(), k.nr); }
};

// One thread convolves a block with one slab after the other.
template <class T>
class Worker {
  public:
    Worker(const ConvCall<T>& call, const Setup<T>& setup, const int64_t* w_tap, int thread)
        : call_(call),
          s_(call.shape),
          maker_(setup.maker),
          channels_(setup.blocking.channels),
          step_(std::max<int64_t>(panel_depth<T>(call.kernels) / s_.taps(), 1)),
          taps_(s_, w_tap, setup.workspace.at(setup.tables, thread)),
          block_id_(setup.workspace.at(setup.block_id, thread)),
          scratch_(setup.workspace.at(setup.patch, thread)),
          sums_(setup.workspace.at(setup.sums, thread)),
          pixels_(setup.workspace.at(setup.pixels, thread)) {}

    void run(const BlockTask& task) {
        const int64_t depth = s_.c_per_group();
        for (int64_t c0 = 0; c0 < depth; c0 += channels_) {
            const int64_t c1 = std::min(c0 + channels_, depth);
            const bool filled = task.block_id == *block_id_ && channels_ >= depth;
            const Patch<T> patch = maker_.make(task.image, task.group * depth, c0, c1, task.block, scratch_, filled);
            *block_id_ = task.block_id;
            packs_ = Setup<T>::packs(s_, call_.kernels) && patch.is_one_row(task.block);
            if (packs_ && !filled) pack_pixels(patch, c1 - c0, task.block.pixels());
            taps_.set(patch, call_.weight.finite);  // bits do not change, x + 0*w is x
            for (int64_t i = task.k0; i < task.k1; ++i) {
                if (c0 || i > task.k0) checkpoint();
                slab(task, patch, c0, c1, i);
            }
        }
    }

  private:
    // Of a 1x1 kernel, what a tile reads is laid out as it reads it, else it would fill L1 with what lies between.
    void pack_pixels(const Patch<T>& patch, int64_t depth, int64_t pixels) {
        const Kernels<T>& k = call_.kernels;
        const EvenSplit tiles(pixels, k.mr);
        const int64_t tap = patch.tap(0, 0, 0);
        for (int64_t i = 0; i < tiles.count; ++i) {
            const int64_t start = tiles.start(i), size = tiles.size(i);
            Run runs[MOST_RUNS];
            int32_t n = 0;
            for (int64_t at = 0; at < size; at += k.lanes) runs[n++] = {at, start + at};
            k.pack_panel({patch.x, patch.end, pixels_ + start * depth, &tap, runs, 1, patch.channel, 0, depth, size, n,
                          static_cast<int32_t>(size)});
        }
    }

    // One slab of output channels over all pixels of the block, as many input channels at a time as have their weights
    // in L1. Sums are kept as tiles hold them: in a scratch or, channels last, where they belong.
    void slab(const BlockTask& task, const Patch<T>& patch, int64_t c0, int64_t c1, int64_t index) {
        const Kernels<T>& k = call_.kernels;
        const int64_t kg = s_.k_per_group(), slabs = ceil_div(kg, k.nr), depth = s_.c_per_group();
        const int64_t channel = task.group * kg + index * k.nr, channels = std::min<int64_t>(k.nr, kg - index * k.nr);
        const Block& b = task.block;
        T* const out = call_.out_at(task.image, channel, (b.d0 * s_.h.out + b.p0) * s_.w.out + b.q0);
        const bool last_format = call_.format == DataFormat::channels_last;
        Epilogue<T> epilogue = call_.epilogue;
        if (epilogue.bias) epilogue.bias += channel;
        DirectTile<T> t{};
        t.x_channel = patch.channel;
        t.w_channel = s_.taps() * k.nr;
        t.out_channel = 1;
        t.out_pixel = last_format ? call_.out_pixel() : k.nr;
        t.channels = static_cast<int32_t>(last_format ? channels : round_up(channels, k.lanes));
        t.epilogue = epilogue;
        if (c0 && !last_format)
            k.transpose_rows({out, sums_, channels, b.pixels(), call_.out_channel(), static_cast<int64_t>(k.nr)});
        const int64_t step = even_part(c1 - c0, step_);
        for (int64_t c = c0; c < c1; c += step) {
            t.w = call_.weight.data.data() + ((task.group * slabs + index) * depth + c) * t.w_channel;
            t.depth = std::min(step, c1 - c);
            t.first = c == 0;
            t.last = last_format && c + t.depth == depth;
            t.out = last_format ? out : sums_;
            packs_ ? packed_row(t, c1 - c0, c - c0, b.pixels()) : rows(t, patch, patch.x + (c - c0) * patch.channel, b);
        }
        if (last_format) return;
        constexpr T INF = std::numeric_limits<T>::infinity();
        k.sum_rows({sums_, out, b.pixels(), call_.out_channel(), static_cast<int32_t>(channels),
                    c1 == depth ? epilogue : Epilogue<T>{nullptr, Activation::clamp, -INF, INF}});
    }

    void rows(DirectTile<T>& t, const Patch<T>& patch, const T* x, const Block& b) {
        T* out = t.out;
        if (patch.is_one_row(b)) return row(t, x, out, b.pixels(), b);
        for (int64_t d = b.d0; d < b.d1; ++d)
            for (int64_t p = b.p0; p < b.p1; ++p, out += b.cols() * t.out_pixel)
                row(t, x + (d - b.d0) * patch.out_d + (p - b.p0) * patch.out_p, out, b.cols(),
                    {d, d + 1, p, p + 1, b.q0, b.q1});
    }

    void packed_row(DirectTile<T>& t, int64_t depth, int64_t c, int64_t pixels) {
        const EvenSplit tiles(pixels, call_.kernels.mr);
        const int64_t tap = 0;
        T* const out = t.out;
        t.x_tap = t.w_tap = &tap;
        t.taps = 1;
        for (int64_t i = 0; i < tiles.count; ++i) {
            const int64_t start = tiles.start(i);
            t.pixels = static_cast<int32_t>(tiles.size(i));
            t.x_channel = t.pixels;
            t.x = pixels_ + start * depth + c * t.pixels;
            t.out = out + start * t.out_pixel;
            call_.kernels.direct_tile(t);
        }
    }

    void row(DirectTile<T>& t, const T* x, T* out, int64_t pixels, const Block& b) {
        const EvenSplit tiles(pixels, call_.kernels.mr);
        for (int64_t i = 0; i < tiles.count; ++i) {
            const int64_t q = tiles.start(i);
            t.pixels = static_cast<int32_t>(tiles.size(i));
            const TapList taps = taps_.of(b.d0, b.p0, b.q0 + q, b.q0 + q + t.pixels);
            t.x = x + q;
            t.x_tap = taps.x;
            t.w_tap = taps.w;
            t.taps = taps.count;
            t.out = out + q * t.out_pixel;
            call_.kernels.direct_tile(t);
        }
    }

    const ConvCall<T>& call_;
    const ConvShape& s_;
    const PatchMaker<T>& maker_;
    const int64_t channels_, step_;  // input channels of a patch, and of a tile
    TileTaps taps_;
    int64_t* const block_id_;  // whose input the scratch holds
    T* scratch_;
    T* sums_;
    T* pixels_;
    bool packs_ = false;
};

template <class T>
PackedWeight<T> pack(const ConvSpec& spec, const T* weight, const Kernels<T>& k, int) {
    const int64_t depth = spec.depth(), rows = spec.k_per_group(), slabs = ceil_div(rows, k.nr);
    PackedWeight<T> packed{Buffer<T>(spec.groups * slabs * k.nr * depth), all_finite(weight, spec.k * depth, k)};
    T* dst = packed.data.data();
    for (int64_t g = 0; g < spec.groups; ++g)
        for (int64_t r = 0; r < rows; r += k.nr, dst += k.nr * depth)
            pack_rows(k, {weight + (g * rows + r) * depth, dst, std::min<int64_t>(k.nr, rows - r), depth, depth, k.nr});
    return packed;
}

template <class T>
int64_t workspace(const ConvShape& s, const Kernels<T>& k, int threads, int) {
    return Setup<T>(s, {}, k, threads).workspace.bytes();
}

template <class T>
void run(const ConvCall<T>& call) {
    const ConvShape& s = call.shape;
    Setup<T> setup(s, call.x, call.kernels, call.threads);
    setup.workspace.allocate();
    for (int i = 0; i < call.threads; ++i) *setup.workspace.at(setup.block_id, i) = -1;
    setup.maker.fill_table(setup.workspace.at(setup.w_columns));
    int64_t* const w_tap = setup.workspace.at(setup.w_tap);
    for (int64_t i = 0; i < s.taps(); ++i) w_tap[i] = i * call.kernels.nr;
    parallel_tasks(setup.tasks.count(), call.threads,
                   [&](int64_t task, int thread) { Worker<T>(call, setup, w_tap, thread).run(setup.tasks.at(task)); });
}

}  // namespace

template <class T>
Algorithm<T> row() {
    Algorithm<T> a;
    a.name = "direct";
    a.summary = "output channels in the lanes of a register tile; the input is read in place or from a padded block";
    a.cost = cost::direct;
    a.pack = pack<T>;
    a.workspace = workspace<T>;
    a.run = run<T>;
    a.writes_last = any_format<T>;
    return a;
}

#define CONVX_INSTANTIATE(T) template Algorithm<T> row();
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::direct
