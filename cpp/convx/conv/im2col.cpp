#include "im2col.h"

#include <algorithm>

#include "../data/team_cut.h"
#include "../data/tile_lists.h"
#include "../runtime/cache.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/workspace.h"
#include "../shape/integer_math.h"
#include "../shape/one_row.h"

namespace convx::im2col {
namespace {

constexpr int64_t LONG_STEP = 1 << 24;  // multiply-adds that last some milliseconds where there are no vectors
constexpr int64_t PANELS_AHEAD = 4;     // is the next one fetched where no other output channels do so
constexpr int64_t STREAMS = 8;          // of memory that prefetchers follow at once

// Few outputs of a large input wait for memory: then they read few channels at a time, each of them along many pixels.
// No more sums are put away than values are read.
bool streams(const ConvShape& s, int64_t mr, int64_t element) {
    const double bytes = patch_elements(s, s.d.out, s.h.out, s.w.out) * static_cast<double>(s.n * s.c * element);
    return s.taps() == 1 && s.k_per_group() <= std::min(mr, STREAMS) && bytes > static_cast<double>(caches().l3 / 4);
}

// Terms of the sum that are multiplied at a time; of one panel of output channels, their order is that of the weight.
template <class T>
int64_t terms_at_once(const ConvShape& s, const Kernels<T>& k) {
    return streams(s, k.mr, sizeof(T)) ? even_part(s.depth(), STREAMS) : block_depth<T>(s.depth(), k);
}

// How a call is cut and what it needs beside its arrays.
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
        const Block all{0, s.d.out, 0, s.h.out, 0, s.w.out};
        return x.w == 1 && s.taps() == 1 && s.w.stride == 1 && !touches_padding(s, all);
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
        const double ready = taps * (s.taps() == 1 && !copies(s) ? PACK / 2 : PACK), element = copies(s) ? COPIED : 0;
        return cut_for_team(s, block(s, k),
                            {k.nr, k.lanes, panels.count, taps * rows * vectors, LATENCY / (rows * vectors),
                             weights_cost(all, panel), ready, element, Input::of_task},
                            threads);
    }
};

// BLIS's loops: blocks of pixels (NC) are tasks, terms of the sum (KC), panels of pixels (NR), panels of output
// channels (MR), and the register tile. B is packed as much at a time as stays in L1, and all of A streams past it.
template <class T>
class Worker {
  public:
    Worker(const ConvCall<T>& call, const Setup<T>& setup, int thread)
        : call_(call),
          s_(call.shape),
          k_(call.kernels),
          maker_(setup.maker),
          panels_(s_.k_per_group(), k_.mr),
          kc_(setup.kc),
          step_(setup.step),
          tap_(setup.workspace.at(setup.tap, thread)),
          runs_(setup.workspace.at(setup.runs, thread)),
          panel_(setup.workspace.at(setup.panel, thread)),
          scratch_(setup.workspace.at(setup.patch, thread)) {}

    void run(const BlockTask& task) {
        const int64_t depth = s_.depth(), taps = s_.taps(), pixels = task.block.pixels();
        const int64_t rows = (task.k1 - task.k0) * k_.mr;
        for (int64_t k0 = 0; k0 < depth; k0 += kc_) {
            const Terms terms{k0, std::min(k0 + kc_, depth)};
            const int64_t c0 = k0 / taps, c1 = ceil_div(terms.k1, taps);
            if (k0) checkpoint();
            const Patch<T> patch = maker_.make(task.image, task.group * s_.c_per_group(), c0, c1, task.block, scratch_);
            patch.list_taps(s_, tap_);
            const bool one_row = task.block.rows() == 1 || patch.rows_follow(task.block);
            for (int64_t j = 0; j < pixels; j += step_) {
                const int64_t cols = std::min(step_, pixels - j);
                if (j && rows * terms.depth() * cols > LONG_STEP) checkpoint();
                one_row ? multiply_row(task, terms, patch, j, cols) : multiply_packed(task, terms, patch, j, cols);
            }
        }
    }

  private:
    struct Terms {
        int64_t k0, k1;
        int64_t depth() const { return k1 - k0; }
    };

    void multiply_packed(const BlockTask& task, Terms terms, const Patch<T>& patch, int64_t j, int64_t cols) {
        for (int64_t at = 0; at < cols; at += k_.nr)
            pack(task.block, terms, patch, j + at, std::min<int64_t>(k_.nr, cols - at), panel_ + at * terms.depth());
        multiply(packed_tile(terms, cols), task, terms, task.k0, task.k1, j);
    }

    // The pixels are one row of the patch: the first output channels read them where they are and pack them as they go,
    // those that follow have the next pixels cached.
    void multiply_row(const BlockTask& task, Terms terms, const Patch<T>& patch, int64_t j, int64_t cols) {
        const int64_t depth = terms.depth(), taps = s_.taps(), others = task.k1 - task.k0 - 1;
        const int64_t whole = cols / k_.nr, rest = cols % k_.nr;
        if (whole) {
            GemmTile<T> t = packed_tile(terms, whole * k_.nr);
            t.b = patch.x + j;
            t.ldb = patch.channel;
            t.b_panel = k_.nr;
            if (others || taps > 1) {
                t.packed = panel_;
                t.tap = tap_;
                t.taps = taps;
                t.first_tap = terms.k0 % taps;
            } else {
                t.ahead = t.b + PANELS_AHEAD * k_.nr;
                t.ahead_row = t.ldb;
                t.ahead_count = t.ahead_each = depth;
            }
            multiply(t, task, terms, task.k0, task.k0 + 1, j);
        }
        if (rest) {
            T* const last = panel_ + whole * k_.nr * depth;
            pack(task.block, terms, patch, j + whole * k_.nr, rest, last);
            GemmTile<T> t = packed_tile(terms, rest);
            t.b = last;
            if (whole) multiply(t, task, terms, task.k0, task.k0 + 1, j + whole * k_.nr);
        }
        GemmTile<T> t = packed_tile(terms, cols);
        // What the last tap reads the others will, or have read.
        const int64_t channels = ceil_div(terms.k1, taps) - terms.k0 / taps;
        const bool same_terms = j + cols < task.block.pixels() || terms.k1 == s_.depth();
        t.ahead = patch.x + tap_[taps - 1] + (same_terms ? j + cols : channels * patch.channel);
        t.ahead_row = patch.channel;
        t.ahead_count = channels;
        t.ahead_each = ceil_div(channels, std::max<int64_t>(others, 1));
        multiply(t, task, terms, whole ? task.k0 + 1 : task.k0, task.k1, j);
    }

    void pack(const Block& b, Terms terms, const Patch<T>& patch, int64_t j, int64_t cols, T* to) {
        const int64_t taps = s_.taps(), first = terms.k0 / taps * taps;
        k_.pack_panel({patch.x, patch.end, to, tap_, runs_, taps, patch.channel, terms.k0 - first, terms.k1 - first,
                       k_.nr, list_runs(patch, b, j, cols, k_.lanes, runs_), static_cast<int32_t>(cols)});
    }

    // Over `cols` packed pixels.
    GemmTile<T> packed_tile(Terms terms, int64_t cols) const {
        GemmTile<T> t{};
        t.b = panel_;
        t.depth = terms.depth();
        t.ldb = k_.nr;
        t.ldc = s_.pixels();
        t.more = (cols - 1) / k_.nr;
        t.cols = static_cast<int32_t>(cols - t.more * k_.nr);
        t.b_panel = t.depth * k_.nr;
        t.first = terms.k0 == 0;
        t.last = terms.k1 == s_.depth();
        return t;
    }

    // Panels [i0, i1) of the output channels, those of one size at a time, from pixel j of the block on.
    void multiply(GemmTile<T> t, const BlockTask& task, Terms terms, int64_t i0, int64_t i1, int64_t j) {
        const Block& b = task.block;
        const int64_t channels = s_.k_per_group(), group = task.group * channels;
        for (int64_t i = i0, end; i < i1; i = end) {
            end = std::min(panels_.end_of_size(i), i1);
            const int64_t row = panels_.start(i);
            t.rows = static_cast<int32_t>(panels_.size(i));
            t.below = end - i - 1;
            t.far_c = true;
            t.far_below = end < task.k1;
            t.lda = t.rows;
            t.a_panel = t.rows * t.depth;
            t.a = call_.weight.data.data() + group * s_.depth() + terms.k0 * channels + row * t.depth;
            t.c = call_.out_at(task.image, group + row, (b.d0 * s_.h.out + b.p0) * s_.w.out + b.q0 + j);
            t.epilogue = call_.epilogue;
            if (t.epilogue.bias) t.epilogue.bias += group + row;
            k_.gemm_tile(t);
            const int64_t fetched = std::min((end - i) * t.ahead_each, t.ahead_count);
            t.ahead += fetched * t.ahead_row;
            t.ahead_count -= fetched;
        }
    }

    const ConvCall<T>& call_;
    const ConvShape& s_;
    const Kernels<T>& k_;
    const PatchMaker<T>& maker_;
    const EvenSplit panels_;  // a task's k0, k1 count these
    const int64_t kc_, step_;
    int64_t* tap_;
    Run* runs_;
    T* panel_;
    T* scratch_;
};

template <class T>
int64_t workspace(const ConvShape& s, const Kernels<T>& k, int threads, int) {
    const auto bytes = [&](const ConvShape& shape) { return Setup<T>(shape, {}, k, threads).workspace.bytes(); };
    return may_be_one_row(s) ? std::max(bytes(s), bytes(as_one_row(s))) : bytes(s);
}

template <class T>
void run_blocks(const ConvCall<T>& call) {
    Setup<T> setup(call.shape, call.x, call.kernels, call.threads);
    setup.workspace.allocate();
    setup.maker.fill_table(setup.workspace.at(setup.w_columns));
    parallel_tasks(setup.tasks.count(), call.threads,
                   [&](int64_t task, int thread) { Worker<T>(call, setup, thread).run(setup.tasks.at(task)); });
}

template <class T>
void run(const ConvCall<T>& call) {
    if (!is_one_row(call.shape, call.x)) return run_blocks(call);
    const ConvShape row = as_one_row(call.shape);
    run_blocks<T>({row, call.x, call.weight, call.out, call.epilogue, call.kernels, call.threads, call.variant});
}

}  // namespace

template <class T>
PackedWeight<T> pack(const ConvSpec& spec, const T* weight, const Kernels<T>& k, int, int) {
    const int64_t depth = spec.depth(), rows = spec.k_per_group(), kc = block_depth<T>(depth, k);
    PackedWeight<T> packed{Buffer<T>(spec.k * depth)};
    const EvenSplit panels(rows, k.mr);
    T* dst = packed.data.data();
    for (int64_t g = 0; g < spec.groups; ++g)
        for (int64_t k0 = 0; k0 < depth; k0 += kc) {
            const int64_t terms = std::min(kc, depth - k0);
            for (int64_t i = 0; i < panels.count; ++i) {
                const int64_t size = panels.size(i);
                pack_rows(k, {weight + (g * rows + panels.start(i)) * depth + k0, dst, size, terms, depth, size});
                dst += size * terms;
            }
        }
    return packed;
}

template <class T>
Algorithm<T> row() {
    Algorithm<T> a;
    a.name = "im2col";
    a.summary = "a matrix product: pixels in the lanes, one panel of the matrix of patches in cache at a time";
    a.cost = cost::im2col;
    a.pack = pack<T>;
    a.workspace = workspace<T>;
    a.run = run<T>;
    a.row_step = any_row<T>;
    a.in_place = [](const ConvShape& s, const Kernels<T>& k) { return terms_at_once<T>(s, k) >= s.depth(); };
    return a;
}

#define CONVX_INSTANTIATE(T)     \
    template Algorithm<T> row(); \
    template PackedWeight<T> pack(const ConvSpec&, const T*, const Kernels<T>&, int, int);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::im2col
