// One call: blocks of tiles are transformed, multiplied by the weights of all points, and transformed back.
#include <algorithm>

#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../shape/taps.h"
#include "winograd.h"
#include "winograd_regions.h"
#include "winograd_setup.h"

namespace convx::winograd {
namespace {

constexpr int64_t LONG_SUM = 1 << 14;  // terms that make the products of one point last

template <class T>
class Worker {
  public:
    Worker(const ConvCall<T>& call, const Setup<T>& setup, int thread)
        : call_(call),
          s_(setup.shape),
          k_(call.kernels),
          setup_(setup),
          scheme_(setup.scheme),
          block_id_(setup.workspace.at(setup.block_id, thread)),
          v_(setup.workspace.at(setup.v, thread)),
          m_(setup.workspace.at(setup.m, thread)),
          patch_(setup.workspace.at(setup.patch, thread)),
          pixels_(setup.workspace.at(setup.pixels, thread)) {}

    // A part of V that all threads share: one block's, some of its channels.
    void transform_shared(int64_t index) {
        const int64_t chunks = setup_.chunks();
        const BlockTask task = setup_.tasks.at(index / chunks * setup_.tasks.parts());
        const int64_t c0 = index % chunks * setup_.chunk;
        transform_input(task, {c0, std::min(c0 + setup_.chunk, s_.c_per_group())}, shared_v(task));
    }

    void run(const BlockTask& task) {
        if (setup_.shares_v) {
            v_ = shared_v(task);
        } else if (*block_id_ != task.block_id) {
            transform_input(task, {0, s_.c_per_group()}, v_);
            *block_id_ = task.block_id;
        }
        for (int64_t s0 = task.k0; s0 < task.k1; s0 += setup_.slabs_at_once) {
            const int64_t s1 = std::min(s0 + setup_.slabs_at_once, task.k1);
            if (s0 > task.k0) checkpoint();
            multiply(task, s0, s1);
            for (int64_t slab = s0; slab < s1; ++slab) transform_output(task, slab, (slab - s0) * k_.nr);
        }
    }

  private:
    bool skips_zeros() const { return s_.border == Border::zeros && call_.weight.finite; }  // 0 * inf is NaN

    // Taps along D that a plane of outputs has to do with.
    Range taps_of(int64_t d) const { return skips_zeros() ? live_taps(s_.d, d, d + 1) : Range{0, s_.d.kernel}; }

    int64_t slot(const Block& b, int64_t d, int64_t tap) const {
        return ((d - b.d0) * s_.d.stride + tap * s_.d.dilation) / setup_.planes.step;
    }

    T* shared_v(const BlockTask& task) const {
        return setup_.workspace.at(setup_.v) + task.block_id * setup_.v_block();
    }

    // V[point][plane][tile][channel] of the block.
    void transform_input(const BlockTask& task, Range channels, T* v) {
        const Block& b = task.block;
        for (int64_t i = 0; i < setup_.planes.slots(s_.d, b.d1 - b.d0); ++i) {
            const int64_t z = b.d0 * s_.d.stride + i * setup_.planes.step;
            if (skips_zeros() && (z < s_.d.lo || z >= s_.d.lo + s_.d.in)) continue;
            for (int64_t c0 = channels.begin; c0 < channels.end; c0 += setup_.chunk) {
                checkpoint();
                transform_plane(task, z, c0, std::min(c0 + setup_.chunk, channels.end), v + i * setup_.v_plane);
            }
        }
    }

    void transform_plane(const BlockTask& task, int64_t z, int64_t c0, int64_t c1, T* v) {
        const Block& b = task.block;
        const AxisTiles &h = setup_.tiles_h, &w = setup_.tiles_w;
        const int64_t y = h.start(b.p0) * scheme_.h.stride, x = w.start(b.q0) * scheme_.w.stride;
        const int64_t rows = h.inputs(b.p0, b.p1), cols = w.inputs(b.q0, b.q1);
        const int64_t width = round_up(c1 - c0, k_.lanes);
        const int64_t first = task.group * s_.c_per_group();
        setup_.maker.make(task.image, first + c0, first + c1, {z, z + 1, y, y + rows, x, x + cols}, patch_, pixels_);
        for (const Region& r : Regions(b, h, w)) {
            if (r.tiles() == 0) continue;
            const int64_t down = h.start(r.p0) * scheme_.h.stride - y, along = w.start(r.q0) * scheme_.w.stride - x;
            const int64_t step_h = h.outputs(r.narrow_h) * scheme_.h.stride;
            k_.winograd_input({pixels_ + (down * cols + along) * width, v + r.first * setup_.v_tile + c0, r.rows(),
                               r.cols(), c1 - c0, step_h * cols * width, cols * width, width,
                               w.outputs(r.narrow_w) * scheme_.w.stride, setup_.v_tile, setup_.v_point,
                               h.points(r.narrow_h), w.points(r.narrow_w), gap(r.narrow_h), gap(r.narrow_w)});
        }
    }

    static int32_t gap(bool narrow) { return narrow ? AxisTiles::LEFT_OUT : 0; }

    const T* weights(const BlockTask& task, int64_t slab, int point) const {
        return call_.weight.data.data() + (task.group * setup_.slabs + slab) * setup_.u_slab +
               scheme_.weight_of(point) * setup_.u_point;
    }

    // M[point][tile][channel] = sum over taps along D and input channels of V * U, for the output channels of some
    // slabs. Each call of the kernel fetches the weights of the next one.
    void multiply(const BlockTask& task, int64_t s0, int64_t s1) {
        WinogradProducts<T> p = products();
        const Regions regions(task.block, setup_.tiles_h, setup_.tiles_w);
        const T* u = weights(task, s0, 0);
        for (int point = 0; point < scheme_.points(); ++point) {
            if ((s1 - s0) * s_.c_per_group() * s_.d.kernel > LONG_SUM) checkpoint();
            const T* const next = point + 1 < scheme_.points() ? weights(task, s0, point + 1)
                                                               : weights(task, s1 < task.k1 ? s1 : task.k0, 0);
            const Range tiles = regions.tiles(AxisTiles::leaves_out(point / scheme_.w.points),
                                              AxisTiles::leaves_out(point % scheme_.w.points));
            p.tiles = tiles.size();
            p.v = v_ + point * setup_.v_point + tiles.begin * setup_.v_tile;
            p.m = m_ + point * setup_.m_point + tiles.begin * setup_.m_tile;
            for (int64_t slab = s0; slab < s1; ++slab, u += setup_.u_slab) {
                p.cols = static_cast<int32_t>(slab < setup_.slabs - 1 ? k_.nr : setup_.last_cols);
                p.next = slab + 1 < s1 ? u + setup_.u_slab : next;
                if (p.tiles > 0) multiply(task.block, p, u);
                p.m += k_.nr;
            }
            u = next;
        }
    }

    bool planes_apart() const { return s_.d.kernel == 1 && s_.d.lo + s_.d.hi == 0; }  // sharing no input

    WinogradProducts<T> products() const {
        WinogradProducts<T> p{};
        p.v_tap = s_.d.dilation / setup_.planes.step * setup_.v_plane;
        p.v_tile = setup_.v_tile;
        p.u_tap = s_.c_per_group() * k_.nr;
        p.m_tile = setup_.m_tile;
        return p;
    }

    static int64_t tiles_of_plane(const Block& b) { return (b.p1 - b.p0) * b.cols(); }

    // Of one point and slab, some tiles of each plane: some input channels after the other.
    void multiply(const Block& b, WinogradProducts<T> p, const T* u) {
        const T* const next = p.next;
        const bool apart = planes_apart() && (b.d1 - b.d0 == 1 || p.tiles == tiles_of_plane(b));
        if (apart) p.tiles *= b.d1 - b.d0;
        p.taps = 1;
        for (int64_t c0 = 0; c0 < s_.c_per_group(); c0 += setup_.channels_at_once, p.v += setup_.channels_at_once) {
            const int64_t c1 = std::min(c0 + setup_.channels_at_once, s_.c_per_group());
            p.channels = c1 - c0;
            p.first = c0 == 0;
            p.next = c1 < s_.c_per_group() ? u + c1 * k_.nr : next;
            p.u = u + c0 * k_.nr;
            apart ? k_.winograd_products(p) : multiply_planes(b, p);
        }
    }

    // Planes of outputs that meet the same taps are multiplied together.
    void multiply_planes(const Block& b, const WinogradProducts<T>& first) {
        const bool all = first.tiles == tiles_of_plane(b);
        WinogradProducts<T> p = first;
        for (int64_t d = b.d0, planes; d < b.d1; d += planes) {
            const Range taps = taps_of(d);
            planes = all ? planes_alike(b, d, taps) : 1;
            p.taps = taps.size();
            p.tiles = planes * first.tiles;
            p.v = first.v + slot(b, d, taps.begin) * setup_.v_plane;
            p.u = first.u + taps.begin * p.u_tap;
            p.next = first.next ? first.next + taps.begin * p.u_tap : nullptr;
            p.m = first.m + (d - b.d0) * tiles_of_plane(b) * p.m_tile;
            k_.winograd_products(p);
        }
    }

    // From plane d on, if they lie side by side in V.
    int64_t planes_alike(const Block& b, int64_t d, const Range& taps) const {
        const bool whole = tiles_of_plane(b) * setup_.v_tile == setup_.v_plane;
        if (!whole || s_.d.stride != setup_.planes.step) return 1;
        int64_t end = d + 1;
        while (end < b.d1 && taps_of(end).begin == taps.begin && taps_of(end).end == taps.end) ++end;
        return end - d;
    }

    void transform_output(const BlockTask& task, int64_t slab, int64_t m_channel) {
        const Block& b = task.block;
        for (int64_t d = b.d0; d < b.d1; ++d)
            for (const Region& r : Regions(b, setup_.tiles_h, setup_.tiles_w))
                if (r.tiles() > 0)
                    transform_region(task, slab, d, r,
                                     m_ + ((d - b.d0) * tiles_of_plane(b) + r.first) * setup_.m_tile + m_channel);
    }

    void transform_region(const BlockTask& task, int64_t slab, int64_t d, const Region& r, const T* m) {
        const int64_t plane = call_.shape.h.out * call_.shape.w.out,
                      channel = task.group * s_.k_per_group() + slab * k_.nr;
        const int64_t q = setup_.tiles_w.start(r.q0), q_end = q + r.cols() * setup_.tiles_w.outputs(r.narrow_w);
        const bool stack = stacks(call_.shape), below = scheme_.w.points == 1;
        const bool runs = below && r.cols() == s_.w.out && r.cols() <= 2 * k_.lanes;
        WinogradOutput<T> w = output_of(channel, r);
        w.channels = static_cast<int32_t>(std::min<int64_t>(k_.nr, s_.k_per_group() - slab * k_.nr));
        for (int64_t y = 0; y < r.rows(); y += runs ? r.rows() : 1) {
            const int64_t p = setup_.tiles_h.start(r.p0 + y), pixel = p * s_.w.out + q;
            w.m = m + y * r.cols() * setup_.m_tile;
            w.out = call_.out_at(stack ? d : task.image, channel, (stack ? 0 : d) * plane + pixel);
            if (runs)
                store_run(w, r.tiles(), std::min(r.tiles() * w.mh, plane - pixel));
            else if (below)
                store_below(w, r.cols(), plane - pixel);
            else
                store_row(w, r.cols(), std::min(q_end, s_.w.out) - q, s_.h.out - p);
        }
    }

    WinogradOutput<T> output_of(int64_t channel, const Region& r) const {
        const AxisTiles &tiles_h = setup_.tiles_h, &tiles_w = setup_.tiles_w;
        WinogradOutput<T> w{};
        w.m_point = setup_.m_point;
        w.m_tile = setup_.m_tile;
        w.out_channel = call_.out_channel();
        w.out_pixel = call_.out_pixel();
        w.out_row = s_.w.out * w.out_pixel;
        w.period = 1;
        w.nh = tiles_h.points(r.narrow_h);
        w.nw = tiles_w.points(r.narrow_w);
        w.mh = tiles_h.outputs(r.narrow_h);
        w.mw = tiles_w.outputs(r.narrow_w);
        w.gap_h = gap(r.narrow_h);
        w.gap_w = gap(r.narrow_w);
        w.far_out = call_.shape.n * call_.shape.k * call_.shape.pixels() * int64_t{sizeof(T)} > caches().l2;
        w.epilogue = call_.epilogue;
        if (w.epilogue.bias) w.epilogue.bias += channel;
        return w;
    }

    void store_row(WinogradOutput<T>& w, int64_t tiles, int64_t width, int64_t height) const {
        w.tiles = tiles;
        w.width = width;
        w.height = std::min<int64_t>(w.mh, height);
        k_.winograd_output(w);
    }

    // A row of tiles along H, whose last row of outputs may end among them. left: pixels from the first on.
    void store_below(WinogradOutput<T> w, int64_t tiles, int64_t left) const {
        const int64_t full = left / s_.w.out, longer = std::min(left % s_.w.out, tiles);
        const int64_t cut = full < w.mh ? longer : tiles;  // tiles of one output more
        if (cut > 0) store_row(w, cut, cut, full + 1);
        w.m += cut * w.m_tile;
        w.out += cut * w.out_pixel;
        if (cut < tiles && full > 0) store_row(w, tiles - cut, tiles - cut, full);
    }

    // Whole rows of tiles along H, whose outputs are one run of pixels.
    void store_run(WinogradOutput<T> w, int64_t tiles, int64_t width) const {
        std::swap(w.nh, w.nw);
        std::swap(w.mh, w.mw);
        w.period = s_.w.out;
        store_row(w, tiles, width, 1);
    }

    const ConvCall<T>& call_;
    const ConvShape& s_;
    const Kernels<T>& k_;
    const Setup<T>& setup_;
    const Scheme& scheme_;
    int64_t* const block_id_;  // whose input V holds
    T *v_, *const m_, *const patch_, *const pixels_;
};

}  // namespace

template <class T>
int64_t workspace(const ConvShape& s, const Kernels<T>& k, int threads, int variant) {
    return Setup<T>(s, {nullptr, 0, 0, 0, 0, 1}, k, threads, variant).workspace.bytes();
}

template <class T>
void run(const ConvCall<T>& call) {
    Setup<T> setup(call);
    setup.workspace.allocate();
    for (int i = 0; i < call.threads; ++i) *setup.workspace.at(setup.block_id, i) = -1;
    setup.maker.fill_table(setup.workspace.at(setup.columns));
    if (setup.shares_v)
        parallel_tasks(setup.blocks() * setup.chunks(), call.threads,
                       [&](int64_t index, int thread) { Worker<T>(call, setup, thread).transform_shared(index); });
    parallel_tasks(setup.tasks.count(), call.threads,
                   [&](int64_t task, int thread) { Worker<T>(call, setup, thread).run(setup.tasks.at(task)); });
}

#define CONVX_INSTANTIATE(T)                                                   \
    template int64_t workspace(const ConvShape&, const Kernels<T>&, int, int); \
    template void run(const ConvCall<T>&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::winograd
