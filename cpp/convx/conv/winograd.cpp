#include "winograd.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "../data/patch.h"
#include "../runtime/cache.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/workspace.h"
#include "../shape/integer_math.h"
#include "winograd_schemes.h"

namespace convx::winograd {
namespace {

// Transformed weights beyond this come from memory at every use; a scheme with fewer points then wins on few tiles.
constexpr int64_t CACHED_WEIGHTS = 24 << 20;
constexpr int64_t PATCH_BYTES = 64 << 10;  // input of some channels, used up at once
constexpr int64_t LEAST_TILES = 16;        // per pass over the weights, also where V then leaves L2
constexpr int64_t LONG_DEPTH = 1 << 14;    // input channels that make the products of one point last
constexpr int64_t SLABS_AT_ONCE = 2;       // output channels, in vectors pairs, per pass over V

// The convolution seen by the patch: outputs are tiles, each reads n x n inputs, m apart.
ConvShape tiles_of(const ConvShape& s, const Scheme& scheme) {
    const auto axis = [&](const Axis& a) {
        return Axis{a.in, ceil_div(a.out, scheme.m), scheme.n(), scheme.m * scheme.stride, 1, a.lo, a.hi};
    };
    ConvShape t = s;
    t.h = axis(s.h);
    t.w = axis(s.w);
    return t;
}

std::atomic<bool> permission{[] {
    const char* value = std::getenv("CONVX_WINOGRAD");
    return !value || std::strcmp(value, "0") != 0;
}()};

// How a call is cut and what it needs beside its arrays.
template <class T>
struct Setup {
    const Scheme& scheme;
    ConvShape tiles;
    Blocking blocking;
    BlockTasks tasks;
    int64_t slabs, slabs_at_once;
    int64_t v_point, m_point, m_tile;  // strides; a line between the points keeps them out of the same cache sets
    PatchMaker<T> maker;
    Workspace workspace;
    Part<int64_t> w_columns, tap, block_id;
    Part<T> v, m, patch;

    Setup(const ConvShape& s, const View<const T>& x, const Kernels<T>& k, int threads, int variant)
        : scheme(scheme_of(variant)),
          tiles(tiles_of(s, scheme)),
          blocking(block(k, threads)),
          tasks(partition_tasks(tiles, blocking, ceil_div(s.k_per_group(), k.nr), ceil_div(s.k_per_group(), k.nr),
                                threads)),
          slabs(tasks.panels),
          slabs_at_once(std::min(SLABS_AT_ONCE, slabs)),
          v_point(round_up(s.c_per_group() * blocking.pixels(), CACHE_LINE) + k.nr),
          m_point(blocking.pixels() * slabs_at_once * k.nr + CACHE_LINE / 4),
          m_tile(slabs_at_once * k.nr),
          maker(tiles, x, blocking, k),
          workspace(threads),
          w_columns(workspace.shared<int64_t>(maker.table_elements())),
          tap(workspace.own<int64_t>(scheme.points())),
          block_id(workspace.own<int64_t>(1)),
          v(workspace.own<T>(scheme.points() * v_point + k.nr)),
          m(workspace.own<T>(scheme.points() * m_point)),
          patch(workspace.own<T>(maker.scratch_elements() + k.lanes)) {}

  private:
    // V should stay in L2 while the weights stream past it; more tiles share one pass over the weights.
    Blocking block(const Kernels<T>& k, int threads) const {
        const int64_t tile_bytes = scheme.points() * tiles.c_per_group() * static_cast<int64_t>(sizeof(T));
        const int64_t most_tiles = std::clamp<int64_t>(caches().l2 / 2 / tile_bytes, LEAST_TILES, 4 * k.mr);
        Blocking b = choose_blocking(
            tiles, {1, PATCH_BYTES, most_tiles, sizeof(T), least_blocks(tiles, threads, 4), k.mr / 4 + 1});
        const double channel = patch_elements(tiles, 1, b.p, b.q) * sizeof(T);
        b.channels = std::clamp<int64_t>(static_cast<int64_t>(PATCH_BYTES / channel), 1, tiles.c_per_group());
        if (b.d > 1) {  // the transforms walk rows of one plane
            b.d = 1;
            b.count_d = tiles.d.out;
        }
        return b;
    }
};

template <class T>
class Worker {
  public:
    Worker(const ConvCall<T>& call, const Setup<T>& setup, int thread)
        : call_(call),
          s_(call.shape),
          k_(call.kernels),
          layout_(setup),
          scheme_(setup.scheme),
          maker_(setup.maker),
          chunk_(setup.blocking.channels),
          tap_(setup.workspace.at(setup.tap, thread)),
          block_id_(setup.workspace.at(setup.block_id, thread)),
          v_(setup.workspace.at(setup.v, thread)),
          m_(setup.workspace.at(setup.m, thread)),
          scratch_(setup.workspace.at(setup.patch, thread)) {}

    void run(const BlockTask& task) {
        if (*block_id_ != task.block_id) transform_input(task);
        *block_id_ = task.block_id;
        for (int64_t s0 = task.k0; s0 < task.k1; s0 += layout_.slabs_at_once) {
            const int64_t s1 = std::min(s0 + layout_.slabs_at_once, task.k1);
            if (s0 > task.k0) checkpoint();
            multiply(task, s0, s1);
            for (int64_t slab = s0; slab < s1; ++slab) transform_output(task, slab, (slab - s0) * k_.nr);
        }
    }

  private:
    // V[point][channel][tile] of the block, some channels at a time: the patch is needed only here.
    void transform_input(const BlockTask& task) {
        const Block& b = task.block;
        for (int64_t c0 = 0; c0 < s_.c_per_group(); c0 += chunk_) {
            const int64_t c1 = std::min(c0 + chunk_, s_.c_per_group());
            if (c0) checkpoint();
            const Patch<T> patch = maker_.make(task.image, task.group * s_.c_per_group(), c0, c1, b, scratch_);
            patch.list_taps(layout_.tiles, tap_);
            k_.winograd_input({patch.x, v_ + c0 * b.pixels(), tap_, c1 - c0, b.rows(), b.cols(), patch.channel,
                               patch.out_p, b.pixels(), layout_.v_point, scheme_.n()});
        }
    }

    // M[point][tile][channel] = sum over input channels of V * U, for the output channels of some slabs.
    void multiply(const BlockTask& task, int64_t s0, int64_t s1) {
        const int64_t tiles = task.block.pixels(), depth = s_.c_per_group(), slab_points = depth * k_.nr;
        const EvenSplit panels(tiles, k_.mr);
        GemmTile<T> t{};
        t.depth = depth;
        t.lda = tiles;
        t.ldb = k_.nr;
        t.ldc = layout_.m_tile;
        t.first = true;
        for (int point = 0; point < scheme_.points(); ++point) {
            if (depth > LONG_DEPTH) checkpoint();
            for (int64_t slab = s0; slab < s1; ++slab) {
                const int64_t channels = std::min<int64_t>(k_.nr, s_.k_per_group() - slab * k_.nr);
                t.cols = static_cast<int32_t>(round_up(channels, k_.lanes));
                t.b =
                    call_.weight.data.data() +
                    ((task.group * layout_.slabs + slab) * scheme_.weights() + scheme_.weight_of(point)) * slab_points;
                for (int64_t i = 0; i < panels.count; ++i) {
                    const int64_t tile = panels.start(i);
                    t.rows = static_cast<int32_t>(panels.size(i));
                    t.a = v_ + point * layout_.v_point + tile;
                    t.c = m_ + point * layout_.m_point + tile * layout_.m_tile + (slab - s0) * k_.nr;
                    k_.gemm_tile(t);
                }
            }
        }
    }

    void transform_output(const BlockTask& task, int64_t slab, int64_t m_channel) {
        const Block& b = task.block;
        const int64_t channel = task.group * s_.k_per_group() + slab * k_.nr, rows = b.p1 - b.p0;
        WinogradOutput<T> w{};
        w.tiles = b.cols();
        w.width = std::min(b.q1 * scheme_.m, s_.w.out) - b.q0 * scheme_.m;
        w.m_point = layout_.m_point;
        w.m_tile = layout_.m_tile;
        w.out_channel = call_.out_channel();
        w.out_pixel = call_.out_pixel();
        w.out_row = s_.w.out * w.out_pixel;
        w.channels = static_cast<int32_t>(std::min<int64_t>(k_.nr, s_.k_per_group() - slab * k_.nr));
        w.points = scheme_.n();
        w.outputs = scheme_.m;
        w.epilogue = call_.epilogue;
        if (w.epilogue.bias) w.epilogue.bias += channel;
        T* image = call_.out_at(task.image, channel, b.q0 * scheme_.m);
        for (int64_t y = 0; y < rows; ++y) {
            const int64_t p = (b.p0 + y) * scheme_.m;
            w.m = m_ + y * w.tiles * layout_.m_tile + m_channel;
            w.height = std::min<int64_t>(scheme_.m, s_.h.out - p);
            w.out = image + (b.d0 * s_.h.out + p) * w.out_row;
            k_.winograd_output(w);
        }
    }

    const ConvCall<T>& call_;
    const ConvShape& s_;
    const Kernels<T>& k_;
    const Setup<T>& layout_;
    const Scheme& scheme_;
    const PatchMaker<T>& maker_;
    const int64_t chunk_;
    int64_t* tap_;
    int64_t* const block_id_;  // whose input V holds
    T *v_, *m_, *scratch_;
};

}  // namespace

bool allowed() { return permission.load(std::memory_order_relaxed); }
void allow(bool yes) { permission = yes; }

namespace {

bool supports(const ConvSpec& spec) {
    const Window &h = spec.window[1], &w = spec.window[2];
    return spec.window[0].kernel == 1 && h.kernel == w.kernel && h.stride == w.stride && h.dilation == 1 &&
           w.dilation == 1 && (h.stride == 1 ? h.kernel == 3 || h.kernel == 5 : h.stride == 2 && h.kernel == 3);
}

int best_variant(const ConvShape& s, int64_t element, int64_t mr) {
    if (s.h.kernel == 5) return F2X5;
    if (s.h.stride == 2) return F4X3S2;
    const Scheme& scheme = scheme_of(F4X3);
    const int64_t tiles = s.d.out * ceil_div(s.h.out, scheme.m) * ceil_div(s.w.out, scheme.m);
    const int64_t weight_bytes = scheme.points() * s.k * s.c_per_group() * element;
    return weight_bytes > CACHED_WEIGHTS && tiles < 2 * mr ? F2X3 : F4X3;
}

// F(4x4,3x3), for stride 2 too, or F(2x2,5x5); F(2x2,3x3) where it pays to transform fewer weights.
template <class T>
int variant(const ConvShape& s, const Kernels<T>& k) {
    return best_variant(s, sizeof(T), k.mr);
}

// Small calls gain little in time and would lose the exactness that integers have with the other algorithms.
constexpr double LEAST_FLOPS = 4e6;

// Only float32 is worth the lost accuracy.
double cost(const ConvShape& s, const cost::Machine& m) {
    if (m.element > sizeof(float) || s.flops() < LEAST_FLOPS) return std::numeric_limits<double>::infinity();
    const Scheme& scheme = scheme_of(best_variant(s, static_cast<int64_t>(m.element), static_cast<int64_t>(m.mr)));
    return cost::winograd(s, m, scheme.m, scheme.points(), scheme.weights());
}

template <class T>
PackedWeight<T> pack(const ConvSpec& spec, const T* weight, const Kernels<T>& k, int variant) {
    const Scheme& scheme = scheme_of(variant);
    const int64_t rows = spec.k_per_group(), slabs = ceil_div(rows, k.nr), depth = spec.depth();
    const int64_t u_point = spec.c_per_group * k.nr, u_slab = scheme.weights() * u_point;
    PackedWeight<T> packed{Buffer<T>(spec.groups * slabs * u_slab)};
    const Buffer<T> slab(depth * k.nr);
    T* u = packed.data.data();
    for (int64_t g = 0; g < spec.groups; ++g)
        for (int64_t r = 0; r < rows; r += k.nr, u += u_slab) {
            pack_rows(k, {weight + (g * rows + r) * depth, slab.data(), std::min<int64_t>(k.nr, rows - r), depth, depth,
                          k.nr});
            in_pieces(spec.c_per_group, CHECKED_STEPS / (scheme.points() * k.nr), [&](int64_t c, int64_t count) {
                const T* const w = slab.data() + c * spec.taps() * k.nr;
                k.winograd_weight({w, u + c * k.nr, scheme.g, count, u_point, scheme.u, scheme.r});
            });
        }
    return packed;
}

template <class T>
int64_t workspace(const ConvShape& s, const Kernels<T>& k, int threads, int variant) {
    return Setup<T>(s, {}, k, threads, variant).workspace.bytes();
}

template <class T>
void run(const ConvCall<T>& call) {
    Setup<T> setup(call.shape, call.x, call.kernels, call.threads, call.variant);
    setup.workspace.allocate();
    for (int i = 0; i < call.threads; ++i) *setup.workspace.at(setup.block_id, i) = -1;
    setup.maker.fill_table(setup.workspace.at(setup.w_columns));
    parallel_tasks(setup.tasks.count(), call.threads,
                   [&](int64_t task, int thread) { Worker<T>(call, setup, thread).run(setup.tasks.at(task)); });
}

}  // namespace

template <class T>
Algorithm<T> row() {
    Algorithm<T> a;
    a.name = "winograd";
    a.summary = "fewer multiplications for small kernels, at some cost in accuracy";
    a.supports = supports;
    a.needs = "a kernel of 3x3 or 5x5 with stride 1, or of 3x3 with stride 2, and dilation 1";
    a.spreads_nonfinite = true;
    a.cost = cost;
    a.variant = variant<T>;
    a.pack = pack<T>;
    a.workspace = workspace<T>;
    a.run = run<T>;
    a.writes_last = any_format<T>;
    return a;
}

#define CONVX_INSTANTIATE(T) template Algorithm<T> row();
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::winograd
