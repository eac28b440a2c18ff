#include "direct.h"

#include <algorithm>

#include "../data/finite.h"
#include "../data/tile_lists.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "direct_setup.h"

namespace convx::direct {
namespace {

// One thread convolves a block with one slab after the other.
template <class T>
class Worker {
  public:
    Worker(const ConvCall<T>& call, const Setup<T>& setup, const int64_t* w_tap, int thread)
        : call_(call),
          s_(call.shape),
          maker_(setup.maker),
          channels_(setup.tasks.blocking.channels),
          step_(std::max<int64_t>(panel_depth<T>(call.kernels) / s_.taps(), 1)),
          slabs_(Setup<T>::slab_count(s_, call.kernels)),
          taps_(s_, w_tap, setup.workspace.at(setup.tables, thread)),
          packs_(Setup<T>::packs(s_, call.kernels)),
          far_(s_.k_per_group() * s_.depth() > caches().l2 / 4 / static_cast<int64_t>(sizeof(T))),
          block_id_(setup.workspace.at(setup.block_id, thread)),
          runs_(setup.workspace.at(setup.runs, thread)),
          scratch_(setup.workspace.at(setup.patch, thread)),
          sums_(setup.workspace.at(setup.sums, thread)),
          pixels_(setup.workspace.at(setup.pixels, thread)) {}

    void run(const BlockTask& task) {
        const int64_t depth = s_.c_per_group();
        for (int64_t c0 = 0; c0 < depth; c0 += channels_) {
            const Range channels{c0, std::min(c0 + channels_, depth)};
            const bool filled = task.block_id == *block_id_ && channels_ >= depth;
            const Patch<T> patch =
                maker_.make(task.image, task.group * depth, c0, channels.end, task.block, scratch_, filled);
            *block_id_ = task.block_id;
            taps_.set(patch, call_.weight.finite);  // bits do not change, x + 0*w is x
            split(packs_ || patch.is_one_row(task.block) ? task.block.pixels() : task.block.cols());
            if (packs_ && !filled) pack_pixels(patch, channels.size(), task.block);
            step_now_ = even_part(channels.size(), step_);
            for (int64_t i = task.k0; i < task.k1; ++i) {
                if (c0 || i > task.k0) checkpoint();
                slab(task, patch, channels, i);
            }
        }
    }

  private:
    static constexpr int64_t LINE = CACHE_LINE / static_cast<int64_t>(sizeof(T));  // elements

    // Of a row of pixels: as divisions take long, once for a block.
    void split(int64_t pixels) {
        const EvenSplit tiles(pixels, call_.kernels.mr);
        large_ = {0, tiles.end_of_size(0), tiles.size(0)};
        small_ = {tiles.start(large_.count), tiles.count - large_.count, tiles.size(tiles.count - 1)};
    }

    // What a tile reads is laid out as it reads it: pixels that are far apart would fill L1 with what lies between, and
    // tiles need not end with the rows of the output.
    void pack_pixels(const Patch<T>& patch, int64_t channels, const Block& b) {
        const Kernels<T>& k = call_.kernels;
        const EvenSplit tiles(b.pixels(), k.mr);
        const int64_t terms = channels * s_.taps();
        for (int64_t i = 0; i < tiles.count; ++i) {
            const int64_t start = tiles.start(i), size = tiles.size(i);
            const int32_t runs = list_runs(patch, b, start, size, k.lanes, runs_);
            k.pack_panel({patch.x, patch.end, pixels_ + start * terms, taps_.offsets(), runs_, s_.taps(), patch.channel,
                          0, terms, size, runs, static_cast<int32_t>(size)});
        }
    }

    const T* weights(const BlockTask& task, int64_t slab, int64_t c) const {
        return call_.weight.data.data() +
               ((task.group * slabs_ + slab) * s_.c_per_group() + c) * s_.taps() * call_.kernels.nr;
    }

    // One slab of output channels over all pixels of the block, as many input channels at a time as have their weights
    // in L1. Sums are kept as tiles hold them: in a scratch or, channels last, where they belong.
    void slab(const BlockTask& task, const Patch<T>& patch, Range all, int64_t index) {
        const Kernels<T>& k = call_.kernels;
        const int64_t kg = s_.k_per_group(), depth = s_.c_per_group();
        const int64_t channel = task.group * kg + index * k.nr, channels = std::min<int64_t>(k.nr, kg - index * k.nr);
        const Block& b = task.block;
        T* const out = call_.out_at(task.image, channel, (b.d0 * s_.h.out + b.p0) * s_.w.out + b.q0);
        const bool last_format = call_.format == DataFormat::channels_last;
        T* const sums = sums_ + (channels_ < depth ? (index - task.k0) * b.pixels() * k.nr : 0);
        Epilogue<T> epilogue = call_.epilogue;
        if (epilogue.bias) epilogue.bias += channel;
        DirectTile<T> t{};
        t.x_channel = patch.channel;
        t.w_channel = s_.taps() * k.nr;
        t.out_pixel = last_format ? call_.out_pixel() : k.nr;
        t.channels = static_cast<int32_t>(last_format ? channels : round_up(channels, k.lanes));
        t.epilogue = epilogue;
        for (int64_t c = all.begin; c < all.end; c += step_now_) {
            t.w = weights(task, index, c);
            t.depth = std::min(step_now_, all.end - c);
            t.first = c == 0;
            t.last = last_format && c + t.depth == depth;
            t.out = last_format ? out : sums;
            fetch(task, all, index, c, t);
            packs_ ? packed(t, all.size(), c - all.begin)
                   : rows(t, patch, patch.x + (c - all.begin) * patch.channel, b);
        }
        if (!last_format && all.end == depth)
            k.sum_rows({sums, out, b.pixels(), call_.out_channel(), static_cast<int32_t>(channels), epilogue});
    }

    // The weights after those of t, which all its tiles have a share in.
    void fetch(const BlockTask& task, Range all, int64_t index, int64_t c, const DirectTile<T>& t) {
        const int64_t depth = s_.c_per_group();
        ahead_ = c + t.depth < all.end ? weights(task, index, c + t.depth)
                 : index + 1 < task.k1 ? weights(task, index + 1, all.begin)
                 : all.end < depth     ? weights(task, task.k0, all.end)
                                       : nullptr;
        ahead_end_ = ahead_ && far_ ? ahead_ + t.depth * t.w_channel : ahead_;
        if (ahead_ == ahead_end_) return;
        const Block& b = task.block;
        const int64_t tiles =
            packs_ ? large_.count + small_.count : b.rows() * ceil_div(b.cols(), int64_t{call_.kernels.mr});
        each_ = ceil_div(t.depth * t.w_channel / LINE, tiles);
    }

    // Tiles of one size, which follow one another.
    void run_tiles(DirectTile<T>& t, int64_t count) {
        t.more = count - 1;
        t.ahead_channels = t.ahead_each = 0;
        if (ahead_ < ahead_end_ && t.taps) {
            const int64_t left = ahead_end_ - ahead_, line = t.taps * LINE;
            t.ahead = ahead_;
            t.ahead_each = std::min(t.taps == 1 ? each_ : ceil_div(each_, t.taps), t.depth);
            t.ahead_channels = std::min(left / line, count * t.ahead_each);
            ahead_ += t.ahead_channels * line;
        }
        call_.kernels.direct_tile(t);
    }

    void rows(DirectTile<T>& t, const Patch<T>& patch, const T* x, const Block& b) {
        T* out = t.out;
        const TapList taps = taps_.all();
        t.x_tap = taps.x;
        t.w_tap = taps.w;
        t.taps = taps.count;
        if (patch.is_one_row(b)) return row(t, x, out);
        for (int64_t d = b.d0; d < b.d1; ++d)
            for (int64_t p = b.p0; p < b.p1; ++p, out += b.cols() * t.out_pixel) {
                const T* from = x + (d - b.d0) * patch.out_d + (p - b.p0) * patch.out_p;
                patch.zeros ? row_at_edge(t, from, out, {d, d + 1, p, p + 1, b.q0, b.q1}) : row(t, from, out);
            }
    }

    // Pixels are `step` elements apart, those of a tile behind the first `before` for each of them.
    void row(DirectTile<T>& t, const T* x, T* out, int64_t step = 1, int64_t before = 0) {
        for (const Tiles& some : {large_, small_}) {
            if (some.count == 0) continue;
            t.pixels = static_cast<int32_t>(some.pixels);
            if (packs_) t.x_channel = some.pixels;
            t.x = x + some.start * step + before * some.pixels;
            t.x_tile = some.pixels * step;
            t.out = out + some.start * t.out_pixel;
            run_tiles(t, some.count);
        }
    }

    // Of `all` packed channels those from c on.
    void packed(DirectTile<T> t, int64_t all, int64_t c) {
        const int64_t tap = 0, taps = s_.taps();
        t.x_tap = t.w_tap = &tap;
        t.taps = 1;
        t.depth *= taps;
        t.w_channel = call_.kernels.nr;
        row(t, pixels_, t.out, all * taps, c * taps);
    }

    // Tiles differ in which of their taps lie in the padding.
    void row_at_edge(DirectTile<T>& t, const T* x, T* out, const Block& b) {
        const EvenSplit tiles(b.cols(), call_.kernels.mr);
        for (int64_t i = 0; i < tiles.count; ++i) {
            const int64_t q = tiles.start(i);
            t.pixels = static_cast<int32_t>(tiles.size(i));
            const TapList taps = taps_.of(b.d0, b.p0, b.q0 + q, b.q0 + q + t.pixels);
            t.x = x + q;
            t.x_tap = taps.x;
            t.w_tap = taps.w;
            t.taps = taps.count;
            t.out = out + q * t.out_pixel;
            run_tiles(t, 1);
        }
    }

    const ConvCall<T>& call_;
    const ConvShape& s_;
    const PatchMaker<T>& maker_;
    const int64_t channels_, step_, slabs_;  // input channels of a patch, and of a tile
    TileTaps taps_;
    const bool packs_, far_;   // far: weights do not stay in L2
    int64_t* const block_id_;  // whose input the scratch holds
    Run* const runs_;
    const T *ahead_ = nullptr, *ahead_end_ = nullptr;  // weights that are to be cached
    int64_t step_now_ = 0;
    struct Tiles {
        int64_t start, count, pixels;
    } large_{}, small_{};
    int64_t each_ = 0;  // lines of them, by a tile
    T* scratch_;
    T* sums_;
    T* pixels_;
};

template <class T>
PackedWeight<T> pack(const ConvSpec& spec, const T* weight, const Kernels<T>& k, int, int threads) {
    const int64_t depth = spec.depth(), rows = spec.k_per_group(), slabs = ceil_div(rows, k.nr);
    PackedWeight<T> packed{Buffer<T>(spec.groups * slabs * k.nr * depth), all_finite(weight, spec.k * depth, k)};
    parallel_pieces(worth_a_task(spec.groups * slabs, k.nr * depth), threads, [&](const Range& some, int) {
        for (int64_t i = some.begin; i < some.end; ++i) {
            const int64_t r = i % slabs * k.nr;
            pack_rows(k, {weight + (i / slabs * rows + r) * depth, packed.data.data() + i * k.nr * depth,
                          std::min<int64_t>(k.nr, rows - r), depth, depth, k.nr});
        }
    });
    return packed;
}

template <class T>
void unpack(const ConvSpec& spec, const PackedWeight<T>& packed, const Kernels<T>& k, T* weight) {
    const int64_t depth = spec.depth(), rows = spec.k_per_group(), slabs = ceil_div(rows, k.nr);
    in_pieces(spec.groups * slabs, 1, [&](int64_t i, int64_t) {
        const int64_t r = i % slabs * k.nr;
        unpack_rows(packed.data.data() + i * k.nr * depth, std::min<int64_t>(k.nr, rows - r), depth, k.nr,
                    weight + (i / slabs * rows + r) * depth, depth);
    });
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

bool packs_pixels(const ConvShape& s, int64_t mr, int64_t nr) {
    constexpr int64_t LEAST_ROWS = 4;  // of a tile, that hide how long a multiply-add takes
    if (loads_little(mr) || ceil_div(s.k_per_group(), nr) < LEAST_SLABS) return false;
    return s.taps() == 1 || s.w.out < LEAST_ROWS * ceil_div(s.w.out, mr);
}

template <class T>
Algorithm<T> row() {
    Algorithm<T> a;
    a.name = "direct";
    a.summary = "output channels in the lanes of a register tile; the input is read in place or from a padded block";
    a.cost = cost::direct;
    a.pack = pack<T>;
    a.unpack = unpack<T>;
    a.workspace = workspace<T>;
    a.run = run<T>;
    a.row_step = any_row<T>;
    a.writes_last = any_format<T>;
    return a;
}

#define CONVX_INSTANTIATE(T) template Algorithm<T> row();
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::direct
