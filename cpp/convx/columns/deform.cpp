#include "deform.h"

#include <algorithm>
#include <limits>

#include "../conv/im2col.h"
#include "../runtime/cache.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/trace.h"
#include "../runtime/workspace.h"
#include "../shape/integer_math.h"
#include "../shape/message.h"
#include "../shape/window.h"
#include "deform_places.h"

namespace convx {
namespace {

constexpr int64_t POINT_BYTES = 1 << 20;  // of a thread's table of places
constexpr int64_t MOST_PANELS = 8;        // of pixels that share one pass over the weights

template <class T>
struct DeformCall : Deformation<T> {
    const PackedWeight<T>& packed;  // of im2col
    Epilogue<T> epilogue;
    const Kernels<T>& kernels;
};

// How a call is cut: tasks of `pixels` output pixels of one image and group, sums in pieces of kc terms.
template <class T>
struct Setup {
    int64_t kc, pixels, taps;  // taps: in the table at a time
    Workspace workspace;
    Part<T> panels, weights;
    Part<int64_t> offsets;

    Setup(const DeformShape& s, const Kernels<T>& k, int threads) : workspace(threads) {
        const int64_t point = s.corners() * static_cast<int64_t>(sizeof(int64_t) + sizeof(T));
        const int64_t panel = point * k.nr, all = s.conv.taps();
        kc = im2col::block_depth<T>(s.conv.depth(), k);
        const int64_t cached = caches().l2 / 4 / (kc * k.nr * static_cast<int64_t>(sizeof(T)));
        const int64_t count =
            std::clamp<int64_t>(std::min(POINT_BYTES / panel / std::min(all, POINT_BYTES), cached), 1, MOST_PANELS);
        pixels = std::min(count, ceil_div(s.conv.pixels(), k.nr)) * k.nr;
        taps = std::clamp<int64_t>(POINT_BYTES / (point * pixels), 1, all);
        panels = workspace.own<T>(kc * pixels + k.nr);
        weights = workspace.own<T>(taps * s.corners() * pixels);
        offsets = workspace.own<int64_t>(taps * s.corners() * pixels);
    }
};

template <class T>
class PixelBlock {
  public:
    PixelBlock(const DeformCall<T>& call, const Setup<T>& setup, int64_t index, int thread)
        : call_(call),
          s_(call.shape.conv),
          k_(call.kernels),
          setup_(setup),
          panel_(setup.workspace.at(setup.panels, thread)),
          weights_(setup.workspace.at(setup.weights, thread)),
          offsets_(setup.workspace.at(setup.offsets, thread)) {
        const int64_t blocks = ceil_div(s_.pixels(), setup.pixels);
        first_ = index % blocks * setup.pixels;
        count_ = std::min(setup.pixels, s_.pixels() - first_);
        group_ = index / blocks % s_.groups;
        image_ = index / blocks / s_.groups;
    }

    void run() {
        for (int64_t k0 = 0; k0 < s_.depth(); k0 += setup_.kc) {
            const int64_t k1 = std::min(k0 + setup_.kc, s_.depth());
            if (k0) checkpoint();
            sample(k0, k1);
            multiply(k0, k1);
        }
    }

  private:
    // Rows [k0, k1) of the matrix of samples; row k is tap k % taps of channel k / taps.
    void sample(int64_t k0, int64_t k1) {
        const int64_t taps = s_.taps(), first = group_ * s_.c_per_group(), share = call_.shape.channels_per_offset();
        const int64_t c0 = first + k0 / taps, c1 = first + ceil_div(k1, taps);
        for (int64_t g = c0 / share; g * share < c1; ++g) {
            const int64_t from = std::max(c0, g * share) - first, to = std::min(c1, (g + 1) * share) - first;
            for (int64_t t0 = 0; t0 < taps; t0 += setup_.taps) {
                const int64_t t1 = std::min(t0 + setup_.taps, taps);
                if (t0) checkpoint();
                locate(g, t0, t1);
                for (int64_t t = t0; t < t1; ++t) {
                    const int64_t low = from * taps + t < k0 ? from + 1 : from;
                    const int64_t high = (to - 1) * taps + t >= k1 ? to - 1 : to;
                    if (low < high) sample_tap(first + low, high - low, t - t0, low * taps + t - k0, k1 - k0);
                }
            }
        }
    }

    // One tap of some channels into every panel of `depth` rows, from row `row` on.
    void sample_tap(int64_t channel, int64_t channels, int64_t tap, int64_t row, int64_t depth) const {
        const int64_t nr = k_.nr, at = tap * call_.shape.corners() * setup_.pixels;
        for (int64_t j = 0; j < count_; j += nr)
            k_.sample_rows({call_.x.data + image_ * call_.x.n + channel * call_.x.c, panel_ + j * depth + row * nr,
                            offsets_ + at + j, weights_ + at + j, channels, call_.x.c, s_.taps() * nr, nr,
                            setup_.pixels, static_cast<int32_t>(call_.shape.corners())});
    }

    // The places that taps [t0, t1) of offset group g read for the pixels of this task; those behind are neutral.
    void locate(int64_t g, int64_t t0, int64_t t1) {
        if (g == located_group_ && t0 == located_tap_) return;
        located_group_ = g, located_tap_ = t0;
        const int64_t table = (t1 - t0) * call_.shape.corners() * setup_.pixels;
        if (count_ < setup_.pixels) {
            std::fill(weights_, weights_ + table, T(0));
            std::fill(offsets_, offsets_ + table, int64_t{0});
        }
        for (int64_t t = t0; t < t1; ++t) {
            const int64_t at = (t - t0) * call_.shape.corners() * setup_.pixels;
            convx::locate(call_, {image_, g, t, first_, count_}, setup_.pixels, weights_ + at, offsets_ + at);
        }
    }

    void multiply(int64_t k0, int64_t k1) const {
        const int64_t rows = s_.k_per_group(), pixels = s_.pixels(), channel = group_ * rows;
        GemmTile<T> t{};
        t.depth = k1 - k0;
        t.ldb = k_.nr;
        t.ldc = pixels;
        t.first = k0 == 0;
        t.last = k1 == s_.depth();
        t.more = (count_ - 1) / k_.nr;
        t.cols = static_cast<int32_t>(count_ - t.more * k_.nr);
        t.b = panel_;
        t.b_panel = t.depth * k_.nr;
        EvenSplit(rows, k_.mr).for_each_size([&](int64_t row, int64_t count, int64_t size) {
            t.rows = static_cast<int32_t>(size);
            t.below = count - 1;
            t.lda = size;
            t.a_panel = size * t.depth;
            t.a = call_.packed.data.data() + channel * s_.depth() + k0 * rows + row * t.depth;
            t.c = call_.out + (image_ * s_.k + channel + row) * pixels + first_;
            t.epilogue = call_.epilogue;
            if (t.epilogue.bias) t.epilogue.bias += channel + row;
            k_.gemm_tile(t);
        });
    }

    const DeformCall<T>& call_;
    const ConvShape& s_;
    const Kernels<T>& k_;
    const Setup<T>& setup_;
    T* const panel_;
    T* const weights_;
    int64_t* const offsets_;
    int64_t first_, count_, group_, image_;
    int64_t located_group_ = -1, located_tap_ = -1;
};

void check(const ConvSpec& spec, const char* argument, const Shape& got, const Shape& expected) {
    const auto shown = [&](const Shape& s) { return show(in_format(s, spec.rank, spec.format)); };
    if (got != expected)
        fail(spec.function, std::string(argument) + " must have shape " + shown(expected), "shape " + shown(got));
}

}  // namespace

int64_t deform_groups(const std::string& function, const Shape& input, int rank, const Shape& weight) {
    const auto axes = static_cast<int>(input.size());
    if ((axes != rank + 1 && axes != rank + 2) || static_cast<int>(weight.size()) != rank + 2 || weight[1] == 0)
        return 1;  // refused by conv_spec or conv_shape
    const int64_t channels = input[static_cast<size_t>(axes - rank - 1)];
    if (channels == 0) return 1;
    if (channels % weight[1])
        fail(function, "input must have a multiple of weight.shape[1] = " + std::to_string(weight[1]) + " channels",
             std::to_string(channels) + " channels in shape " + show(input));
    return channels / weight[1];
}

DeformShape deform_shape(const ConvSpec& spec, const ConvShape& conv, const Shape& offset, const Shape* mask) {
    const int64_t places = conv.taps() * spec.rank;  // below 2**63: the weight holds taps elements
    const size_t at = conv.batched;
    const int64_t channels = offset.size() > at ? offset[at] : 0;
    if (channels < 1 || channels % places || conv.c % (channels / places))
        fail(spec.function,
             "offset must have offset groups * kernel elements * axes = groups * " + std::to_string(conv.taps()) +
                 " * " + std::to_string(spec.rank) + " channels, the groups dividing the " + std::to_string(conv.c) +
                 " channels of the input",
             "shape " + show(in_format(offset, spec.rank, spec.format)));
    const int64_t groups = channels / places;
    check(spec, "offset", offset, spatial_shape(spec.rank, conv.batched, conv.n, channels, conv.d, conv.h, conv.w));
    if (mask)
        check(spec, "mask", *mask,
              spatial_shape(spec.rank, conv.batched, conv.n, groups * conv.taps(), conv.d, conv.h, conv.w));
    return {conv, spec.rank, groups};
}

template <class T>
void deform(const Deformation<T>& deformation, const Context& context) {
    trace::ran("im2col");
    constexpr T INF = std::numeric_limits<T>::infinity();
    const Kernels<T>& kernels = context.kernels<T>();
    const PackedWeight<T> packed = im2col::pack<T>(deformation.spec, deformation.weight, kernels, 0, 1);
    const DeformCall<T> call{deformation, packed, {deformation.bias, Activation::clamp, -INF, INF}, kernels};
    const ConvShape& s = call.shape.conv;
    Setup<T> setup(call.shape, kernels, context.threads);
    setup.workspace.allocate();
    parallel_tasks(s.n * s.groups * ceil_div(s.pixels(), setup.pixels), context.threads,
                   [&](int64_t task, int thread) { PixelBlock<T>(call, setup, task, thread).run(); });
}

template <class T>
void deform(const Deformation<T>& deformation) {
    constexpr double SAMPLE = 50;  // in operations of a convolution
    const ConvShape& s = deformation.shape.conv;
    const double samples = static_cast<double>(s.n) * static_cast<double>(s.c) * static_cast<double>(s.taps()) *
                           static_cast<double>(s.pixels());
    if (s.n > 0) deform(deformation, decide(s.flops() + SAMPLE * samples));
}

#define CONVX_INSTANTIATE(T)                     \
    template void deform(const Deformation<T>&); \
    template void deform(const Deformation<T>&, const Context&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx
