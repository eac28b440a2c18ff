#include "narrow.h"

#include <algorithm>

#include "../data/team_cut.h"
#include "../data/tile_lists.h"
#include "../runtime/cache.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/workspace.h"
#include "../shape/integer_math.h"
#include "../shape/one_row.h"

namespace convx::narrow {
namespace {

constexpr int64_t L1_BYTES = 24 * 1024;  // of 32 KiB, beside weights and output
constexpr int64_t MOST_PIXELS = 4096;
constexpr int64_t LONG_SUM = 256;      // terms, beside which putting sums away costs little
constexpr int64_t LEAST_TURNED = 128;  // pixels of a block that is written channels last

// How a call is cut and what it needs beside its arrays.
template <class T>
struct Setup {
    EvenSplit panels;
    BlockTasks tasks;
    PatchMaker<T> maker;
    int64_t pitch, turned;  // of a block's output before its channels are laid side by side: of one, and elements
    Workspace workspace;
    Part<int64_t> w_columns, tap, block_id;
    Part<PixelVector> vectors;
    Part<T> patch, stage;

    Setup(const ConvShape& s, const View<const T>& x, const Kernels<T>& k, int threads, int64_t most_rows,
          DataFormat format)
        : panels(s.k_per_group(), most_rows),
          tasks(cut(s, k, threads, format)),
          maker(s, x, tasks.blocking, k, tasks.blocking.channels < s.c_per_group() ? INT64_MAX : k.lanes),
          pitch(tasks.blocking.pixels() + k.lanes),
          turned(format == DataFormat::channels_last ? s.k * pitch : 0),
          workspace(threads),
          w_columns(workspace.shared<int64_t>(maker.table_elements())),
          tap(workspace.own<int64_t>(s.taps())),
          block_id(workspace.own<int64_t>(1)),
          vectors(
              workspace.own<PixelVector>(tasks.blocking.d * tasks.blocking.p * ceil_div(tasks.blocking.q, k.lanes))),
          patch(workspace.own<T>(maker.scratch_elements())),
          stage(workspace.own<T>(turned)) {}

  private:
    static Blocking block(const ConvShape& s, const Kernels<T>& k, DataFormat format) {
        const int64_t channels = s.c_per_group(), element = sizeof(T);
        const double row = patch_elements(s, 1, 1, s.w.out) * static_cast<double>(channels * element);
        const int64_t bytes = row * 2 <= L1_BYTES ? L1_BYTES : caches().l2 * 3 / 8;
        const int64_t turned = std::max(caches().l2 / 4 / (s.k * element), LEAST_TURNED);
        const int64_t pixels = format == DataFormat::channels_last ? std::min(turned, MOST_PIXELS) : MOST_PIXELS;
        return choose_blocking(s, {channels, bytes, pixels, element, 1, k.lanes, ceil_div(LONG_SUM, s.taps())});
    }

    BlockTasks cut(const ConvShape& s, const Kernels<T>& k, int threads, DataFormat format) const {
        const Blocking most = block(s, k, format);
        const int64_t rows = panels.size(0), element = sizeof(T);
        return cut_for_team(
            s, most,
            {k.lanes, k.lanes, panels.count, static_cast<double>(s.taps() * rows), 1,
             weights_cost(s.k_per_group() * s.depth() * element, s.taps() * rows * element), 0, copies(s) ? COPIED : 0,
             most.channels < s.c_per_group() ? Input::of_task : Input::of_thread},
            threads);
    }
};

template <class T>
class Worker {
  public:
    Worker(const ConvCall<T>& call, const Setup<T>& setup, int thread)
        : call_(call),
          s_(call.shape),
          maker_(setup.maker),
          panels_(setup.panels),
          channels_(setup.tasks.blocking.channels),
          pitch_(setup.pitch),
          tap_(setup.workspace.at(setup.tap, thread)),
          block_id_(setup.workspace.at(setup.block_id, thread)),
          vectors_(setup.workspace.at(setup.vectors, thread)),
          scratch_(setup.workspace.at(setup.patch, thread)),
          stage_(setup.turned ? setup.workspace.at(setup.stage, thread) : nullptr) {}

    void run(const BlockTask& task) {
        const int64_t depth = s_.c_per_group();
        // Idle lanes read behind the rows: no slow denormals there.
        if (*block_id_ < 0) std::fill_n(scratch_, maker_.scratch_elements(), T(0));
        for (int64_t c0 = 0; c0 < depth; c0 += channels_) {
            const int64_t c1 = std::min(c0 + channels_, depth);
            const bool filled = task.block_id == *block_id_ && channels_ >= depth;
            const Patch<T> patch = maker_.make(task.image, task.group * depth, c0, c1, task.block, scratch_, filled);
            *block_id_ = task.block_id;
            patch.list_taps(s_, tap_);
            multiply(task, patch, c0, c1, list_vectors(task.block, patch));
        }
        if (stage_) turn(task);
    }

  private:
    // Rows that fill only a half vector take half the time so, where the instruction set has them.
    int64_t lanes_of(const Block& b) const {
        const Kernels<T>& k = call_.kernels;
        return b.cols() <= k.half_lanes ? k.half_lanes : k.lanes;
    }

    // Vectors do not overlap where sums are kept in the output.
    int64_t list_vectors(const Block& b, const Patch<T>& patch) {
        return convx::list_vectors(b, patch, false, channels_ >= s_.c_per_group(), lanes_of(b), vectors_);
    }

    static int64_t first_pixel(const ConvShape& s, const Block& b) { return (b.d0 * s.h.out + b.p0) * s.w.out + b.q0; }

    // Channels of the block into the pixels of the output.
    void turn(const BlockTask& task) {
        const int64_t row = panels_.start(task.k0), end = panels_.start(task.k1 - 1);
        call_.kernels.transpose_rows({stage_, call_.out_at(task.image, row, first_pixel(s_, task.block)),
                                      end + panels_.size(task.k1 - 1) - row, task.block.pixels(), pitch_, s_.k});
    }

    void multiply(const BlockTask& task, const Patch<T>& patch, int64_t c0, int64_t c1, int64_t vectors) {
        const Block& b = task.block;
        const int64_t group = task.group * s_.k_per_group(), pixels = stage_ ? pitch_ : s_.pixels();
        T* const out = stage_ ? stage_ - panels_.start(task.k0) * pixels
                              : call_.out + (task.image * s_.k + group) * pixels + first_pixel(s_, b);
        PixelTile<T> t{};
        t.x = patch.x;
        t.vectors = vectors_;
        t.x_tap = tap_;
        t.vector_count = vectors;
        t.lanes = static_cast<int32_t>(lanes_of(b));
        t.taps = s_.taps();
        t.depth = c1 - c0;
        t.x_channel = patch.channel;
        t.out_channel = pixels;
        t.room = b.pixels();
        t.first = c0 == 0;
        t.last = c1 == s_.c_per_group();
        for (int64_t i = task.k0; i < task.k1; ++i) {
            if (c0 || i > task.k0) checkpoint();
            const int64_t row = panels_.start(i);
            t.rows = static_cast<int32_t>(panels_.size(i));
            t.w = call_.weight.data.data() + (group + row) * s_.depth() + c0 * t.taps * t.rows;
            t.out = out + row * pixels;
            t.epilogue = call_.epilogue;
            if (t.epilogue.bias) t.epilogue.bias += group + row;
            call_.kernels.pixel_tile(t);
        }
    }

    const ConvCall<T>& call_;
    const ConvShape& s_;
    const PatchMaker<T>& maker_;
    const EvenSplit panels_;  // a task's k0, k1 count these
    const int64_t channels_, pitch_;
    int64_t* const tap_;
    int64_t* const block_id_;  // whose input the scratch holds
    PixelVector* vectors_;
    T *scratch_, *stage_;  // stage_: where channels are laid side by side, else null
};

template <class T>
PackedWeight<T> pack(const ConvSpec& spec, const T* weight, const Kernels<T>& k, int, int threads) {
    return pack_panels(spec, weight, k, k.pixel_rows, threads);
}

template <class T>
void unpack(const ConvSpec& spec, const PackedWeight<T>& packed, const Kernels<T>& k, T* weight) {
    unpack_panels(spec, packed, k.pixel_rows, weight);
}

}  // namespace

template <class T>
int64_t workspace_panels(const ConvShape& s, const Kernels<T>& k, int threads, int64_t most_rows, DataFormat format) {
    const auto bytes = [&](const ConvShape& shape) {
        return Setup<T>(shape, {}, k, threads, most_rows, format).workspace.bytes();
    };
    return may_be_one_row(s) ? std::max(bytes(s), bytes(as_one_row(s))) : bytes(s);
}

template <class T>
void run_panels(const ConvCall<T>& call, int64_t most_rows) {
    if (is_one_row(call.shape, call.x)) {
        const ConvShape row = as_one_row(call.shape);
        return run_panels<T>(
            {row, call.x, call.weight, call.out, call.epilogue, call.kernels, call.threads, 0, call.format}, most_rows);
    }
    Setup<T> setup(call.shape, call.x, call.kernels, call.threads, most_rows, call.format);
    setup.workspace.allocate();
    setup.maker.fill_table(setup.workspace.at(setup.w_columns));
    for (int i = 0; i < call.threads; ++i) *setup.workspace.at(setup.block_id, i) = -1;
    parallel_tasks(setup.tasks.count(), call.threads,
                   [&](int64_t task, int thread) { Worker<T>(call, setup, thread).run(setup.tasks.at(task)); });
}

namespace {

template <class T>
int64_t workspace(const ConvShape& s, const Kernels<T>& k, int threads, int) {
    return workspace_panels(s, k, threads, k.pixel_rows, DataFormat::channels_first);
}

template <class T>
bool writes_last(const ConvShape& s, const View<const T>&) {
    return s.groups == 1 && s.k <= caches().l2 / (LEAST_TURNED * static_cast<int64_t>(sizeof(T)));
}

template <class T>
int64_t workspace_last(const ConvShape& s, const Kernels<T>& k, int threads) {
    return workspace_panels(s, k, threads, k.pixel_rows, DataFormat::channels_last);
}

template <class T>
void run(const ConvCall<T>& call) {
    run_panels(call, call.kernels.pixel_rows);
}

}  // namespace

template <class T>
Algorithm<T> row() {
    Algorithm<T> a;
    a.name = "narrow";
    a.summary = "few channels: pixels in the lanes, read where they lie, a few output channels at a time";
    a.cost = cost::narrow;
    a.pack = pack<T>;
    a.unpack = unpack<T>;
    a.workspace = workspace<T>;
    a.run = run<T>;
    a.row_step = any_row<T>;
    a.writes_last = writes_last<T>;
    a.workspace_last = workspace_last<T>;
    a.turns_last = true;
    return a;
}

#define CONVX_INSTANTIATE(T)                                                                          \
    template Algorithm<T> row();                                                                      \
    template int64_t workspace_panels(const ConvShape&, const Kernels<T>&, int, int64_t, DataFormat); \
    template void run_panels(const ConvCall<T>&, int64_t);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::narrow
