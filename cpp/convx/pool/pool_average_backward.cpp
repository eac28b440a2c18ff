// The gradient of an average, spread over the elements of each window.
#include <algorithm>

#include "../runtime/trace.h"
#include "../runtime/workspace.h"
#include "../shape/integer_math.h"
#include "pool_backward.h"
#include "pool_planes.h"
#include "pool_reduce.h"

namespace convx::pool {
namespace {

template <class T>
struct Call : AverageBackward<T> {
    const Kernels<T>& kernels;
    int threads;
};

// Range along one axis whose windows may hold an element of [from, to).
Range outputs_over(const Axis& a, int64_t from, int64_t to) {
    const int64_t first = from + a.lo - (a.kernel - 1) * a.dilation;
    return {first <= 0 ? 0 : std::min(ceil_div(first, a.stride), a.out),
            to - 1 + a.lo < 0 ? 0 : std::min((to - 1 + a.lo) / a.stride + 1, a.out)};
}

int64_t most_outputs(const Axis& a, int64_t elements) {
    const int64_t reach = elements - 1 + std::max<int64_t>(a.kernel - 1, 0) * a.dilation;
    return std::min(reach / a.stride + 1, a.out);
}

bool holds(const Axis& a, int64_t output, int64_t element) {
    const int64_t reach = element - output * a.stride + a.lo;
    return reach >= 0 && reach % a.dilation == 0 && reach / a.dilation < a.kernel;
}

// What all tasks of a call share. Windows are separable: output rows, divided, add up over D and H, then along W every
// stride-th element of the input sums the same shifts of that row.
template <class T>
struct Setup {
    const Call<T>& call;
    Axis d, h, w;
    int64_t strip, strips;  // input rows of a task, and how many of them a plane has
    int64_t before, row;    // of a divided row: zeros in front, and its length
    int64_t most_planes, most_rows;
    Workspace workspace;
    Part<int64_t> shift, shifts, filled, list;
    Part<Range> over;  // of each input row
    Part<T> width, height, divided, sum, phase;

    explicit Setup(const Call<T>& c)
        : call(c),
          d(trimmed(c.shape.d)),
          h(trimmed(c.shape.h)),
          w(trimmed(c.shape.w)),
          strip(std::clamp<int64_t>(TASK_ELEMENTS / w.in, 1, h.in)),
          strips(ceil_div(h.in, strip)),
          before(std::max<int64_t>(ceil_div(std::max<int64_t>((w.kernel - 1) * w.dilation - w.lo, 0), w.stride), 0)),
          row(before + std::max(w.out, std::max<int64_t>(w.in - 1 + w.lo, 0) / w.stride + 1) + c.kernels.nr),
          most_planes(most_outputs(d, 1)),
          most_rows(most_outputs(h, strip)),
          workspace(c.threads),
          shift(workspace.shared<int64_t>(w.kernel)),
          shifts(workspace.shared<int64_t>(std::min(w.stride, w.in) + 1)),
          filled(workspace.shared<int64_t>(std::min(w.stride, w.in))),
          list(workspace.own<int64_t>(2 * most_planes * most_rows)),
          over(workspace.shared<Range>(h.in)),
          width(workspace.shared<T>(w.out + c.kernels.lanes)),
          height(workspace.shared<T>(h.out)),
          divided(workspace.own<T>(most_planes * most_rows * row)),
          sum(workspace.own<T>(row)),
          phase(workspace.own<T>(row)) {}

    // shift[shifts[f]] ... shift[shifts[f + 1]]: where the terms of input elements f, f + stride, ... lie.
    void fill() {
        std::fill_n(workspace.at(width), w.out + call.kernels.lanes, T(1));
        int64_t *to = workspace.at(shift), *from = workspace.at(shifts);
        // Taps of a phase: those that lie a multiple of the stride before it, the last one first.
        const int64_t phases = std::min(w.stride, w.in);
        Pace pace;
        const auto phase_of = [&](int64_t tap) {
            const int64_t f = (tap * w.dilation - w.lo) % w.stride;
            return f < 0 ? f + w.stride : f;
        };
        std::fill_n(from, phases + 1, 0);
        for (int64_t tap = 0; tap < w.kernel; ++tap, pace.step())
            if (phase_of(tap) < phases) ++from[phase_of(tap) + 1];
        for (int64_t f = 0; f < phases; ++f) from[f + 1] += from[f];
        int64_t* next = workspace.at(filled);
        std::copy_n(from, phases, next);
        for (int64_t tap = w.kernel - 1; tap >= 0; --tap, pace.step()) {
            const int64_t f = phase_of(tap);
            if (f < phases) to[next[f]++] = before + (f + w.lo - tap * w.dilation) / w.stride;
        }
        const PoolSpec& spec = call.spec;
        for (int64_t q = 0; q < w.out; ++q)
            workspace.at(width)[q] =
                static_cast<T>(spec.divisor ? *spec.divisor : counted(call.shape.w, q, spec.count_include_pad));
        for (int64_t p = 0; p < h.out; ++p)
            workspace.at(height)[p] =
                static_cast<T>(spec.divisor ? 1 : counted(call.shape.h, p, spec.count_include_pad));
        for (int64_t y = 0; y < h.in; ++y) workspace.at(over)[y] = outputs_over(h, y, y + 1);
    }
};

template <class T>
class Worker {
  public:
    Worker(const Setup<T>& setup, int thread)
        : setup_(setup),
          call_(setup.call),
          list_(setup.workspace.at(setup.list, thread)),
          last_(list_ + setup.most_planes * setup.most_rows),
          divided_(setup.workspace.at(setup.divided, thread)),
          sum_(setup.workspace.at(setup.sum, thread)),
          phase_(setup.workspace.at(setup.phase, thread)) {}

    // Rows of a strip of one depth of one plane.
    void run(int64_t item) {
        const int64_t strip = item % setup_.strips, z = item / setup_.strips % setup_.d.in,
                      plane = item / setup_.strips / setup_.d.in;
        const int64_t y0 = strip * setup_.strip, y1 = std::min(y0 + setup_.strip, setup_.h.in);
        const Range over_d = outputs_over(setup_.d, z, z + 1), over_h = outputs_over(setup_.h, y0, y1);
        divide(plane, z, over_d, over_h);
        T* gx = call_.gx + ((plane * setup_.d.in + z) * setup_.h.in + y0) * setup_.w.in;
        int64_t last_terms = -1;
        for (int64_t y = y0; y < y1; ++y, gx += setup_.w.in) {
            const int64_t terms = list_rows(y, over_h);
            if (terms == last_terms && std::equal(list_, list_ + terms, last_))
                std::copy_n(gx - setup_.w.in, setup_.w.in, gx);
            else
                spread(terms, gx);
            std::swap(list_, last_);
            last_terms = terms;
        }
    }

  private:
    // Output rows with the zeros that shifts may reach, each element divided by its window's divisor.
    void divide(int64_t plane, int64_t z, const Range& over_d, const Range& over_h) {
        const T* gy = plane_of(call_.gy, call_.shape.c, plane);
        const int64_t rows = over_h.size();
        const int64_t lanes = call_.kernels.lanes, whole = round_up(setup_.w.out, lanes);
        planes_ = 0;
        for (int64_t d = over_d.begin; d < over_d.end; ++d) {
            if (setup_.d.dilation > 1 && !holds(setup_.d, d, z)) continue;
            T* divided = divided_ + planes_++ * setup_.most_rows * setup_.row;
            call_.kernels.copy_rows({gy + d * call_.gy.d + over_h.begin * call_.gy.h, divided, rows, call_.gy.h,
                                     setup_.row, call_.gy.w, setup_.before, setup_.w.out,
                                     setup_.row - setup_.before - setup_.w.out, T(0)});
            const T planes =
                static_cast<T>(call_.spec.divisor ? 1 : counted(call_.shape.d, d, call_.spec.count_include_pad));
            for (int64_t p = 0; p < rows; ++p)
                call_.kernels.average({divided + p * setup_.row + setup_.before, setup_.workspace.at(setup_.width),
                                       planes * setup_.workspace.at(setup_.height)[over_h.begin + p], whole});
        }
    }

    int64_t list_rows(int64_t y, const Range& over_h) {
        int64_t n = 0;
        const Range over = setup_.workspace.at(setup_.over)[y];
        for (int64_t i = 0; i < planes_; ++i)
            for (int64_t p = over.begin; p < over.end; ++p, pace_.step())
                if (holds(setup_.h, p, y)) list_[n++] = (i * setup_.most_rows + p - over_h.begin) * setup_.row;
        return n;
    }

    void sum(const Reduce<T>& r) { reduce_in_pieces(r, call_.kernels.reduce_sum, call_.kernels.reduce_sum); }

    void spread(int64_t terms, T* gx) {
        const Axis& w = setup_.w;
        if (terms == 0 || w.kernel == 0) return std::fill(gx, gx + w.in, T(0));
        const T* row = divided_ + list_[0];
        if (terms > 1) {
            sum({divided_, sum_, list_, terms, setup_.row});
            row = sum_;
        }
        const int64_t *shift = setup_.workspace.at(setup_.shift), *from = setup_.workspace.at(setup_.shifts);
        const int64_t lanes = call_.kernels.lanes;
        for (int64_t f = 0; f < std::min(w.stride, w.in); ++f) {
            const int64_t count = ceil_div(w.in - f, w.stride), n = from[f + 1] - from[f];
            pace_.step(count);
            const bool direct = w.stride == 1 && count >= lanes;
            const T* src = n == 1 ? row + shift[from[f]] : phase_;
            if (n == 0)
                std::fill(phase_, phase_ + count, T(0));
            else if (n > 1)  // whole vectors are faster, and behind the row lie zeros
                sum({row, direct ? gx : phase_, shift + from[f], n, std::max(count, lanes)});
            if (w.stride == 1 && (n == 1 || !direct))
                std::copy_n(src, count, gx);
            else if (w.stride > 1)
                for (int64_t i = 0; i < count; ++i) gx[f + i * w.stride] = src[i];
        }
    }

    const Setup<T>& setup_;
    const Call<T>& call_;
    int64_t *list_, *last_;
    T *divided_, *sum_, *phase_;
    int64_t planes_ = 0;
    Pace pace_;
};

}  // namespace

template <class T>
void run_backward(const AverageBackward<T>& gradient, const Context& context) {
    trace::ran("spread");
    const Call<T> call{gradient, context.kernels<T>(), context.threads};
    const PoolShape& s = call.shape;
    const auto one_over_all = [](const Axis& a) {
        return a.out == 1 && a.lo >= 0 && a.dilation == 1 && a.kernel >= a.lo + a.in;
    };
    if (one_over_all(s.d) && one_over_all(s.h) && one_over_all(s.w)) {  // a global average
        const T divisor = lone_divisor<T>(call.spec, s);
        return for_each_item(s.n * s.c, plane_in(s), call.threads, [&](int64_t plane, int) {
            fill(call.gx + plane * plane_in(s), plane_in(s), *plane_of(call.gy, s.c, plane) / divisor);
        });
    }
    Setup<T> setup(call);
    setup.workspace.allocate();
    setup.fill();
    for_each_item(s.n * s.c * s.d.in * setup.strips, setup.strip * s.w.in, call.threads,
                  [&](int64_t item, int thread) { Worker<T>(setup, thread).run(item); });
}

template <class T>
void run_backward(const AverageBackward<T>& call) {
    const PoolShape& s = call.shape;
    const double elements = static_cast<double>(s.n) * static_cast<double>(s.c) * static_cast<double>(plane_in(s));
    if (s.n > 0) run_backward(call, decide(8 * elements));
}

#define CONVX_INSTANTIATE(T)                               \
    template void run_backward(const AverageBackward<T>&); \
    template void run_backward(const AverageBackward<T>&, const Context&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::pool
