// fold: a task owns a box of the output and adds every tap's share of it, tap after tap. So an element's terms are
// added in one order, whatever the boxes and the threads.
#include <algorithm>

#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/trace.h"
#include "../shape/integer_math.h"
#include "../shape/range.h"
#include "unfold.h"

namespace convx {
namespace {

constexpr int64_t TAP_STEPS = 256;      // what a tap of a box costs, in the steps of a Pace
constexpr int64_t BOX_ELEMENTS = 4096;  // of the output, which stays in L1 while the columns stream by

struct Boxes {
    Pieces w, h, d;
    explicit Boxes(const UnfoldShape& s)
        : w{s.w.in, std::min(s.w.in, BOX_ELEMENTS)},
          h{s.h.in, std::clamp<int64_t>(BOX_ELEMENTS / w.size, 1, s.h.in)},
          d{s.d.in, std::clamp<int64_t>(BOX_ELEMENTS / (w.size * h.size), 1, s.d.in)} {}
    int64_t count() const { return d.count() * h.count() * w.count(); }
};

// Where tap `tap` meets the output elements `over` of an axis: at these positions, the first of them on element `at`.
struct TapOverlap : Range {
    int64_t at;
    TapOverlap(const Axis& a, int64_t tap, Range over) {
        const int64_t start = tap * a.dilation - a.lo;
        Range::operator=(Positions{start - over.begin, a.stride, a.out}.inside(over.size()));
        at = start + begin * a.stride;
    }
};

template <class T>
struct FoldCall {
    const UnfoldShape& shape;
    const View<const T>& columns;
    T* out;
    const Kernels<T>& kernels;
};

template <class T>
class Box {
  public:
    Box(const FoldCall<T>& call, const Boxes& boxes, int64_t index) : call_(call), s_(call.shape) {
        const int64_t w = index % boxes.w.count(), h = index / boxes.w.count() % boxes.h.count(),
                      d = index / boxes.w.count() / boxes.h.count() % boxes.d.count(), plane = index / boxes.count();
        w_ = boxes.w.at(w), h_ = boxes.h.at(h), d_ = boxes.d.at(d);
        out_ = call.out + plane * s_.d.in * area();
        columns_ = call.columns.data + plane / s_.c * call.columns.n + plane % s_.c * s_.taps() * call.columns.c;
    }

    void run() const {
        for (int64_t d = d_.begin; d < d_.end; ++d)
            for (int64_t h = h_.begin; h < h_.end; ++h) {
                T* row = out_ + d * area() + h * s_.w.in;
                std::fill(row + w_.begin, row + w_.end, T(0));
            }
        const T* column = columns_;
        Pace pace;
        for (int64_t t = 0; t < s_.d.kernel; ++t)
            for (int64_t r = 0; r < s_.h.kernel; ++r)
                for (int64_t c = 0; c < s_.w.kernel; ++c, column += call_.columns.c, pace.step(TAP_STEPS))
                    add({s_.d, t, d_}, {s_.h, r, h_}, {s_.w, c, w_}, column);
    }

  private:
    int64_t area() const { return s_.h.in * s_.w.in; }

    void add(const TapOverlap& d, const TapOverlap& h, const TapOverlap& w, const T* column) const {
        if (d.empty() || h.empty() || w.empty()) return;
        const int64_t step = call_.columns.w;
        for (int64_t i = d.begin; i < d.end; ++i)
            call_.kernels.add_rows({column + ((i * s_.h.out + h.begin) * s_.w.out + w.begin) * step,
                                    out_ + (d.at + (i - d.begin) * s_.d.stride) * area() + h.at * s_.w.in + w.at,
                                    h.size(), w.size(), s_.w.out * step, s_.h.stride * s_.w.in, step, s_.w.stride});
    }

    const FoldCall<T>& call_;
    const UnfoldShape& s_;
    Range d_, h_, w_;
    T* out_;
    const T* columns_;
};

}  // namespace

template <class T>
void fold(const UnfoldShape& shape, const View<const T>& columns, T* out, const Context& context) {
    trace::ran("add");
    const FoldCall<T> call{shape, columns, out, context.kernels<T>()};
    const Boxes boxes(shape);
    parallel_tasks(shape.n * shape.c * boxes.count(), context.threads,
                   [&](int64_t task, int) { Box<T>(call, boxes, task).run(); });
}

template <class T>
void fold(const UnfoldShape& shape, const View<const T>& columns, T* out) {
    if (shape.n > 0) fold(shape, columns, out, decide(work(shape)));
}

#define CONVX_INSTANTIATE(T)                                          \
    template void fold(const UnfoldShape&, const View<const T>&, T*); \
    template void fold(const UnfoldShape&, const View<const T>&, T*, const Context&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx
