// dw of 3x3 kernels of stride 1 by F(4x4, 3x3) turned round: dw = G' [sum over tiles of (A gy A') * (B' x B)] G, 36
// products for a tile of 4x4 outputs instead of 144. The sums over tiles are matrix products with the tiles as depth.
#include <algorithm>
#include <atomic>

#include "../conv/cost.h"
#include "../runtime/cache.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../shape/integer_math.h"
#include "weight_gradient_plan.h"

namespace convx::weight_gradient::winograd {
namespace {

constexpr int64_t M = 4, N = 6, R = 3, POINTS = N * N;
constexpr int64_t BLOCK_CHANNELS = 64;
constexpr int64_t TILES = 48;  // summed at a time

// The convolution with whole tiles; gy is zero where they reach beyond the output.
ConvShape whole_tiles(ConvShape s) {
    s.h.out = round_up(s.h.out, M);
    s.w.out = round_up(s.w.out, M);
    return s;
}

template <class T>
struct Setup {
    ConvShape tiled;
    WeightCut cut;
    Blocking blocking;
    Regrouped layout;
    int64_t c_width, k_width;           // channels rounded to whole vectors
    int64_t x_point, g_point, m_point;  // a line between points keeps them out of the same cache sets
    int64_t g_row, g_channel;
    Workspace workspace;
    Parts<T> parts;
    Part<T> planar, pixels, x, g, m, taps;

    explicit Setup(const Call<T>& call)
        : tiled(whole_tiles(call.shape)),
          cut(call.shape, BLOCK_CHANNELS, BLOCK_CHANNELS, R * R),
          blocking(block()),
          layout(tiled, blocking),
          c_width(round_up(cut.c_block, call.kernels.lanes)),
          k_width(round_up(cut.k_block, call.kernels.lanes)),
          x_point(TILES * c_width + CACHE_LINE / 4),
          g_point(TILES * k_width + CACHE_LINE / 4),
          m_point(cut.k_block * c_width + CACHE_LINE / 4),
          g_row(blocking.q),
          g_channel(blocking.p * g_row),
          workspace(call.threads),
          parts(call, cut, workspace),
          planar(workspace.own<T>(std::max(cut.c_block * layout.channel, cut.k_block * g_channel) + call.kernels.nr)),
          pixels(workspace.own<T>(std::max(c_width * layout.channel, k_width * g_channel) + call.kernels.nr)),
          x(workspace.own<T>(POINTS * x_point + call.kernels.nr)),
          g(workspace.own<T>(POINTS * g_point)),
          m(workspace.own<T>(POINTS * m_point)),
          taps(workspace.own<T>(R * R * c_width)) {}

  private:
    Blocking block() {
        const int64_t across = tiled.w.out / M, down = tiled.h.out / M;
        // Where the outputs are cut into parts, these are even only if they are made of several blocks each.
        const int64_t wanted = cut.count() < WANTED_TASKS ? 2 * WANTED_TASKS : 1;
        const int64_t most = std::clamp<int64_t>(tiled.n * tiled.d.out * down / wanted, 1, down);
        const int64_t q = std::min(across, TILES), p = std::min(TILES / q, most);
        const int64_t rows = even_part(down, p), cols = even_part(across, q);
        const Blocking b{1, rows * M, cols * M, cut.c_block, tiled.d.out, ceil_div(down, rows), ceil_div(across, cols)};
        cut.split(tiled, tiled.n * b.count(), sizeof(T));
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
          planar_(setup.workspace.at(setup.planar, thread)),
          pixels_(setup.workspace.at(setup.pixels, thread)),
          x_(setup.workspace.at(setup.x, thread)),
          g_(setup.workspace.at(setup.g, thread)),
          m_(setup.workspace.at(setup.m, thread)),
          taps_(setup.workspace.at(setup.taps, thread)) {}

    // Small maps of several images fill the depth of a product together.
    bool run(const WeightTask& task) {
        int64_t tiles = 0;
        bool first = true;
        for (int64_t step = task.from; step < task.to; ++step) {
            if (step > task.from) checkpoint();
            const int64_t n = step / setup_.blocking.count();
            const Block block = setup_.blocking.at(setup_.tiled, step % setup_.blocking.count());
            const int64_t more = block.pixels() / (M * M);
            if (tiles + more > TILES) {
                multiply(task, tiles, first);
                first = false;
                tiles = 0;
            }
            transform_input(task, n, block, tiles);
            transform_gradient(task, n, block, tiles);
            tiles += more;
        }
        multiply(task, tiles, first);
        return finish(task);
    }

  private:
    // V[point][tile][channel] of a copy [pixel][channel] with rows of `row` pixels
    WinogradInput<T> transform(const Block& block, int64_t row, int64_t width, T* v, int64_t v_point) const {
        return {pixels_,
                v,
                (block.p1 - block.p0) / M,
                block.cols() / M,
                width,
                M * row * width,
                row * width,
                width,
                M,
                width,
                v_point,
                N,
                N};
    }

    void transform_input(const WeightTask& task, int64_t n, const Block& block, int64_t tiles) {
        const Regrouped& l = setup_.layout;
        const int64_t c = task.group * s_.c_per_group(), width = setup_.c_width;
        copy_input(l, setup_.tiled, call_.x, n, c + task.c0, c + task.c1, block, k_, planar_);
        k_.transpose_rows({planar_, pixels_, task.c1 - task.c0, l.channel, l.channel, width});
        k_.winograd_input(transform(block, l.row, width, x_ + tiles * width, setup_.x_point));
    }

    void transform_gradient(const WeightTask& task, int64_t n, const Block& block, int64_t tiles) {
        const int64_t k = task.group * s_.k_per_group(), width = setup_.k_width, row = setup_.g_row;
        const Block real{
            block.d0, block.d1, block.p0, std::min(block.p1, s_.h.out), block.q0, std::min(block.q1, s_.w.out)};
        copy_gradient(call_.gy, n, k + task.k0, k + task.k1, real, row, setup_.g_channel, setup_.g_channel, k_,
                      planar_);
        k_.transpose_rows({planar_, pixels_, task.k1 - task.k0, setup_.g_channel, setup_.g_channel, width});
        k_.winograd_grad_output(transform(block, row, width, g_ + tiles * width, setup_.g_point));
    }

    // M[point][k][c] += sum over tiles
    void multiply(const WeightTask& task, int64_t tiles, bool first) {
        const EvenSplit rows(task.k1 - task.k0, k_.mr);
        GemmTile<T> t{};
        t.depth = tiles;
        t.lda = setup_.k_width;
        t.ldb = t.ldc = setup_.c_width;
        t.first = first;
        for (int64_t point = 0; point < POINTS; ++point)
            for (int64_t j = 0; j < setup_.c_width; j += k_.nr) {
                t.cols = static_cast<int32_t>(std::min<int64_t>(k_.nr, setup_.c_width - j));
                t.b = x_ + point * setup_.x_point + j;
                rows.for_each_size([&](int64_t row, int64_t count, int64_t size) {
                    t.rows = static_cast<int32_t>(size);
                    t.below = count - 1;
                    t.a_panel = size;
                    t.a = g_ + point * setup_.g_point + row;
                    t.c = m_ + point * setup_.m_point + row * setup_.c_width + j;
                    k_.gemm_tile(t);
                });
            }
    }

    bool finish(const WeightTask& task) {
        const int64_t channels = task.c1 - task.c0, width = setup_.c_width;
        T* weight = setup_.parts.weight(task, setup_.workspace);
        bool finite = true;
        for (int64_t k = 0; k < task.k1 - task.k0; ++k, weight += s_.depth()) {
            k_.winograd_grad_weight({m_ + k * width, taps_, channels, setup_.m_point, width});
            k_.transpose_pack({taps_, weight, R * R, channels, width, R * R});
            finite = finite && k_.all_finite({weight, channels * R * R});
        }
        return finite;
    }

    const Call<T>& call_;
    const ConvShape& s_;
    const Kernels<T>& k_;
    const Setup<T>& setup_;
    T *planar_, *pixels_, *x_, *g_, *m_, *taps_;
};

bool supports(const ConvSpec& spec) {
    const auto plain = [](const Window& w) { return w.kernel == R && w.stride == 1 && w.dilation == 1; };
    return spec.window[0].kernel == 1 && plain(spec.window[1]) && plain(spec.window[2]);
}

template <class T>
bool run(const Call<T>& call) {
    Setup<T> setup(call);
    setup.workspace.allocate();
    std::atomic<bool> finite{true};
    parallel_tasks(setup.cut.count(), call.threads, [&](int64_t task, int thread) {
        if (!Worker<T>(call, setup, thread).run(setup.cut.at(call.shape, task))) finite = false;
    });
    setup.parts.add_up(setup.workspace);
    return finite;
}

// Slots, as in cost.cpp.
template <class T>
double cost(const ConvShape& s, const Kernels<T>& k) {
    if (!cost::worth_winograd(s, cost::machine_of<T>(k, true))) return NOT_TAKEN;
    const auto number = [](int64_t x) { return static_cast<double>(x); };
    const int64_t rows = s.k_per_group(), cols = s.c_per_group(), panels = ceil_div(rows, k.mr);
    const double tiles = number(s.n * s.groups * s.d.out) * number(ceil_div(s.h.out, M) * ceil_div(s.w.out, M));
    const double vectors = number(ceil_div(cols, k.lanes)), height = number(rows) / number(panels);
    const double products = tiles * POINTS * number(panels) * vectors * std::max(height, 3.0);
    const double transforms = tiles * POINTS * 10 *
                              (vectors * number(ceil_div(rows, BLOCK_CHANNELS)) +
                               number(ceil_div(rows, k.lanes)) * number(ceil_div(cols, BLOCK_CHANNELS)));
    return products + transforms + number(s.k) * vectors * POINTS * 6;
}

}  // namespace

template <class T>
Algorithm<T> row() {
    Algorithm<T> a;
    a.name = "winograd";
    a.summary = "fewer multiplications for kernels of 3x3, at some cost in accuracy";
    a.supports = supports;
    a.needs = "a kernel of 3x3 with stride 1 and dilation 1";
    a.spreads_nonfinite = true;
    a.cost = cost<T>;
    a.run = run<T>;
    return a;
}

#define CONVX_INSTANTIATE(T) template Algorithm<T> row();
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::weight_gradient::winograd
