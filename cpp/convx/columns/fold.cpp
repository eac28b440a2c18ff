// fold: a task owns a box of the output and adds every tap's share of it, tap after tap. So an element's terms are
// added in one order, whatever the boxes and the threads.
#include <algorithm>

#include "../integer_math.h"
#include "../interrupt.h"
#include "../parallel.h"
#include "../taps.h"
#include "unfold.h"

namespace convx {
namespace {

constexpr int64_t TAP_STEPS = 256;      // what a tap of a box costs, in the steps of a Pace
constexpr int64_t BOX_ELEMENTS = 4096;  // of the output, which stays in L1 while the columns stream by

struct Cut {  // of one output axis
    int64_t size, step;
    int64_t count() const { return ceil_div(size, step); }
    int64_t first(int64_t i) const { return i * step; }
    int64_t last(int64_t i) const { return std::min(size, (i + 1) * step); }
};

struct Boxes {
    Cut w, h, d;
    explicit Boxes(const UnfoldShape& s)
        : w{s.w.in, std::min(s.w.in, BOX_ELEMENTS)},
          h{s.h.in, std::clamp<int64_t>(BOX_ELEMENTS / w.step, 1, s.h.in)},
          d{s.d.in, std::clamp<int64_t>(BOX_ELEMENTS / (w.step * h.step), 1, s.d.in)} {}
    int64_t count() const { return d.count() * h.count() * w.count(); }
};

// Where tap `tap` meets the output elements [first, last) of an axis: positions [from, to), the first on element `at`.
struct Share {
    int64_t from, to, at;
    Share(const Axis& a, int64_t tap, int64_t first, int64_t last) {
        const int64_t start = tap * a.dilation - a.lo;
        const Inside in = inside(start - first, a.stride, a.out, last - first);
        from = in.from;
        to = in.to;
        at = start + from * a.stride;
    }
    bool empty() const { return from == to; }
};

template <class T>
class Box {
  public:
    Box(const FoldCall<T>& call, const Boxes& boxes, int64_t index) : call_(call), s_(call.shape) {
        const int64_t w = index % boxes.w.count(), h = index / boxes.w.count() % boxes.h.count(),
                      d = index / boxes.w.count() / boxes.h.count() % boxes.d.count(), plane = index / boxes.count();
        w0_ = boxes.w.first(w), w1_ = boxes.w.last(w);
        h0_ = boxes.h.first(h), h1_ = boxes.h.last(h);
        d0_ = boxes.d.first(d), d1_ = boxes.d.last(d);
        out_ = call.out + plane * s_.d.in * area();
        columns_ = call.columns.data + plane / s_.c * call.columns.n + plane % s_.c * s_.taps() * call.columns.c;
    }

    void run() const {
        for (int64_t d = d0_; d < d1_; ++d)
            for (int64_t h = h0_; h < h1_; ++h) {
                T* row = out_ + d * area() + h * s_.w.in;
                std::fill(row + w0_, row + w1_, T(0));
            }
        const T* column = columns_;
        Pace pace;
        for (int64_t t = 0; t < s_.d.kernel; ++t)
            for (int64_t r = 0; r < s_.h.kernel; ++r)
                for (int64_t c = 0; c < s_.w.kernel; ++c, column += call_.columns.c, pace.step(TAP_STEPS))
                    add({s_.d, t, d0_, d1_}, {s_.h, r, h0_, h1_}, {s_.w, c, w0_, w1_}, column);
    }

  private:
    int64_t area() const { return s_.h.in * s_.w.in; }

    void add(const Share& d, const Share& h, const Share& w, const T* column) const {
        if (d.empty() || h.empty() || w.empty()) return;
        const int64_t step = call_.columns.w;
        for (int64_t i = d.from; i < d.to; ++i)
            call_.kernels.add_rows({column + ((i * s_.h.out + h.from) * s_.w.out + w.from) * step,
                                    out_ + (d.at + (i - d.from) * s_.d.stride) * area() + h.at * s_.w.in + w.at,
                                    h.to - h.from, w.to - w.from, s_.w.out * step, s_.h.stride * s_.w.in, step,
                                    s_.w.stride});
    }

    const FoldCall<T>& call_;
    const UnfoldShape& s_;
    int64_t d0_, d1_, h0_, h1_, w0_, w1_;
    T* out_;
    const T* columns_;
};

}  // namespace

template <class T>
void fold(const FoldCall<T>& call) {
    const Boxes boxes(call.shape);
    parallel_tasks(call.shape.n * call.shape.c * boxes.count(), call.threads,
                   [&](int64_t task, int) { Box<T>(call, boxes, task).run(); });
}

template void fold(const FoldCall<float>&);
template void fold(const FoldCall<double>&);

}  // namespace convx
