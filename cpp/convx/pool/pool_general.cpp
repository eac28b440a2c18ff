// Any window over any strides: one row of windows after the other, its rows first, then its columns.
#include "pool_paths.h"

#include <algorithm>
#include <type_traits>

#include "../data/row_layout.h"
#include "../runtime/parallel.h"
#include "../runtime/workspace.h"
#include "../shape/integer_math.h"
#include "../shape/taps.h"
#include "pool_lp.h"
#include "pool_reduce.h"

namespace convx::pool::general {
namespace {

constexpr int64_t POWERS = 1 << 16;  // between two checkpoints: they take longer than other elements

template <class T>
Halves<T> halves_of(const PoolCall<T>& call) {
    const Kernels<T>& k = call.kernels;
    if constexpr (std::is_floating_point_v<T>) {
        if (call.kind == Kind::average) return {k.reduce_sum, k.reduce_sum, false};
        if (call.kind == Kind::norm) return lp::halves(call);
    }
    const auto reduce = call.kind == Kind::min ? k.reduce_min : k.reduce_max;
    return {reduce, reduce, false};
}

// What all rows of a call share.
template <class T>
struct Setup {
    const PoolCall<T>& call;
    Axis w;
    PhaseAxis phases;
    T neutral;
    Halves<T> halves;
    int64_t row_terms;     // rows of a window, at most
    int64_t chunk;         // of them reduced at a time
    int64_t column_start;  // input column of the first element of a phase
    bool split;            // the reduced row is regrouped by phases before the columns are reduced
    int64_t gathered;      // elements needed to make rows of unit stride
    Workspace workspace;
    Part<int64_t> column_tap, row_tap;
    Part<T> width, buffer;

    explicit Setup(const PoolCall<T>& c)
        : call(c),
          w(trimmed(c.shape.w)),
          phases(w.kernel ? w : Axis{1, w.out, 1, w.stride, 1, 0, 0}, w.out),
          neutral(pool::neutral<T>(c.kind)),
          halves(halves_of(c)),
          row_terms(std::max<int64_t>(
              live_taps(c.shape.d, 0, c.shape.d.out).size() * live_taps(c.shape.h, 0, c.shape.h.out).size(), 1)),
          chunk(std::clamp<int64_t>(CHECKED_STEPS / c.shape.w.in, 1, row_terms)),
          column_start(-w.lo),
          split(phases.phases > 1 || w.stride > 1),
          gathered(c.x.w == 1 && !halves.power ? 0 : chunk * w.in),
          workspace(c.threads),
          column_tap(workspace.shared<int64_t>(w.kernel)),
          row_tap(workspace.own<int64_t>(chunk)),
          width(workspace.shared<T>(w.out)),
          buffer(workspace.own<T>(buffer_elements())) {}

    // The workspace, once it is there.
    void fill() const {
        Pace pace;
        for (int64_t i = 0; i < w.kernel; ++i, pace.step()) workspace.at(column_tap)[i] = phases.offset(w, i);
        const PoolSpec& spec = call.spec;
        for (int64_t q = 0; q < w.out; ++q)
            workspace.at(width)[q] =
                static_cast<T>(spec.divisor ? *spec.divisor : counted(call.shape.w, q, spec.count_include_pad));
    }

    int64_t joined() const { return chunk < row_terms ? 2 * w.in : 0; }  // elements to put chunks together
    int64_t buffer_elements() const { return phases.elements() + (split ? w.in : 0) + joined() + gathered; }
};

// One thread's work on output rows, one after the other.
template <class T>
class Worker {
  public:
    Worker(const Setup<T>& setup, int thread)
        : setup_(setup),
          call_(setup.call),
          s_(call_.shape),
          k_(call_.kernels),
          row_tap_(setup.workspace.at(setup.row_tap, thread)),
          buffer_(setup.workspace.at(setup.buffer, thread)),
          reduced_(buffer_ + setup.phases.elements()),
          joined_(reduced_ + (setup.split ? setup.w.in : 0)),
          gathered_(joined_ + setup.joined()) {
        std::fill(buffer_, reduced_, setup.neutral);
    }

    void row(int64_t index) {
        const int64_t p = index % s_.h.out, d = index / s_.h.out % s_.d.out, plane = index / s_.h.out / s_.d.out;
        const T* x = plane_of(call_.x, s_.c, plane);
        T* out = call_.out + index * s_.w.out;
        const Range depth = live_taps(s_.d, d, d + 1), height = live_taps(s_.h, p, p + 1);
        const int64_t terms = depth.size() * height.size();
        if (terms == 0 || setup_.w.kernel == 0) {
            std::fill(out, out + s_.w.out, setup_.neutral);
        } else {
            in_pieces(terms, setup_.chunk, [&](int64_t first, int64_t some) {
                list_rows(d, p, depth, height, first, some);
                reduce_rows(x, some, first == 0);
            });
            if (setup_.split) regroup();
            reduce_in_pieces<T>({buffer_, out, setup_.workspace.at(setup_.column_tap), setup_.w.kernel, s_.w.out},
                                setup_.halves.columns, setup_.halves.columns);
        }
        if constexpr (std::is_floating_point_v<T>) {
            if (call_.kind == Kind::average) divide(out, d, p);
            if (call_.kind == Kind::norm) lp::root(out, call_.norm, s_.w.out);
        }
    }

  private:
    // Offsets of some of the input rows under the window.
    void list_rows(int64_t d, int64_t p, const Range& depth, const Range& height, int64_t first, int64_t some) {
        int64_t t = depth.begin + first / height.size(), r = height.begin + first % height.size();
        for (int64_t i = 0; i < some; ++i) {
            row_tap_[i] = (d * s_.d.stride - s_.d.lo + t * s_.d.dilation) * call_.x.d +
                          (p * s_.h.stride - s_.h.lo + r * s_.h.dilation) * call_.x.h;
            if (++r == height.end) r = height.begin, ++t;
        }
    }

    // Reduces them to one: into the padded buffer, or where it waits to be regrouped.
    void reduce_rows(const T* x, int64_t terms, bool fresh) {
        const Axis& w = setup_.w;
        if (setup_.gathered) {
            gather(x, terms);
            x = gathered_;
        }
        const int64_t from = std::max<int64_t>(-setup_.column_start, 0),
                      skip = std::max<int64_t>(setup_.column_start, 0);
        T* const to = setup_.split ? reduced_ : buffer_ + from;
        const int64_t count = setup_.split ? w.in : std::min(w.in - skip, setup_.phases.length - from);
        if (!setup_.split) x += skip;
        reduce_in_pieces<T>({x, fresh ? to : joined_, row_tap_, terms, count}, setup_.halves.rows,
                            setup_.halves.columns);
        if (fresh) return;
        std::copy_n(to, count, joined_ + w.in);
        const int64_t two[] = {w.in, 0};
        setup_.halves.columns({joined_, to, two, 2, count});
    }

    void gather(const T* x, int64_t terms) {
        const int64_t in = setup_.w.in;
        for (int64_t i = 0; i < terms; ++i) {
            k_.copy_rows({x + row_tap_[i], gathered_ + i * in, 1, 0, 0, call_.x.w, 0, in, 0, T(0)});
            row_tap_[i] = i * in;
        }
        if constexpr (std::is_floating_point_v<T>)
            if (setup_.halves.power)
                in_pieces(terms * in, POWERS, [&](int64_t i, int64_t n) { lp::power(gathered_ + i, call_.norm, n); });
    }

    void regroup() {
        copy_phases<T>(row_kernels(k_), {reduced_, 1, 0, 1}, setup_.w, setup_.phases, setup_.column_start, buffer_, 0,
                       setup_.neutral);
    }

    void divide(T* out, int64_t d, int64_t p) {
        const bool include = call_.spec.count_include_pad;
        const int64_t rows = call_.spec.divisor ? 1 : counted(s_.d, d, include) * counted(s_.h, p, include);
        k_.average({out, setup_.workspace.at(setup_.width), static_cast<T>(rows), s_.w.out});
    }

    const Setup<T>& setup_;
    const PoolCall<T>& call_;
    const PoolShape& s_;
    const Kernels<T>& k_;
    int64_t* row_tap_;
    T *buffer_, *reduced_, *joined_, *gathered_;
};

template <class T>
void run(const PoolCall<T>& call) {
    const PoolShape& s = call.shape;
    Setup<T> setup(call);
    setup.workspace.allocate();
    setup.fill();
    const int64_t rows = s.n * s.c * s.d.out * s.h.out;
    parallel_pieces(worth_a_task(rows, setup.row_terms * s.w.in), call.threads, [&](const Range& some, int thread) {
        Worker<T> worker(setup, thread);
        for (int64_t i = some.begin; i < some.end; ++i) worker.row(i);
    });
}

}  // namespace

template <class T>
Algorithm<T> row() {
    Algorithm<T> a;
    a.name = "general";
    a.summary = "any window over any strides, row by row";
    a.supports = [](const PoolCall<T>& call) { return call.pixel == 1; };
    a.cost = 3;
    a.run = run<T>;
    return a;
}

#define CONVX_INSTANTIATE(T) template Algorithm<T> row();
CONVX_NUMBERS(CONVX_INSTANTIATE)

}  // namespace convx::pool::general
