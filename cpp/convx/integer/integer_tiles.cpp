// Integer convolution by register tiles over packed channels.
#include <algorithm>

#include "../data/tile_lists.h"
#include "../runtime/cache.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/workspace.h"
#include "../shape/integer_math.h"
#include "../shape/one_row.h"
#include "integer_algorithm.h"
#include "packed_patch.h"

namespace convx::integer_tiles {
namespace {

constexpr int64_t MOST_PIXELS = 1024;  // of a block: more would only make tasks coarse
constexpr int64_t TILES_TO_REQUANTIZE = 8;

// A block holds all channels of its group, so that sums are never set down half done; where they are very many, it
// shrinks to one row of a tile.
template <class T>
Blocking whole_depth(const ConvShape& s, const DotKernels<T>& k, int threads) {
    const int64_t budget = caches().l2 * 3 / 8;
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

// How a call is cut and what it needs beside its arrays.
template <class T>
struct Setup {
    const ConvShape packed;
    const bool pixels;  // in the lanes
    const PowerOfTwoSplit panels;
    Blocking blocking;
    BlockTasks tasks;
    PackedPatchMaker<T> maker;
    Workspace workspace;
    Part<int64_t> w_columns, w_tap, tables, block_id;
    Part<PixelVector> vectors;
    Part<T> patch, sums;

    Setup(const IntegerCall<T>& call, const DotKernels<T>& k)
        : packed(in_packed_channels(call.shape, k.parts)),
          pixels(call.packing->lane == Lane::pixels),
          panels(packed.k_per_group(), k.pixel_rows),
          blocking(whole_depth(packed, k, call.threads)),
          tasks(partition_tasks(packed, blocking, panel_count(k), call.threads)),
          maker(packed, call.shape.c_per_group(), call.x, blocking, k, call.packing->format),
          workspace(call.threads),
          w_columns(workspace.shared<int64_t>(maker.table_elements())),
          w_tap(workspace.shared<int64_t>(packed.taps())),
          tables(workspace.own<int64_t>(TileTaps::table_elements(packed))),
          block_id(workspace.own<int64_t>(1)),
          vectors(workspace.own<PixelVector>(pixels ? blocking.d * blocking.p * ceil_div(blocking.q, k.lanes) + 1 : 0)),
          patch(workspace.own<T>(maker.scratch_elements())),
          sums(workspace.own<T>(!call.requantization ? 0
                                : pixels             ? k.pixel_rows * blocking.pixels()
                                                     : k.nr * k.mr * TILES_TO_REQUANTIZE)) {}

    int64_t panel_count(const DotKernels<T>& k) const {
        return pixels ? panels.count : ceil_div(packed.k_per_group(), k.nr);
    }
};

// One thread convolves a block with one slab or panel of output channels after the other.
template <class T>
class Worker {
  public:
    Worker(const IntegerCall<T>& call, const Setup<T>& setup, int thread)
        : call_(call),
          setup_(setup),
          s_(setup.packed),
          k_(*call.packing->kernels),
          taps_(s_, setup.workspace.at(setup.w_tap), setup.workspace.at(setup.tables, thread)),
          block_id_(setup.workspace.at(setup.block_id, thread)),
          vectors_(setup.workspace.at(setup.vectors, thread)),
          scratch_(setup.workspace.at(setup.patch, thread)),
          sums_(setup.workspace.at(setup.sums, thread)) {}

    void run(const BlockTask& task) {
        const bool filled = task.block_id == *block_id_;
        const Patch<T> patch = setup_.maker.make(task.image, task.group, task.block, scratch_, filled);
        *block_id_ = task.block_id;
        taps_.set(patch, call_.packing->padding_is_zero);
        if (setup_.pixels) return panels(task, patch);
        for (int64_t i = task.k0; i < task.k1; ++i) {
            if (i > task.k0) checkpoint();
            slab(task, patch, i);
        }
    }

  private:
    // First element of a block in an output channel.
    int64_t output_offset(const BlockTask& task, int64_t channel) const {
        const Block& b = task.block;
        return (task.image * s_.k + channel) * s_.pixels() + (b.d0 * s_.h.out + b.p0) * s_.w.out + b.q0;
    }

    Epilogue<T> epilogue(int64_t channel) const {
        return {call_.packing->bias.data() + channel, Activation::clamp, call_.lo, call_.hi};
    }

    void slab(const BlockTask& task, const Patch<T>& patch, int64_t index) {
        const int64_t nr = k_.nr, kg = s_.k_per_group(), slabs = ceil_div(kg, nr);
        const Block& b = task.block;
        DirectTile<T> t{};
        t.w = call_.packing->data.data() + (task.group * slabs + index) * s_.depth() * nr;
        t.depth = s_.c_per_group();
        t.x_channel = patch.channel;
        t.w_channel = s_.taps() * nr;
        t.channels = static_cast<int32_t>(std::min(nr, kg - index * nr));
        t.first = t.last = true;
        const int64_t channel = task.group * kg + index * nr;
        t.epilogue = epilogue(channel);
        const int64_t out = output_offset(task, channel);
        waiting_ = 0;
        if (patch.is_one_row(b)) {
            row(t, patch.x, channel, out, b.pixels(), b);
        } else {
            for (int64_t d = b.d0, at = out; d < b.d1; ++d)
                for (int64_t p = b.p0; p < b.p1; ++p, at += b.cols())
                    row(t, patch.x + (d - b.d0) * patch.out_d + (p - b.p0) * patch.out_p, channel, at, b.cols(),
                        {d, d + 1, p, p + 1, b.q0, b.q1});
        }
        if (call_.requantization) flush(t, channel, out + b.pixels());
    }

    void row(DirectTile<T>& t, const T* x, int64_t channel, int64_t out, int64_t pixels, const Block& b) {
        const EvenSplit tiles(pixels, k_.mr);
        const bool requantizes = call_.requantization;
        t.out_channel = requantizes ? room() : s_.pixels();
        for (int64_t i = 0; i < tiles.count; ++i) {
            const int64_t q = tiles.start(i), count = tiles.size(i);
            t.pixels = static_cast<int32_t>(count);
            const TapList taps = taps_.of(b.d0, b.p0, b.q0 + q, b.q0 + q + count);
            t.x_tap = taps.x;
            t.w_tap = taps.w;
            t.taps = taps.count;
            t.x = x + q;
            if (requantizes && waiting_ + count > room()) flush(t, channel, out + q);
            t.out = requantizes ? sums_ + waiting_ : static_cast<T*>(call_.out) + out + q;
            k_.dot_direct_tile(t);
            waiting_ += count;
        }
    }

    // Sums of so many pixels wait to be requantized, across the rows of a block: they follow one another in the output.
    int64_t room() const { return k_.mr * TILES_TO_REQUANTIZE; }

    void flush(const DirectTile<T>& t, int64_t channel, int64_t end) {
        requantize(channel, t.channels, end - waiting_, waiting_, room());
        waiting_ = 0;
    }

    void panels(const BlockTask& task, const Patch<T>& patch) {
        const bool requantizes = call_.requantization;
        PixelTile<T> t{};
        t.x = patch.x;
        t.vectors = vectors_;
        t.x_tap = taps_.offsets();
        t.vector_count = list_vectors(task.block, patch, patch.is_one_row(task.block), true, k_.lanes, vectors_);
        t.lanes = k_.lanes;
        t.taps = s_.taps();
        t.depth = s_.c_per_group();
        t.x_channel = patch.channel;
        t.room = task.block.pixels();
        t.out_channel = requantizes ? t.room : s_.pixels();
        t.first = t.last = true;
        for (int64_t i = task.k0; i < task.k1; ++i) {
            if (i > task.k0) checkpoint();
            const int64_t channel = task.group * s_.k_per_group() + setup_.panels.start(i);
            const int64_t out = output_offset(task, channel);
            t.rows = static_cast<int32_t>(setup_.panels.size(i));
            t.w = call_.packing->data.data() + channel * s_.depth();
            t.out = requantizes ? sums_ : static_cast<T*>(call_.out) + out;
            t.epilogue = epilogue(channel);
            k_.dot_pixel_tile(t);
            if (requantizes) requantize(channel, t.rows, out, t.room, t.room);
        }
    }

    void requantize(int64_t channel, int64_t rows, int64_t out, int64_t count, int64_t src_row) {
        if constexpr (sizeof(T) == sizeof(int32_t)) {
            const Requantization& r = *call_.requantization;
            call_.table.dot_requantize({sums_, static_cast<uint8_t*>(call_.out) + out, r.scale + channel, rows, count,
                                        src_row, s_.pixels(), r.lo, r.hi, r.zero});
        }
    }

    const IntegerCall<T>& call_;
    const Setup<T>& setup_;
    const ConvShape& s_;
    const DotKernels<T>& k_;
    TileTaps taps_;
    int64_t* const block_id_;  // whose input the scratch holds
    PixelVector* vectors_;
    T *scratch_, *sums_;
    int64_t waiting_ = 0;  // pixels of sums_
};

template <class T>
int64_t workspace(const IntegerCall<T>& call) {
    return Setup<T>(call, *call.packing->kernels).workspace.bytes();
}

template <class T>
void run(const IntegerCall<T>& call) {
    if (is_one_row(call.shape, call.x)) {
        const ConvShape row = as_one_row(call.shape);
        return run<T>({call.spec, row, call.x, call.weights, call.bias, call.x_zero, call.lo, call.hi, call.out,
                       call.requantization, call.table, call.threads, call.packing});
    }
    Setup<T> setup(call, *call.packing->kernels);
    setup.workspace.allocate();
    for (int i = 0; i < call.threads; ++i) *setup.workspace.at(setup.block_id, i) = -1;
    setup.maker.fill_table(setup.workspace.at(setup.w_columns));
    int64_t* const w_tap = setup.workspace.at(setup.w_tap);
    for (int64_t i = 0; i < setup.packed.taps(); ++i) w_tap[i] = i * call.packing->kernels->nr;
    parallel_tasks(setup.tasks.count(), call.threads,
                   [&](int64_t task, int thread) { Worker<T>(call, setup, thread).run(setup.tasks.at(task)); });
}

template <class T, Lane lane>
IntegerPacking<T> pack(const ConvSpec& spec, const IntegerWeights& weights, const IntegerTerms<T>& terms) {
    return pack_integers<T>(spec, weights, terms, lane);
}

template <class T>
IntegerAlgorithm<T> tiles() {
    IntegerAlgorithm<T> a;
    a.workspace = workspace<T>;
    a.run = run<T>;
    return a;
}

}  // namespace

template <class T>
IntegerAlgorithm<T> direct() {
    IntegerAlgorithm<T> a = tiles<T>();
    a.name = "direct";
    a.summary = "packed channels, output channels in the lanes";
    a.cost = cost::direct;
    a.pack = pack<T, Lane::channels>;
    return a;
}

template <class T>
IntegerAlgorithm<T> narrow() {
    IntegerAlgorithm<T> a = tiles<T>();
    a.name = "narrow";
    a.summary = "packed channels, pixels in the lanes: few output channels";
    a.cost = cost::narrow;
    a.pack = pack<T, Lane::pixels>;
    return a;
}

#define CONVX_INSTANTIATE(T)               \
    template IntegerAlgorithm<T> direct(); \
    template IntegerAlgorithm<T> narrow();
CONVX_WORDS(CONVX_INSTANTIATE)

}  // namespace convx::integer_tiles
