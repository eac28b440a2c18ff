#include "pool_adaptive.h"

#include <algorithm>
#include <type_traits>

#include "../runtime/parallel.h"
#include "../runtime/trace.h"
#include "../runtime/workspace.h"
#include "../shape/integer_math.h"
#include "../shape/message.h"
#include "../shape/window.h"
#include "pool_layout.h"
#include "pool_paths.h"
#include "pool_reduce.h"

namespace convx::pool {
namespace {

// Divides `in` among `out`: the axis of the ordinary pooling where that leaves no rest.
Axis adaptive_axis(int64_t in, int64_t out) {
    return {in, out, ceil_div(in, out), std::max<int64_t>(in / out, 1), 1, 0, 0};
}

bool is_uniform(const Axis& a) { return a.in % a.out == 0; }

template <class T>
constexpr T larger(T best, T v) {
    return v > best || v != v ? v : best;
}

// One thread's work on output rows, one after the other.
template <class T>
class Worker {
  public:
    Worker(const PoolCall<T>& call, const AxisWindows& d, const AxisWindows& h, const AxisWindows& w, int64_t* offset,
           T* reduced, T* gathered)
        : call_(call), k_(call.kernels), d_(d), h_(h), w_(w), offset_(offset), reduced_(reduced), gathered_(gathered) {}

    void row(int64_t item) {
        const PoolShape& s = call_.shape;
        const int64_t p = item % s.h.out, d = item / s.h.out % s.d.out, plane = item / s.h.out / s.d.out;
        const T* x = plane_of(call_.x, s.c, plane);
        const WindowSpan &depth = d_.spans[static_cast<size_t>(d)], &height = h_.spans[static_cast<size_t>(p)];
        reduce_rows(x, depth, height);
        T* out = call_.out + item * s.w.out;
        for (int64_t q = 0; q < s.w.out; ++q) {
            const WindowSpan& span = w_.spans[static_cast<size_t>(q)];
            out[q] = column(reduced_ + span.first, span.count, depth.count * height.count);
        }
    }

  private:
    void reduce_rows(const T* x, const WindowSpan& depth, const WindowSpan& height) {
        const int64_t in = call_.shape.w.in;
        int64_t terms = 0;
        Pace pace;
        for (int64_t z = depth.first; z < depth.first + depth.count; ++z)
            for (int64_t y = height.first; y < height.first + height.count; ++y, ++terms) {
                const int64_t row = z * call_.x.d + y * call_.x.h;
                offset_[terms] = gathered_ ? terms * in : row;
                pace.step(gathered_ ? in : 1);
                if (gathered_) k_.copy_rows({x + row, gathered_ + terms * in, 1, 0, 0, call_.x.w, 0, in, 0, T(0)});
            }
        const Reduce<T> reduce{gathered_ ? gathered_ : x, reduced_, offset_, terms, in};
        if constexpr (std::is_floating_point_v<T>)
            if (call_.kind == Kind::average) return reduce_in_pieces(reduce, k_.reduce_sum, k_.reduce_sum);
        reduce_in_pieces(reduce, k_.reduce_max, k_.reduce_max);
    }

    T column(const T* x, int64_t count, int64_t rows) const {
        T result = x[0];
        Pace pace;
        if constexpr (std::is_floating_point_v<T>) {
            if (call_.kind == Kind::average) {
                for (int64_t i = 1; i < count; ++i, pace.step()) result += x[i];
                return result / static_cast<T>(count * rows);
            }
        }
        for (int64_t i = 1; i < count; ++i, pace.step()) result = larger(result, x[i]);
        return result;
    }

    const PoolCall<T>& call_;
    const Kernels<T>& k_;
    const AxisWindows &d_, &h_, &w_;
    int64_t* offset_;
    T *reduced_, *gathered_;
};

template <class T>
void run_call(const PoolCall<T>& call) {
    trace::ran("adaptive");
    const PoolShape& s = call.shape;
    const AxisWindows d = adaptive_windows(s.d.in, s.d.out), h = adaptive_windows(s.h.in, s.h.out),
                      w = adaptive_windows(s.w.in, s.w.out);
    const int64_t terms = d.most() * h.most();
    const bool gathers = call.x.w != 1 && s.w.in > 1;
    Workspace space(call.threads);
    const auto offset = space.own<int64_t>(terms);
    const auto reduced = space.own<T>(s.w.in), gathered = space.own<T>(gathers ? terms * s.w.in : 0);
    space.allocate();
    const int64_t rows = s.n * s.c * s.d.out * s.h.out;
    parallel_pieces(worth_a_task(rows, terms * s.w.in), call.threads, [&](const Range& some, int thread) {
        Worker<T> worker(call, d, h, w, space.at(offset, thread), space.at(reduced, thread),
                         gathers ? space.at(gathered, thread) : nullptr);
        for (int64_t i = some.begin; i < some.end; ++i) worker.row(i);
    });
}

}  // namespace

PoolShape adaptive_shape(const std::string& function, int rank, const Shape& input,
                         const std::vector<std::optional<int64_t>>& output_size, DataFormat format) {
    const Extents e = check_input(function, rank, input.data(), static_cast<int>(input.size()), format);
    PoolShape s{e.n, e.c, {}, {}, {}, e.batched};
    Axis* axes[AXES] = {&s.d, &s.h, &s.w};
    for (int i = AXES - rank; i < AXES; ++i) {
        const std::optional<int64_t>& size = output_size[static_cast<size_t>(i - (AXES - rank))];
        if (size && *size < 1) fail(function, "output_size must be >= 1", std::to_string(*size));
        if (size && *size >= LIMIT) fail(function, "output_size must be < 2**31", std::to_string(*size));
        *axes[i] = adaptive_axis(e.spatial[i], size.value_or(e.spatial[i]));
    }
    check_size(function, s.n, s.c, s.d, s.h, s.w);
    return s;
}

bool is_uniform(const PoolShape& s) { return is_uniform(s.d) && is_uniform(s.h) && is_uniform(s.w); }

template <class T>
void run_adaptive(const Pooling<T>& pooling, const Context& context) {
    if (is_uniform(pooling.shape)) return run(pooling, context);
    with_channels_as_axis(
        pooling, [&](const Pooling<T>& p) { run_call(PoolCall<T>{p, context.kernels<T>(), context.threads}); });
}

template <class T>
void run_adaptive(const Pooling<T>& pooling) {
    if (pooling.shape.n > 0) run_adaptive(pooling, decide(work(pooling.shape)));
}

#define CONVX_INSTANTIATE(T)                       \
    template void run_adaptive(const Pooling<T>&); \
    template void run_adaptive(const Pooling<T>&, const Context&);
CONVX_NUMBERS(CONVX_INSTANTIATE)

}  // namespace convx::pool
