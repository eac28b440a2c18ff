#include "image_filter.h"

#include <algorithm>
#include <limits>

#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "filter_setup.h"

namespace convx {
namespace {

template <class T>
constexpr Epilogue<T> NOTHING{nullptr, Activation::clamp, -std::numeric_limits<T>::infinity(),
                              std::numeric_limits<T>::infinity()};

// One task: a block of outputs of the channels of one group.
template <class T>
class Worker {
  public:
    Worker(const ImageFilter& f, const Context& context, const SumPlan& plan, const FilterSetup<T>& setup, int thread)
        : f_(f),
          s_(f.shape),
          context_(context),
          plan_(plan),
          setup_(setup),
          kernels_(context.kernels<T>()),
          patch_(setup.workspace.at(setup.patch, thread)),
          sums_(setup.workspace.at(setup.sums, thread)),
          rows_(setup.workspace.at(setup.row, thread)),
          thread_(thread) {}

    void run(int64_t task) {
        const auto next = [&](int64_t count) {
            const int64_t i = task % count;
            task /= count;
            return i;
        };
        const int64_t q0 = next(setup_.pieces) * setup_.block.columns, p0 = next(setup_.bands) * setup_.block.rows,
                      d = next(s_.d.out);
        const int64_t group = next(s_.groups), n = task;
        const Block b{d,  d + 1,
                      p0, std::min(p0 + setup_.block.rows, s_.h.out),
                      q0, std::min(q0 + setup_.block.columns, s_.w.out)};
        setup_.maker.make(n, group * s_.c_per_group(), b, patch_);
        for (int64_t k = group * s_.k_per_group(); k < (group + 1) * s_.k_per_group(); ++k) {
            if (f_.sums)
                take_sums(n, k, b);
            else
                setup_.tile.depthwise ? sum_rows(b, k) : sum_tiles(b, k);
            store(n, k, b);
        }
    }

  private:
    int64_t pitch(const Block& b) const { return (b.cols() + SUM_BLOCK - 1) / SUM_BLOCK * SUM_BLOCK; }
    int64_t row_step() const {  // from the input of a row of outputs to that of the next one
        const PatchLayout& l = setup_.maker.layout();
        return s_.h.stride / l.h.step * l.row;
    }
    const T* weight(int64_t k) const { return setup_.workspace.at(setup_.weight) + k * setup_.tile_weights; }

    void take_sums(int64_t n, int64_t k, const Block& b) {
        const int64_t plane = (n * s_.k + k) * s_.d.out + b.d0;
        for (int64_t i = 0; i < b.rows(); ++i)
            std::copy_n(f_.sums + (plane * s_.h.out + b.p0 + i) * s_.w.out + b.q0, b.cols(), sums_ + i * pitch(b));
    }

    void sum_rows(const Block& b, int64_t k) {
        const int64_t count = b.rows() + s_.h.kernel - 1, width = pitch(b);
        for (int64_t i = 0; i < count; ++i) rows_[i] = patch_ + i * setup_.maker.layout().row;
        DepthwisePlanes<T> t{};
        t.rows = rows_;
        t.row_step = setup_.workspace.at(setup_.row_step);
        t.w = weight(k);
        t.inside = setup_.workspace.at(setup_.inside);
        t.out = sums_;
        t.out_plane = b.rows() * width;
        t.channels = t.multiplier = 1;
        t.row_count = count;
        t.height = b.rows();
        t.width = t.inner1 = width;
        t.kernel = static_cast<int32_t>(s_.w.kernel);
        t.stride = 1;
        t.epilogue = NOTHING<T>;
        kernels_.depthwise_planes(t);
    }

    void sum_tiles(const Block& b, int64_t k) {
        PixelTile<T> t{};
        t.vectors = setup_.workspace.at(setup_.vectors);
        t.vector_count = pitch(b) / kernels_.lanes;
        t.depth = s_.c_per_group();
        t.x_channel = setup_.maker.layout().channel;
        t.out_channel = t.room = pitch(b);
        t.rows = static_cast<int32_t>(setup_.tile.rows);
        t.lanes = kernels_.lanes;
        t.first = t.last = true;
        t.epilogue = NOTHING<T>;
        for (int64_t i = 0; i < b.rows(); i += setup_.tile.rows) {
            if (i) checkpoint();
            t.x = patch_ + i * row_step();
            sum_parts(t, weight(k), sums_ + i * t.out_channel);
        }
    }

    void sum_parts(PixelTile<T>& t, const T* w, T* sums) {
        T* const part = setup_.workspace.at(setup_.part, thread_);
        for (int64_t tap = 0; tap < setup_.tile.taps; tap += plan_.part) {
            t.w = w + tap * t.rows;
            t.x_tap = setup_.workspace.at(setup_.tile_tap) + tap;
            t.taps = std::min(plan_.part, setup_.tile.taps - tap);
            t.out = tap ? part : sums;
            kernels_.pixel_tile(t);
            if (tap) kernels_.add_rows({part, sums, 1, t.rows * t.out_channel, 0, 0, 1, 1});
        }
    }

    void store(int64_t n, int64_t k, const Block& b) {
        const View<char>& y = f_.out;
        const SettleTerm* const terms = setup_.workspace.at(setup_.terms) + k * s_.depth();
        for (int64_t i = 0; i < b.rows(); ++i) {
            T* const sums = sums_ + i * pitch(b);
            if (plan_.settles)
                kernels_.settle_sums({sums, patch_ + i * row_step(), terms, setup_.workspace.at(setup_.term_count)[k],
                                      b.cols(), static_cast<T>(plan_.tolerance), f_.rule, f_.order == TermOrder::line});
            char* const to = y.data + f_.result.size * (n * y.n + k * y.c + b.d0 * y.d + (b.p0 + i) * y.h + b.q0 * y.w);
            f_.result.store(context_, {sums, to, b.cols(), y.w, f_.rule, plan_.wide, plan_.small});
        }
    }

    const ImageFilter& f_;
    const ConvShape& s_;
    const Context& context_;
    const SumPlan& plan_;
    const FilterSetup<T>& setup_;
    const Kernels<T>& kernels_;
    T *patch_, *sums_;
    const T** rows_;
    const int thread_;
};

template <class T>
void run(const ImageFilter& f, const Context& context, const SumPlan& plan) {
    FilterSetup<T> setup(f, context, plan);
    setup.workspace.allocate();
    setup.fill();
    parallel_tasks(setup.tasks(), context.threads,
                   [&](int64_t task, int thread) { Worker<T>(f, context, plan, setup, thread).run(task); });
}

}  // namespace

void filter_image(const ImageFilter& f) {
    if (f.shape.n == 0) return;
    const Context context = decide(f.shape.flops());
    const SumPlan plan = plan_sums(f, choose_tile<float>(f.shape, context.kernels<float>()));
    plan.wide ? run<double>(f, context, plan) : run<float>(f, context, plan);
}

}  // namespace convx
