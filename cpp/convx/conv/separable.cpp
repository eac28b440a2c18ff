#include "separable.h"

#include <algorithm>
#include <limits>

#include "../../kernels/contracts/filter.h"
#include "../runtime/cache.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/workspace.h"
#include "../shape/border.h"
#include "narrow.h"
#include "rank_one.h"

namespace convx::separable {
namespace {

constexpr int64_t BAND = 64;  // rows of output of a task, or a few times as many as a kernel has

bool has_unit_stride(const ConvShape& s, int64_t stride) { return stride == 1 || s.w.in == 1; }

// Of rows of sums that are split into columns 0, 2, 4 ... and 1, 3, 5 ... where only every second result is kept.
int64_t phase_length(const ConvShape& s, int64_t strip, int64_t lanes) {
    return s.w.stride > 1 ? strip + s.w.kernel / 2 + lanes : 0;
}

// How a call is cut and what it needs beside its arrays. A task is a band of rows by a strip of columns of one output
// map; cut by the shape alone.
template <class T>
struct Setup {
    Pieces bands, strips;
    int64_t inputs, at_once;  // rows of input under a band; rows of sums at a time
    int64_t phase, sums_row;  // elements of a phase, and of a row of sums
    Workspace workspace;
    Part<T> zeros, sums, phases, copies;
    Part<int64_t> tap;
    Part<const void*> rows, terms;
    Part<PixelVector> vectors;

    Setup(const ConvShape& s, const Kernels<T>& k, int threads, bool copied)
        : bands{s.h.out, std::min(std::max(BAND, 4 * s.h.kernel), s.h.out)},
          strips{s.w.out, strip(s)},
          inputs((bands.size - 1) * s.h.stride + s.h.kernel),
          at_once(s.w.stride > 1 ? FILTER_ROWS / 2 : FILTER_ROWS),
          phase(phase_length(s, strips.size, k.lanes)),
          sums_row(phase ? 2 * phase : strips.size + s.w.kernel - 1 + k.lanes),
          workspace(threads),
          zeros(workspace.template shared<T>(sums_row)),
          sums(workspace.template own<T>(at_once * sums_row)),
          phases(workspace.template own<T>(phase ? at_once * sums_row : 0)),
          copies(workspace.template own<T>(copied ? inputs * sums_row : 0)),
          tap(workspace.template shared<int64_t>(s.w.kernel)),
          rows(workspace.template own<const void*>(inputs)),
          terms(workspace.template own<const void*>(s.w.kernel)),
          vectors(workspace.template own<PixelVector>(at_once * ceil_div(strips.size, k.lanes))) {}

    int64_t tasks(const ConvShape& s) const { return s.n * s.k * bands.count() * strips.count(); }

  private:
    // Sums lie in L1, the rows of input under them in L2. Sums of which every second counts are few for what is read:
    // they lie in L2 too, and rows are read in long pieces. Columns of padding that are copies need the whole row.
    static int64_t strip(const ConvShape& s) {
        if (s.border != Border::zeros && s.w.lo + s.w.hi > 0) return s.w.out;
        constexpr int64_t ELEMENT = sizeof(T);
        const int64_t sums = s.w.stride > 1 ? caches().l2 / 8 / 4 : caches().l1 / 2 / FILTER_ROWS;
        const int64_t fit = std::min(sums, caches().l2 / 2 / (s.h.kernel * s.w.stride)) / ELEMENT;
        return std::min(std::max(fit, 4 * s.w.kernel), s.w.out);
    }
};

template <class T>
class Worker {
  public:
    Worker(const ConvCall<T>& call, const Setup<T>& setup, int thread)
        : call_(call),
          s_(call.shape),
          setup_(setup),
          sums_(setup.workspace.at(setup.sums, thread)),
          phases_(setup.workspace.at(setup.phases, thread)),
          copies_(setup.workspace.at(setup.copies, thread)),
          rows_(setup.workspace.at(setup.rows, thread)),
          terms_(setup.workspace.at(setup.terms, thread)),
          sums_are_all_(stores_sums(call.epilogue)),
          vectors_(setup.workspace.at(setup.vectors, thread)) {}

    void run(int64_t task) {
        strip_ = setup_.strips.at(task % setup_.strips.count());
        task /= setup_.strips.count();
        const Range band = setup_.bands.at(task % setup_.bands.count());
        const int64_t map = task / setup_.bands.count(), n = map / s_.k;
        k_ = map % s_.k;
        needed_ = {strip_.begin * s_.w.stride - s_.w.lo, (strip_.end - 1) * s_.w.stride - s_.w.lo + s_.w.kernel};
        inside_ = {std::clamp<int64_t>(needed_.begin, 0, s_.w.in), std::clamp<int64_t>(needed_.end, 0, s_.w.in)};
        plane_ = call_.x.data + n * call_.x.n + k_ / s_.k_per_group() * call_.x.c;
        top_ = band.begin * s_.h.stride - s_.h.lo;
        list_rows((band.size() - 1) * s_.h.stride + s_.h.kernel);
        if (!sums_are_all_) list_vectors();
        T* out = call_.out + map * s_.pixels() + band.begin * s_.w.out + strip_.begin;
        Pace pace;
        const int64_t at_once = setup_.at_once;
        for (int64_t i = 0; i < band.size(); i += at_once, out += at_once * s_.w.out) {
            const int64_t rows = std::min(at_once, band.size() - i);
            sum_columns(i, rows);
            for (int64_t r = 0; r < rows; ++r) extend(sums_ + r * setup_.sums_row - needed_.begin);
            if (s_.w.stride > 1) split(rows);
            sum_rows(rows, out);
            pace.step(rows * (s_.h.kernel + s_.w.kernel) * needed_.size() / 8);
        }
    }

  private:
    // Rows of input from top_ on, at column inside_.begin: where they lie, or copied to lie so.
    void list_rows(int64_t count) {
        const bool in_place = has_unit_stride(s_, call_.x.w);
        Pace pace;
        for (int64_t i = 0; i < count; ++i) {
            const int64_t row = source_index(s_.border, s_.h, top_ + i);
            rows_[i] = setup_.workspace.at(setup_.zeros);
            if (row < 0) continue;
            const T* const at = plane_ + row * call_.x.h + inside_.begin * call_.x.w;
            rows_[i] = at;
            if (in_place) continue;
            T* const copy = copies_ + i * setup_.sums_row;
            for (int64_t j = 0; j < inside_.size(); ++j) copy[j] = at[j * call_.x.w];
            rows_[i] = copy;
            pace.step(inside_.size());
        }
    }

    int64_t lanes() const {
        const Kernels<T>& k = call_.kernels;
        return strip_.size() <= k.half_lanes ? k.half_lanes : k.lanes;
    }

    // Of the strip in each of a few rows.
    void list_vectors() {
        PixelVector* to = vectors_;
        for (int64_t r = 0; r < setup_.at_once; ++r)
            for (int64_t i = 0; i < strip_.size(); i += lanes())
                *to++ = {r * setup_.sums_row + i, r * s_.w.out + i, std::min(lanes(), strip_.size() - i)};
    }

    // What is added up for row i of the band and those behind it.
    void sum_columns(int64_t i, int64_t rows) const {
        if (inside_.empty()) return;
        call_.pixels->filter_columns({rows_ + i * s_.h.stride,
                                      weight(),
                                      sums_ + (inside_.begin - needed_.begin),
                                      rows,
                                      s_.h.kernel,
                                      inside_.size(),
                                      setup_.sums_row,
                                      sizeof(T) == sizeof(double),
                                      {},
                                      s_.h.stride});
    }

    // A row of sums by what lies beyond the input; columns count as its own do.
    void extend(T* sums) const {
        const auto set = [&](int64_t begin, int64_t end) {
            for (int64_t j = begin; j < end; ++j) {
                const int64_t from = source_index(s_.border, s_.w, j);
                sums[j] = from < 0 ? T(0) : sums[from];
            }
        };
        set(needed_.begin, std::min(inside_.begin, needed_.end));
        set(std::max(inside_.end, needed_.begin), needed_.end);
    }

    void split(int64_t rows) const {
        call_.kernels.split_rows(
            {sums_, phases_, rows, setup_.sums_row, setup_.sums_row, 0, setup_.sums_row, setup_.phase, 2, T(0)});
    }

    static bool stores_sums(const Epilogue<T>& e) {
        constexpr T INFINITE = std::numeric_limits<T>::infinity();
        return !e.bias && !e.has_residual && e.activation == Activation::clamp && e.lo == -INFINITE && e.hi == INFINITE;
    }

    void sum_rows(int64_t rows, T* out) const {
        const T* const x = s_.w.stride > 1 ? phases_ : sums_;
        const int64_t* const tap = setup_.workspace.at(setup_.tap);
        if (!sums_are_all_) return finish_rows(x, tap, rows, out);
        for (int64_t r = 0; r < rows; ++r, out += s_.w.out) {
            for (int64_t t = 0; t < s_.w.kernel; ++t) terms_[t] = x + r * setup_.sums_row + tap[t];
            call_.pixels->filter_columns({terms_,
                                          weight() + s_.h.kernel,
                                          out,
                                          1,
                                          s_.w.kernel,
                                          strip_.size(),
                                          0,
                                          sizeof(T) == sizeof(double),
                                          {}});
        }
    }

    // The same with bias, residual and activation.
    void finish_rows(const T* x, const int64_t* tap, int64_t rows, T* out) const {
        PixelTile<T> t{};
        t.x = x;
        t.w = weight() + s_.h.kernel;
        t.out = out;
        t.vectors = vectors_;
        t.x_tap = tap;
        t.vector_count = rows * ceil_div(strip_.size(), lanes());
        t.taps = s_.w.kernel;
        t.depth = 1;
        t.room = strip_.size() == s_.w.out ? rows * s_.w.out : 0;  // what lies behind a strip is another task's
        t.rows = 1;
        t.lanes = static_cast<int32_t>(lanes());
        t.first = t.last = true;
        t.epilogue = call_.epilogue;
        if (t.epilogue.bias) t.epilogue.bias += k_;
        call_.kernels.pixel_tile(t);
    }

    const T* weight() const { return call_.weight.data.data() + k_ * (s_.h.kernel + s_.w.kernel); }

    const ConvCall<T>& call_;
    const ConvShape& s_;
    const Setup<T>& setup_;
    T *const sums_, *const phases_, *const copies_;
    const void **const rows_, **const terms_;  // of input under the band; of a sum along a row
    const bool sums_are_all_;                  // that a result is made of
    PixelVector* const vectors_;
    Range strip_{}, needed_{}, inside_{};  // columns: of output, of input under them, and those that are there
    int64_t k_ = 0, top_ = 0;
    const T* plane_ = nullptr;
};

// The column of each map and behind it the row; or the weight as it is where some map has no such.
template <class T>
PackedWeight<T> pack(const ConvSpec& spec, const T* weight, const Kernels<T>&, int, int) {
    const int64_t rows = spec.window[1].kernel, columns = spec.window[2].kernel, taps = rows * columns;
    PackedWeight<T> packed{Buffer<T>(spec.k * std::max(rows + columns, taps)), false, true};
    for (int64_t k = 0; k < spec.k && packed.split; ++k) {
        checkpoint();
        T* const to = packed.data.data() + k * (rows + columns);
        packed.split = split_rank_one(weight + k * taps, rows, columns, to, to + rows);
    }
    if (!packed.split) copy_weight(weight, spec.k * taps, packed.data.data());
    return packed;
}

template <class T>
bool fits(const ConvSpec& spec, const T* weight) {
    const int64_t rows = spec.window[1].kernel, columns = spec.window[2].kernel;
    const Buffer<T> split(rows + columns);
    for (int64_t k = 0; k < spec.k; ++k, weight += rows * columns)
        if (!split_rank_one(weight, rows, columns, split.data(), split.data() + rows)) return false;
    return true;
}

template <class T>
int64_t workspace(const ConvShape& s, const Kernels<T>& k, int threads, int) {
    return std::max(Setup<T>(s, k, threads, s.w.in > 1).workspace.bytes(),
                    narrow::workspace_panels(s, k, threads, 1, DataFormat::channels_first));
}

template <class T>
void run(const ConvCall<T>& call) {
    if (!call.weight.split) return narrow::run_panels(call, 1);
    const ConvShape& s = call.shape;
    Setup<T> setup(s, call.kernels, call.threads, !has_unit_stride(s, call.x.w));
    setup.workspace.allocate();
    std::fill_n(setup.workspace.at(setup.zeros), setup.sums_row, T(0));
    for (int64_t t = 0; t < s.w.kernel; ++t)
        setup.workspace.at(setup.tap)[t] = s.w.stride > 1 ? t % 2 * setup.phase + t / 2 : t;
    // Idle lanes read behind the rows: no slow denormals there.
    for (int i = 0; i < call.threads; ++i)
        std::fill_n(setup.workspace.at(setup.sums, i), setup.at_once * setup.sums_row, T(0));
    parallel_tasks(setup.tasks(s), call.threads,
                   [&](int64_t task, int thread) { Worker<T>(call, setup, thread).run(task); });
}

}  // namespace

template <class T>
Algorithm<T> row() {
    Algorithm<T> a;
    a.name = "separable";
    a.summary = "kernels that are outer products: sums along columns, then along these; others tap by tap";
    a.supports = [](const ConvSpec& spec) {
        const auto fits = [](const Window& w) { return w.stride <= 2 && w.dilation == 1; };
        return spec.rank == 2 && spec.c_per_group == 1 && fits(spec.window[1]) && fits(spec.window[2]);
    };
    a.needs = "two axes, one input channel in each group, stride 1 or 2 and dilation 1";
    a.fits = fits<T>;
    a.cost = cost::separable;
    a.pack = pack<T>;
    a.workspace = workspace<T>;
    a.run = run<T>;
    return a;
}

#define CONVX_INSTANTIATE(T) template Algorithm<T> row();
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::separable
