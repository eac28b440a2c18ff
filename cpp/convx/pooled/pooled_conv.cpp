#include "pooled_conv.h"

#include <algorithm>
#include <numeric>

#include "../pool/pool.h"
#include "../runtime/cache.h"
#include "../runtime/parallel.h"
#include "../runtime/workspace.h"

namespace convx::pooled {
namespace {

constexpr int64_t LEAST_PIXELS = 1024;  // of a part, or Winograd passes over its weights more often than it gains
constexpr int64_t LEAST_TASKS = 3;      // for each thread; of seven, two threads waste an eighth

double work(const ConvShape& s, const PoolShape& p) { return s.flops() + pool::work(p); }

// Rows of the pooling's output to a part, whose maps L2 holds; all of them: parts gain nothing.
int64_t part_rows(const ConvShape& s, const PoolShape& p, int64_t step, int64_t element, int threads) {
    const double row = static_cast<double>(s.k) * static_cast<double>(s.w.out) * static_cast<double>(element);
    const auto room = static_cast<double>(caches().l2);
    if (!step || p.h.lo > 0 || p.h.kernel > p.h.stride || row * static_cast<double>(s.h.out) <= 4 * room)
        return p.h.out;
    const int64_t unit = std::lcm(step, p.h.stride) / p.h.stride;  // where both may begin
    const auto rows = static_cast<int64_t>(room / row) / p.h.stride / unit * unit;
    if (rows * p.h.stride * s.w.out < LEAST_PIXELS) return p.h.out;
    const int64_t tasks = s.n * ceil_div(p.h.out, rows);
    const bool even = tasks >= LEAST_TASKS * threads && round_up(tasks, threads) <= tasks + tasks / 10;
    return threads == 1 || even ? std::min(rows, p.h.out) : p.h.out;
}

// The pooling of some rows alone, of one image.
PoolShape part_of(const PoolShape& p, const Range& rows, int64_t in) {
    PoolShape part = p;
    part.n = 1;
    part.h.in = in;
    part.h.out = rows.size();
    if (rows.end < p.h.out) part.h.hi = 0;
    return part;
}

template <class T>
View<const T> contiguous(const T* data, const PoolShape& p) {
    const int64_t row = p.w.in, plane = p.h.in * row, volume = p.d.in * plane;
    return {data, p.c * volume, volume, plane, row, 1};
}

template <class T>
struct Parts {
    Pieces rows;
    Workspace workspace;
    Part<T> maps, pooled;

    Parts(const ConvShape& s, const PoolShape& p, int64_t size, int threads)
        : rows{p.h.out, size},
          workspace(threads),
          maps(workspace.own<T>(s.k * std::min(size * p.h.stride, s.h.out) * s.w.out)),
          pooled(workspace.own<T>(s.k * size * p.w.out)) {}
};

template <class T>
void run_whole(Convolution<T>& convolution, const ConvShape& s, const PoolSpec& pooling, const PoolShape& p,
               const View<const T>& x, T* out) {
    const Buffer<T> maps(s.n * s.k * s.pixels(), Lifetime::call);
    convolution.run(s, x, maps.data());
    pool::run(pool::Pooling<T>{pooling, p, contiguous<T>(maps.data(), p), out, pool::Kind::max});
}

}  // namespace

PoolShape pool_shape(const ConvSpec& spec, const ConvShape& shape, const PoolSpec& pooling) {
    const Shape maps = output_shape(spec, shape);
    return convx::pool_shape(pooling, maps.data(), static_cast<int>(maps.size()));
}

template <class T>
void run(Convolution<T>& convolution, const ConvSpec& spec, const ConvShape& s, const PoolSpec& pooling,
         const View<const T>& x, T* out) {
    if (s.n == 0) return;
    const PoolShape p = pool_shape(spec, s, pooling);
    const Context call = decide(work(s, p));
    if (part_rows(s, p, 1, sizeof(T), call.threads) == p.h.out) return run_whole(convolution, s, pooling, p, x, out);
    const typename Convolution<T>::ByRows by_rows(convolution, call, s, x);
    const int64_t size = part_rows(s, p, by_rows.step(), sizeof(T), call.threads);
    if (size == p.h.out) return run_whole(convolution, s, pooling, p, x, out);
    Parts<T> parts(s, p, size, call.threads);
    parts.workspace.allocate();
    const Context alone{call.isa, 1};
    parallel_tasks(s.n * parts.rows.count(), call.threads, [&](int64_t task, int thread) {
        T *const maps = parts.workspace.at(parts.maps, thread), *const pooled =
                                                                    parts.workspace.at(parts.pooled, thread);
        const int64_t image = task / parts.rows.count();
        const Range rows = parts.rows.at(task % parts.rows.count());
        const int64_t first = rows.begin * p.h.stride, last = first + (rows.size() - 1) * p.h.stride + p.h.kernel,
                      end = std::min(round_up(last, by_rows.step()), s.h.out);
        by_rows.run(image, {first, end}, maps);
        const PoolShape part = part_of(p, rows, end - first);
        pool::run(pool::Pooling<T>{pooling, part, contiguous<T>(maps, part), pooled, pool::Kind::max}, alone);
        const int64_t count = rows.size() * p.w.out;
        for (int64_t k = 0; k < s.k; ++k)
            std::copy_n(pooled + k * count, count, out + ((image * s.k + k) * p.h.out + rows.begin) * p.w.out);
    });
}

template <class T>
int64_t workspace_bytes(Convolution<T>& convolution, const ConvSpec& spec, const ConvShape& s,
                        const PoolSpec& pooling) {
    const PoolShape p = pool_shape(spec, s, pooling);
    const int64_t element = sizeof(T);
    const int threads = decide(work(s, p)).threads;
    const int64_t size = part_rows(s, p, 1, element, threads);  // as if parts could begin at any row
    const int64_t scratch =
        size < p.h.out ? Parts<T>(s, p, size, threads).workspace.bytes() : s.n * s.k * s.pixels() * element;
    return convolution.workspace_bytes(s) + scratch;
}

#define CONVX_INSTANTIATE(T)                                                                                          \
    template void run(Convolution<T>&, const ConvSpec&, const ConvShape&, const PoolSpec&, const View<const T>&, T*); \
    template int64_t workspace_bytes(Convolution<T>&, const ConvSpec&, const ConvShape&, const PoolSpec&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::pooled
