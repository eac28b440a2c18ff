#include "im2col.h"

#include <algorithm>

#include "../data/tile_lists.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../shape/one_row.h"
#include "im2col_setup.h"

namespace convx::im2col {
namespace {

constexpr int64_t LONG_STEP = 1 << 24;  // multiply-adds that last some milliseconds where there are no vectors
constexpr int64_t PANELS_AHEAD = 4;     // is the next one fetched where no other output channels do so

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
          steps_(setup.step / k_.nr),
          tap_(setup.workspace.at(setup.tap, thread)),
          runs_(setup.workspace.at(setup.runs, thread)),
          panel_(setup.workspace.at(setup.panel, thread)),
          scratch_(setup.workspace.at(setup.patch, thread)) {}

    void run(const BlockTask& task) {
        const int64_t depth = s_.depth(), taps = s_.taps(), pixels = task.block.pixels();
        const int64_t rows = (task.k1 - task.k0) * k_.mr;
        split(task);
        for (int64_t k0 = 0; k0 < depth; k0 += kc_) {
            const Terms terms{k0, std::min(k0 + kc_, depth)};
            const int64_t c0 = k0 / taps, c1 = ceil_div(terms.k1, taps);
            if (k0) checkpoint();
            const Patch<T> patch = maker_.make(task.image, task.group * s_.c_per_group(), c0, c1, task.block, scratch_);
            patch.list_taps(s_, tap_);
            prepare(task, terms, patch);
            const bool one_row = task.block.rows() == 1 || patch.rows_follow(task.block);
            for (int64_t j = 0; j < pixels; j += step_) {
                const int64_t cols = std::min(step_, pixels - j);
                if (j && rows * terms.depth() * cols > LONG_STEP) checkpoint();
                set_columns(cols);
                one_row ? multiply_row(task, terms, patch, j, cols) : multiply_packed(task, terms, patch, j, cols);
            }
        }
    }

  private:
    struct Terms {
        int64_t k0, k1;
        int64_t depth() const { return k1 - k0; }
    };
    // Panels [i0, i1) of the output channels, which have the same size, from this row on.
    struct Panels {
        int64_t i0, i1, row, size;
    };

    // As divisions take long, once for a task: panels have two sizes at most.
    void split(const BlockTask& task) {
        const int64_t group = task.group * s_.k_per_group(), middle = std::min(panels_.end_of_size(task.k0), task.k1);
        large_ = {task.k0, middle, group + panels_.start(task.k0), panels_.size(task.k0)};
        small_ = {middle, task.k1, group + panels_.start(middle), panels_.size(task.k1 - 1)};
    }

    // What all products of these terms have in common.
    void prepare(const BlockTask& task, Terms terms, const Patch<T>& patch) {
        const Block& b = task.block;
        const int64_t depth = terms.depth(), taps = s_.taps(), others = task.k1 - task.k0 - 1;
        const int64_t channels = ceil_div(terms.k1, taps) - terms.k0 / taps, before = task.group * s_.k_per_group();
        // Weights of the groups and terms before, less those of this group's rows, which are counted from the first.
        w_ = call_.weight.data.data() + before * s_.depth() + terms.k0 * s_.k_per_group() - before * depth;
        c_ = call_.out_at(task.image, 0, (b.d0 * s_.h.out + b.p0) * s_.w.out + b.q0);
        GemmTile<T>& t = packed_ = {};
        t.depth = depth;
        t.ldb = k_.nr;
        t.ldc = s_.pixels();
        t.b_panel = depth * k_.nr;
        t.first = terms.k0 == 0;
        t.last = terms.k1 == s_.depth();
        t.far_c = true;
        t.epilogue = call_.epilogue;
        GemmTile<T>& f = in_place_ = t;
        f.ldb = f.ahead_row = patch.channel;
        f.b_panel = f.cols = k_.nr;
        if (others || taps > 1) {
            f.packed = panel_;
            f.tap = tap_;
            f.taps = taps;
            f.first_tap = terms.k0 % taps;
        } else {
            f.ahead_each = depth;
        }
        t.ahead_row = patch.channel;
        t.ahead_each = ceil_div(channels, std::max<int64_t>(others, 1));
        channels_ = channels;
    }

    void set_columns(int64_t cols) {
        packed_.more = cols == step_ ? steps_ - 1 : (cols - 1) / k_.nr;
        packed_.cols = static_cast<int32_t>(cols - packed_.more * k_.nr);
    }

    void multiply_packed(const BlockTask& task, Terms terms, const Patch<T>& patch, int64_t j, int64_t cols) {
        for (int64_t at = 0; at < cols; at += k_.nr)
            pack(task.block, terms, patch, j + at, std::min<int64_t>(k_.nr, cols - at), panel_ + at * terms.depth());
        packed_.b = panel_;
        packed_.ahead_count = 0;
        multiply(packed_, task, task.k0, task.k1, j);
    }

    // The pixels are one row of the patch: the first output channels read them where they are and pack them as they go,
    // those that follow have the next pixels cached.
    void multiply_row(const BlockTask& task, Terms terms, const Patch<T>& patch, int64_t j, int64_t cols) {
        const int64_t depth = terms.depth(), rest = packed_.cols < k_.nr ? packed_.cols : 0;
        const int64_t whole = packed_.more + (rest == 0);
        if (whole) {
            in_place_.b = patch.x + j;
            in_place_.more = whole - 1;
            in_place_.ahead = in_place_.b + PANELS_AHEAD * k_.nr;
            in_place_.ahead_count = in_place_.ahead_each;
            multiply(in_place_, task, task.k0, task.k0 + 1, j);
        }
        if (rest) {
            T* const last = panel_ + whole * k_.nr * depth;
            pack(task.block, terms, patch, j + whole * k_.nr, rest, last);
            GemmTile<T> t = packed_;
            t.b = last;
            t.more = t.ahead_count = 0;
            if (whole) multiply(t, task, task.k0, task.k0 + 1, j + whole * k_.nr);
        }
        // What the last tap reads the others will, or have read.
        const bool same_terms = j + cols < task.block.pixels() || terms.k1 == s_.depth();
        packed_.b = panel_;
        packed_.ahead = patch.x + tap_[s_.taps() - 1] + (same_terms ? j + cols : channels_ * patch.channel);
        packed_.ahead_count = channels_;
        multiply(packed_, task, whole ? task.k0 + 1 : task.k0, task.k1, j);
    }

    void pack(const Block& b, Terms terms, const Patch<T>& patch, int64_t j, int64_t cols, T* to) {
        const int64_t taps = s_.taps(), first = terms.k0 / taps * taps;
        k_.pack_panel({patch.x, patch.end, to, tap_, runs_, taps, patch.channel, terms.k0 - first, terms.k1 - first,
                       k_.nr, list_runs(patch, b, j, cols, k_.lanes, runs_), static_cast<int32_t>(cols)});
    }

    // Panels [i0, i1) of the output channels from pixel j of the block on.
    void multiply(GemmTile<T>& t, const BlockTask& task, int64_t i0, int64_t i1, int64_t j) {
        for (const Panels& some : {large_, small_}) {
            const int64_t begin = std::max(i0, some.i0), end = std::min(i1, some.i1);
            if (begin >= end) continue;
            const int64_t row = some.row + (begin - some.i0) * some.size;
            t.rows = static_cast<int32_t>(some.size);
            t.below = end - begin - 1;
            t.far_below = end < task.k1;
            t.lda = some.size;
            t.a_panel = some.size * t.depth;
            t.a = w_ + row * t.depth;
            t.c = c_ + row * t.ldc + j;
            if (call_.epilogue.bias) t.epilogue.bias = call_.epilogue.bias + row;
            k_.gemm_tile(t);
            t.fetched(end - begin);
        }
    }

    const ConvCall<T>& call_;
    const ConvShape& s_;
    const Kernels<T>& k_;
    const PatchMaker<T>& maker_;
    const EvenSplit panels_;  // a task's k0, k1 count these
    const int64_t kc_, step_, steps_;
    Panels large_{}, small_{};
    GemmTile<T> packed_{}, in_place_{};
    int64_t channels_ = 0;  // that the terms lie in
    const T* w_ = nullptr;
    T* c_ = nullptr;
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

// Calls visit(packed, row, first term, rows, terms) for the panels of a packed weight, in their order.
template <class T, class Visit>
void each_panel(const ConvSpec& spec, const Kernels<std::remove_const_t<T>>& k, T* packed, const Visit& visit) {
    const int64_t depth = spec.depth(), rows = spec.k_per_group(), kc = block_depth(depth, k);
    const EvenSplit panels(rows, k.mr);
    for (int64_t g = 0; g < spec.groups; ++g)
        for (int64_t k0 = 0; k0 < depth; k0 += kc) {
            const int64_t terms = std::min(kc, depth - k0);
            for (int64_t i = 0; i < panels.count; ++i) {
                const int64_t size = panels.size(i);
                visit(packed, g * rows + panels.start(i), k0, size, terms);
                packed += size * terms;
            }
        }
}

template <class T>
void unpack(const ConvSpec& spec, const PackedWeight<T>& packed, const Kernels<T>& k, T* weight) {
    const int64_t depth = spec.depth();
    each_panel<const T>(spec, k, packed.data.data(),
                        [&](const T* panel, int64_t row, int64_t k0, int64_t size, int64_t terms) {
                            unpack_rows(panel, size, terms, size, weight + row * depth + k0, depth);
                        });
}

}  // namespace

template <class T>
PackedWeight<T> pack(const ConvSpec& spec, const T* weight, const Kernels<T>& k, int, int) {
    const int64_t depth = spec.depth();
    PackedWeight<T> packed{Buffer<T>(spec.k * depth)};
    each_panel<T>(spec, k, packed.data.data(), [&](T* panel, int64_t row, int64_t k0, int64_t size, int64_t terms) {
        pack_rows(k, {weight + row * depth + k0, panel, size, terms, depth, size});
    });
    return packed;
}

template <class T>
Algorithm<T> row() {
    Algorithm<T> a;
    a.name = "im2col";
    a.summary = "a matrix product: pixels in the lanes, one panel of the matrix of patches in cache at a time";
    a.cost = cost::im2col;
    a.pack = pack<T>;
    a.unpack = unpack<T>;
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
