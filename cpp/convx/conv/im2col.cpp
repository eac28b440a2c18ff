#include "im2col.h"

#include <algorithm>

#include "../data/patch.h"
#include "../runtime/cache.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/workspace.h"
#include "../shape/integer_math.h"

namespace convx::im2col {
namespace {

// How a call is cut and what it needs beside its arrays.
template <class T>
struct Setup {
    int64_t kc;  // terms of the sum in a panel
    Blocking blocking;
    BlockTasks tasks;
    PatchMaker<T> maker;
    Workspace workspace;
    Part<int64_t> w_columns, tap;
    Part<Run> runs;
    Part<T> panel, patch;

    Setup(const ConvShape& s, const View<const T>& x, const Kernels<T>& k, int threads)
        : kc(even_part(s.depth(), k.kc)),
          blocking(block(s, k, threads)),
          tasks(partition_tasks(s, blocking, ceil_div(s.k_per_group(), k.mr), most_panels(s, k), threads)),
          maker(s, x, blocking, k),
          workspace(threads),
          w_columns(workspace.shared<int64_t>(maker.table_elements())),
          tap(workspace.own<int64_t>(s.taps())),
          runs(workspace.own<Run>(k.nr)),
          panel(workspace.own<T>(kc * k.nr + k.nr)),
          patch(workspace.own<T>(maker.scratch_elements())) {}

  private:
    // L2 holds the weights of a task (mc x kc), its output (mc x pixels) and the input of one step.
    static int64_t share() { return caches().l2 * 3 / 8; }
    int64_t most_panels(const ConvShape& s, const Kernels<T>& k) const {
        return std::clamp<int64_t>(share() / (kc * static_cast<int64_t>(sizeof(T)) * k.mr), 1,
                                   ceil_div(s.k_per_group(), k.mr));
    }
    Blocking block(const ConvShape& s, const Kernels<T>& k, int threads) const {
        const int64_t channels = std::min((kc - 1) / s.taps() + 2, s.c_per_group());
        const int64_t pixels =
            std::max<int64_t>(share() / (most_panels(s, k) * k.mr * static_cast<int64_t>(sizeof(T))), 4 * k.nr);
        Blocking b =
            choose_blocking(s, {channels, caches().l2 / 4, pixels, sizeof(T), least_blocks(s, threads), k.lanes});
        b.channels = channels;  // a step of kc terms reads all of them
        return b;
    }
};

// BLIS's five loops: blocks of pixels (NC) are tasks, terms of the sum (KC), panels of pixels (NR), panels of output
// channels (MR), and the register tile. B is packed one KC x NR panel at a time and consumed from L1.
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
          tap_(setup.workspace.at(setup.tap, thread)),
          runs_(setup.workspace.at(setup.runs, thread)),
          panel_(setup.workspace.at(setup.panel, thread)),
          scratch_(setup.workspace.at(setup.patch, thread)) {}

    void run(const BlockTask& task) {
        const int64_t depth = s_.depth(), taps = s_.taps(), nr = k_.nr;
        for (int64_t k0 = 0; k0 < depth; k0 += kc_) {
            const int64_t k1 = std::min(k0 + kc_, depth), c0 = k0 / taps, c1 = ceil_div(k1, taps);
            if (k0) checkpoint();
            const Patch<T> patch = maker_.make(task.image, task.group * s_.c_per_group(), c0, c1, task.block, scratch_);
            patch.list_taps(s_, tap_);
            for (int64_t j = 0; j < task.block.pixels(); j += nr) {
                const int64_t cols = std::min(nr, task.block.pixels() - j);
                k_.pack_panel({patch.x, patch.end, panel_, tap_, runs_, taps, patch.channel, k0 - c0 * taps,
                               k1 - c0 * taps, list_runs(patch, task.block, j, cols)});
                multiply(task, k0, k1, j, cols);
            }
        }
    }

  private:
    // Pixels [j, j + cols) of the block as runs of adjacent elements of the patch.
    int32_t list_runs(const Patch<T>& patch, const Block& b, int64_t j, int64_t cols) {
        int32_t n = 0;
        const int64_t row_pixels = b.cols(), plane_rows = b.p1 - b.p0;
        for (int64_t at = 0; at < cols;) {
            const int64_t row = (j + at) / row_pixels, q = (j + at) % row_pixels;
            const int64_t count = std::min(row_pixels - q, cols - at);
            const int64_t src = row / plane_rows * patch.out_d + row % plane_rows * patch.out_p + q;
            if (n && runs_[n - 1].src + runs_[n - 1].count == src)
                runs_[n - 1].count += count;
            else
                runs_[n++] = {at, src, count};
            at += count;
        }
        return n;
    }

    void multiply(const BlockTask& task, int64_t k0, int64_t k1, int64_t j, int64_t cols) {
        const Block& b = task.block;
        const int64_t group = task.group * s_.k_per_group(), pixels = s_.pixels();
        const T* weight = call_.weight.data.data() + group * s_.depth();
        T* out = call_.out + (task.image * s_.k + group) * pixels + (b.d0 * s_.h.out + b.p0) * s_.w.out + b.q0 + j;
        GemmTile<T> t{};
        t.b = panel_;
        t.depth = k1 - k0;
        t.ldb = k_.nr;
        t.ldc = pixels;
        t.cols = static_cast<int32_t>(cols);
        t.first = k0 == 0;
        t.last = k1 == s_.depth();
        for (int64_t i = task.k0; i < task.k1; ++i) {
            const int64_t row = panels_.start(i);
            t.rows = static_cast<int32_t>(panels_.size(i));
            t.lda = t.rows;
            t.a = weight + row * s_.depth() + k0 * t.rows;
            t.c = out + row * pixels;
            t.epilogue = call_.epilogue;
            if (t.epilogue.bias) t.epilogue.bias += group + row;
            k_.gemm_tile(t);
        }
    }

    const ConvCall<T>& call_;
    const ConvShape& s_;
    const Kernels<T>& k_;
    const PatchMaker<T>& maker_;
    const EvenSplit panels_;  // a task's k0, k1 count these
    const int64_t kc_;
    int64_t* tap_;
    Run* runs_;
    T* panel_;
    T* scratch_;
};

template <class T>
int64_t workspace(const ConvShape& s, const Kernels<T>& k, int threads, int) {
    return Setup<T>(s, {}, k, threads).workspace.bytes();
}

template <class T>
void run(const ConvCall<T>& call) {
    Setup<T> setup(call.shape, call.x, call.kernels, call.threads);
    setup.workspace.allocate();
    setup.maker.fill_table(setup.workspace.at(setup.w_columns));
    parallel_tasks(setup.tasks.count(), call.threads,
                   [&](int64_t task, int thread) { Worker<T>(call, setup, thread).run(setup.tasks.at(task)); });
}

}  // namespace

template <class T>
PackedWeight<T> pack(const ConvSpec& spec, const T* weight, const Kernels<T>& k, int) {
    return pack_panels(spec, weight, k, k.mr);
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
    return a;
}

#define CONVX_INSTANTIATE(T)     \
    template Algorithm<T> row(); \
    template PackedWeight<T> pack(const ConvSpec&, const T*, const Kernels<T>&, int);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::im2col
