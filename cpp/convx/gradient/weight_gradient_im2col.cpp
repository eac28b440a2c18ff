// dw as a matrix product with the outputs as depth: input channels in the lanes, output channels broadcast. A block of
// x and gy is transposed to [pixel][channel] once; each tap is the same copy of x at another offset.
#include <algorithm>
#include <atomic>

#include "../data/panel_depth.h"
#include "../runtime/cache.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../shape/integer_math.h"
#include "weight_gradient_plan.h"

namespace convx::weight_gradient::im2col {
namespace {

constexpr int64_t MOST_GAP = 4;  // zeros multiplied between two rows cost less than a tile of their own

// Channels of a block: its copies pay by the taps and the other channels that share them.
int64_t most_c(const ConvShape& s) { return s.taps() < 4 ? 128 : 64; }
int64_t most_k(const ConvShape& s, int64_t mr) { return round_up(most_c(s), mr); }

// How a call is cut and what it needs beside its arrays.
template <class T>
struct Setup {
    int64_t lanes;  // of a panel of x
    WeightCut cut;
    Blocking blocking;
    Regrouped layout;
    bool gaps;
    bool plain;                                  // each output has one tap, in its own place
    int64_t g_row, g_plane, g_channel, g_width;  // of the copy of gy; a panel of it is g_width wide
    Workspace workspace;
    Parts<T> parts;
    Part<int64_t> tap;
    Part<T> planar, x, g, sums;

    Setup(const Call<T>& call, bool may_have_gaps)
        : lanes(call.shape.c_per_group() > call.kernels.lanes ? call.kernels.nr : call.kernels.lanes),
          cut(call.shape, most_k(call.shape, call.kernels.mr), most_c(call.shape), most_taps(call)),
          blocking(block(call)),
          layout(call.shape, blocking),
          gaps(may_have_gaps && layout.row - call.shape.w.out <= MOST_GAP),
          plain(is_plain(call.shape.d) && is_plain(call.shape.h) && is_plain(call.shape.w)),
          g_row(layout.row),
          g_plane(blocking.p * g_row),
          g_channel(blocking.d * g_plane),
          g_width(round_up(call.kernels.mr, call.kernels.lanes)),
          workspace(call.threads),
          parts(call, cut, workspace),
          tap(workspace.shared<int64_t>(call.shape.taps())),
          planar(workspace.own<T>(std::max(cut.c_block * layout.channel, cut.k_block * g_channel) + call.kernels.nr)),
          x(workspace.own<T>(round_up(cut.c_block, lanes) * layout.channel + call.kernels.nr)),
          g(workspace.own<T>(ceil_div(cut.k_block, call.kernels.mr) * g_width * g_channel)),
          sums(workspace.own<T>(round_up(cut.c_block, lanes) * cut.t_block * cut.k_block)) {}

  private:
    static bool is_plain(const Axis& a) { return a.kernel == 1 && a.stride == 1 && a.lo == 0 && a.hi == 0; }
    static int64_t most_taps(const Call<T>& call) {
        const ConvShape& s = call.shape;
        const int64_t c = std::min(s.c_per_group(), most_c(s)), k = std::min(s.k_per_group(), most_c(s));
        return caches().l2 / 2 / (round_up(c, lanes_of(call)) * k * static_cast<int64_t>(sizeof(T)));
    }
    static int64_t lanes_of(const Call<T>& call) { return call.kernels.lanes; }
    Blocking block(const Call<T>& call) {
        const ConvShape& s = call.shape;
        Blocking b = choose_blocking(
            s, {cut.c_block, caches().l2 / 4, 4 * cached_terms<T>(call.kernels), sizeof(T), 1, call.kernels.lanes});
        cut.c_block = b.channels;
        cut.c_blocks = ceil_div(s.c_per_group(), cut.c_block);
        cut.split(s, s.n * b.count(), sizeof(T));
        return b;
    }
};

template <class T>
class Worker {
  public:
    Worker(const Call<T>& call, const Setup<T>& setup, int thread)
        : call_(call),
          s_(call.shape),
          k_(call.kernels),
          setup_(setup),
          layout_(setup.layout),
          kc_(cached_terms<T>(k_)),
          tap_(setup.workspace.at(setup.tap)),
          planar_(setup.workspace.at(setup.planar, thread)),
          x_(setup.workspace.at(setup.x, thread)),
          g_(setup.workspace.at(setup.g, thread)),
          sums_(setup.workspace.at(setup.sums, thread)) {}

    bool run(const WeightTask& task) {
        const EvenSplit rows(task.k1 - task.k0, k_.mr);
        bool first = true;
        for (int64_t step = task.from; step < task.to; ++step) {
            if (step > task.from) checkpoint();
            const int64_t n = step / setup_.blocking.count();
            const Block block = setup_.blocking.at(s_, step % setup_.blocking.count());
            transpose_input(task, n, block);
            transpose_gradient(task, rows, n, block);
            for_each_run(layout_, block, setup_.g_plane, setup_.gaps, [&](int64_t x, int64_t g, int64_t count) {
                for (int64_t i = 0; i < count; i += kc_) {
                    multiply(task, rows, x + i, g + i, std::min(kc_, count - i), first);
                    first = false;
                }
            });
        }
        return finish(task);
    }

  private:
    // Where a block's pixels are neighbours in the caller's array, nothing needs to be regrouped.
    static bool in_place(const View<const T>& v, const Block& b, int64_t row, int64_t plane) {
        const bool rows_join = b.p1 - b.p0 == 1 || v.h == row, planes_join = b.d1 - b.d0 == 1 || v.d == plane;
        return v.w == 1 && row == b.cols() && rows_join && planes_join;
    }
    static const T* corner(const View<const T>& v, int64_t n, int64_t c, const Block& b) {
        return v.data + n * v.n + c * v.c + b.d0 * v.d + b.p0 * v.h + b.q0 * v.w;
    }

    // [panel][pixel][lane]
    void transpose_input(const WeightTask& task, int64_t n, const Block& block) {
        const int64_t channels = task.c1 - task.c0, c = task.group * s_.c_per_group() + task.c0;
        const bool as_is = setup_.plain && in_place(call_.x, block, layout_.row, layout_.plane);
        const T* src = as_is ? corner(call_.x, n, c, block) : planar_;
        const int64_t pixels = as_is ? block.pixels() : layout_.channel, src_row = as_is ? call_.x.c : layout_.channel;
        if (!as_is) copy_input(layout_, s_, call_.x, n, c, c + channels, block, k_, planar_);
        for (int64_t j = 0; j < channels; j += setup_.lanes)
            k_.transpose_pack({src + j * src_row, x_ + j * layout_.channel, std::min(setup_.lanes, channels - j),
                               pixels, src_row, setup_.lanes});
    }

    void transpose_gradient(const WeightTask& task, const EvenSplit& rows, int64_t n, const Block& block) {
        const int64_t k = task.group * s_.k_per_group() + task.k0, channel = setup_.g_channel;
        const bool as_is = in_place(call_.gy, block, setup_.g_row, setup_.g_plane);
        const T* src = as_is ? corner(call_.gy, n, k, block) : planar_;
        const int64_t pixels = as_is ? block.pixels() : channel, src_row = as_is ? call_.gy.c : channel;
        if (!as_is)
            copy_gradient(call_.gy, n, k, k + task.k1 - task.k0, block, setup_.g_row, setup_.g_plane, channel, k_,
                          planar_);
        for (int64_t i = 0; i < rows.count; ++i)
            k_.transpose_pack({src + rows.start(i) * src_row, g_ + i * setup_.g_width * channel, rows.size(i), pixels,
                               src_row, setup_.g_width});
    }

    // sums[panel of c][tap][k][lane] over `count` outputs that are neighbours in both copies.
    void multiply(const WeightTask& task, const EvenSplit& rows, int64_t x, int64_t g, int64_t count, bool first) {
        const int64_t taps = task.t1 - task.t0, height = task.k1 - task.k0;
        GemmTile<T> t{};
        t.depth = count;
        t.lda = setup_.g_width;
        t.ldb = t.ldc = setup_.lanes;
        t.first = first;
        for (int64_t j = 0; j < task.c1 - task.c0; j += setup_.lanes) {
            t.cols = static_cast<int32_t>(round_up(std::min(setup_.lanes, task.c1 - task.c0 - j), k_.lanes));
            for (int64_t tap = 0; tap < taps; ++tap) {
                t.b = x_ + j * layout_.channel + (x + tap_[task.t0 + tap]) * setup_.lanes;
                T* sums = sums_ + (j * taps + tap * setup_.lanes) * height;
                for (int64_t i = 0; i < rows.count; ++i) {
                    t.rows = static_cast<int32_t>(rows.size(i));
                    t.a = g_ + (i * setup_.g_channel + g) * setup_.g_width;
                    t.c = sums + rows.start(i) * setup_.lanes;
                    k_.gemm_tile(t);
                }
            }
        }
    }

    // To dw's order (k, c, tap).
    bool finish(const WeightTask& task) {
        const int64_t taps = task.t1 - task.t0, height = task.k1 - task.k0, channels = task.c1 - task.c0;
        T* weight = setup_.parts.weight(task, setup_.workspace);
        bool finite = true;
        for (int64_t k = 0; k < height; ++k, weight += s_.depth())
            for (int64_t j = 0; j < channels; j += setup_.lanes) {
                const T* sums = sums_ + (j * taps * height) + k * setup_.lanes;
                const int64_t count = std::min(setup_.lanes, channels - j), next = height * setup_.lanes;
                T* out = weight + j * s_.taps();
                if (s_.taps() == 1) {
                    std::copy_n(sums, count, out);
                    finite = finite && k_.all_finite({sums, count});
                } else if (taps == s_.taps()) {
                    k_.transpose_pack({sums, out, taps, count, next, taps});
                    finite = finite && k_.all_finite({out, count * taps});
                } else {
                    for (int64_t t = 0; t < taps; ++t) {
                        finite = finite && k_.all_finite({sums + t * next, count});
                        for (int64_t c = 0; c < count; ++c) out[c * s_.taps() + t] = sums[t * next + c];
                    }
                }
            }
        return finite;
    }

    const Call<T>& call_;
    const ConvShape& s_;
    const Kernels<T>& k_;
    const Setup<T>& setup_;
    const Regrouped& layout_;
    const int64_t kc_;
    const int64_t* tap_;
    T *planar_, *x_, *g_, *sums_;
};

template <class T>
bool run(const Call<T>& call, bool may_have_gaps) {
    Setup<T> setup(call, may_have_gaps);
    setup.workspace.allocate();
    setup.layout.list_taps(call.shape, setup.workspace.at(setup.tap));
    std::atomic<bool> finite{true};
    parallel_tasks(setup.cut.count(), call.threads, [&](int64_t task, int thread) {
        if (!Worker<T>(call, setup, thread).run(setup.cut.at(call.shape, task))) finite = false;
    });
    if (!finite && setup.gaps && setup.layout.row > call.shape.w.out) return run(call, false);
    setup.parts.add_up(setup.workspace);
    return finite;
}

template <class T>
bool run(const Call<T>& call) {
    return run(call, true);
}

// Slots of multiply-adds, as in cost.cpp: tiles, then the copies, which each block of the other channels repeats.
template <class T>
double cost(const ConvShape& s, const Kernels<T>& k) {
    const auto number = [](int64_t x) { return static_cast<double>(x); };
    const int64_t rows = s.k_per_group(), cols = s.c_per_group();
    const int64_t panels = ceil_div(rows, k.mr), vectors = ceil_div(cols, k.lanes);
    const int64_t gap = (s.w.kernel - 1) * s.w.dilation / s.w.stride;
    const double row =
        number(s.w.out) + (gap <= MOST_GAP ? number(gap) : 4.0 * number(ceil_div(s.w.out, cached_terms<T>(k))));
    const double pixels = number(s.n * s.groups) * number(s.d.out * s.h.out) * row;
    const double height = number(rows) / number(panels);
    const double step = vectors > 1 ? std::max({2 * height, 2 + height, 6.0}) / 2 : std::max(1 + height, 6.0);
    const double products = pixels * number(s.taps()) * number(panels * vectors) * step;
    const double stride = number(s.w.stride * s.h.stride * s.d.stride) > number(s.taps())
                              ? number(s.taps())
                              : number(s.w.stride * s.h.stride * s.d.stride);
    const double copies = pixels * 8 *
                          (number(vectors) * stride * number(ceil_div(rows, most_k(s, k.mr))) +
                           number(ceil_div(rows, k.lanes)) * number(ceil_div(cols, most_c(s))));
    return products + copies + number(s.k * vectors) * number(s.taps()) * 10;
}

}  // namespace

template <class T>
Algorithm<T> row() {
    Algorithm<T> a;
    a.name = "im2col";
    a.summary = "a matrix product with the pixels as depth, input channels in the lanes";
    a.cost = cost<T>;
    a.run = run<T>;
    return a;
}

#define CONVX_INSTANTIATE(T) template Algorithm<T> row();
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::weight_gradient::im2col
