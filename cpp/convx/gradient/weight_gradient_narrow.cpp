// dw with the outputs in the lanes: nothing is transposed and no lane is idle, however few channels a group has.
// Depthwise convolutions are groups of one.
#include <algorithm>
#include <atomic>
#include <cmath>

#include "../runtime/cache.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../shape/integer_math.h"
#include "weight_gradient_plan.h"

namespace convx::weight_gradient::narrow {
namespace {

constexpr int64_t BLOCK_ROWS = 64;      // output channels
constexpr int64_t RUN_BYTES = 4 << 10;  // a run of outputs: four of gy and the taps of x stay in L1
constexpr int64_t MOST_BLOCKS = 64;     // tasks, where groups are many

template <class T>
struct Setup {
    WeightCut cut;
    Blocking blocking;
    Regrouped layout;
    int64_t g_plane, g_channel, step;  // step: blocks of the weight that a task takes
    Workspace workspace;
    Parts<T> parts;
    Part<int64_t> tap;
    Part<T> x, g;

    explicit Setup(const Call<T>& call)
        : cut(call.shape, BLOCK_ROWS, most_channels(call.shape), call.shape.taps()),
          blocking(block(call)),
          layout(call.shape, blocking),
          g_plane(blocking.p * layout.row),
          g_channel(round_up(blocking.d * g_plane, call.kernels.lanes)),
          step(ceil_div(cut.count(), MOST_BLOCKS)),
          workspace(call.threads),
          parts(call, cut, workspace),
          tap(workspace.shared<int64_t>(call.shape.taps())),
          x(workspace.own<T>(layout.channel + call.kernels.nr)),
          g(workspace.own<T>(cut.k_block * g_channel + call.kernels.nr)) {}

  private:
    // gy is copied once for all of them, but few blocks leave threads idle.
    static int64_t most_channels(const ConvShape& s) { return std::max<int64_t>(s.c_per_group() / 4, 16); }
    Blocking block(const Call<T>& call) {
        const ConvShape& s = call.shape;
        const int64_t element = sizeof(T), pixels = (s.k_per_group() > 2 ? 1 : 2) * RUN_BYTES / element;
        const Blocking b = choose_blocking(s, {1, caches().l2 / 4, pixels, element, 1, call.kernels.lanes});
        cut.split(s, s.n * b.count(), element);
        return b;
    }
};

template <class T>
class Worker {
  public:
    Worker(const Call<T>& call, const Setup<T>& setup, bool gaps, int thread)
        : call_(call),
          s_(call.shape),
          k_(call.kernels),
          setup_(setup),
          gaps_(gaps),
          tap_(setup.workspace.at(setup.tap)),
          x_(setup.workspace.at(setup.x, thread)),
          g_(setup.workspace.at(setup.g, thread)) {}

    bool run(const WeightTask& task) {
        T* weight = setup_.parts.weight(task, setup_.workspace);
        const int64_t k = task.group * s_.k_per_group(), c = task.group * s_.c_per_group();
        bool first = true;
        for (int64_t step = task.from; step < task.to; ++step) {
            if (step > task.from) checkpoint();
            const int64_t n = step / setup_.blocking.count();
            const Block block = setup_.blocking.at(s_, step % setup_.blocking.count());
            copy_gradient(call_.gy, n, k + task.k0, k + task.k1, block, setup_.layout.row, setup_.g_plane,
                          setup_.g_channel, k_, g_);
            for (int64_t i = task.c0; i < task.c1; ++i) {
                if (i > task.c0) checkpoint();
                copy_input(setup_.layout, s_, call_.x, n, c + i, c + i + 1, block, k_, x_);
                multiply(task, block, weight + (i - task.c0) * s_.taps(), first);
            }
            first = false;
        }
        bool finite = true;
        for (int64_t i = task.k0; i < task.k1; ++i, weight += s_.depth())
            finite = finite && k_.all_finite({weight, (task.c1 - task.c0) * s_.taps()});
        return finite;
    }

  private:
    void multiply(const WeightTask& task, const Block& block, T* out, bool first) {
        for_each_run(setup_.layout, block, setup_.g_plane, gaps_, [&](int64_t x, int64_t g, int64_t count) {
            k_.row_dots(
                {g_ + g, x_ + x, out, tap_, count, setup_.g_channel, s_.depth(), task.k1 - task.k0, s_.taps(), first});
            first = false;
        });
    }

    const Call<T>& call_;
    const ConvShape& s_;
    const Kernels<T>& k_;
    const Setup<T>& setup_;
    const bool gaps_;
    const int64_t* tap_;
    T *x_, *g_;
};

template <class T>
bool run(const Call<T>& call) {
    Setup<T> setup(call);
    setup.workspace.allocate();
    setup.layout.list_taps(call.shape, setup.workspace.at(setup.tap));
    const auto pass = [&](bool gaps) {
        std::atomic<bool> finite{true};
        parallel_pieces({setup.cut.count(), setup.step}, call.threads, [&](const Range& some, int thread) {
            Worker<T> worker(call, setup, gaps, thread);
            for (int64_t i = some.begin; i < some.end; ++i)
                if (!worker.run(setup.cut.at(call.shape, i))) finite = false;
        });
        return finite.load();
    };
    bool finite = pass(true);
    if (!finite && setup.layout.row > call.shape.w.out) finite = pass(false);
    setup.parts.add_up(setup.workspace);
    return finite;
}

// Slots: loads bind where a row of gy stands alone, else multiply-adds; then the sums across lanes and the copies.
template <class T>
double cost(const ConvShape& s, const Kernels<T>& k) {
    const auto number = [](int64_t x) { return static_cast<double>(x); };
    const double gap = number((s.w.kernel - 1) * s.w.dilation / s.w.stride), groups = number(s.n * s.groups);
    const double pixels = number(s.d.out * s.h.out) * (number(s.w.out) + gap), lanes = number(k.lanes);
    const double pairs = number(s.k_per_group()) * number(s.depth());
    const double blocks = std::ceil(pixels * sizeof(T) / RUN_BYTES);
    const double load = s.k_per_group() < 2 ? 2.2 : s.k_per_group() < 4 ? 1.6 : 1.25;
    const double products = pairs * (std::ceil(pixels / lanes) * load + blocks * 10);
    const double strides = number(std::min(s.w.stride * s.h.stride * s.d.stride, s.taps()));
    return groups * (products + pixels / lanes * 4 * (number(s.c_per_group()) * strides + number(s.k_per_group())) +
                     number(s.c_per_group() + s.k_per_group()) * 100);
}

}  // namespace

template <class T>
Algorithm<T> row() {
    Algorithm<T> a;
    a.name = "narrow";
    a.summary = "few channels: pixels in the lanes, summed across them at the end";
    a.cost = cost<T>;
    a.run = run<T>;
    return a;
}

#define CONVX_INSTANTIATE(T) template Algorithm<T> row();
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::weight_gradient::narrow
