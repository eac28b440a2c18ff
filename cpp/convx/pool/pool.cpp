#include "pool.h"

#include <algorithm>
#include <type_traits>

#include "../runtime/trace.h"
#include "../shape/taps.h"
#include "pool_layout.h"
#include "pool_paths.h"

namespace convx::pool {

DataFormat output_format(const PoolSpec& spec) { return spec.rank < AXES ? spec.format : DataFormat::channels_first; }

double work(const PoolShape& s) {
    const double elements = static_cast<double>(s.n) * static_cast<double>(s.c) * static_cast<double>(s.d.in) *
                            static_cast<double>(s.h.in) * static_cast<double>(s.w.in);
    return elements * std::min(3.0 * static_cast<double>(s.d.kernel + s.h.kernel + s.w.kernel), 100.0);
}

int64_t counted(const Axis& a, int64_t o, bool include_pad) {
    if (!include_pad) return live_taps(a, o, o + 1).size();
    const int64_t start = o * a.stride - a.lo, end = std::min(start + a.extent(), a.in + a.hi);
    return 1 + (end - start - 1) / a.dilation;
}

Axis trimmed(Axis a) {
    const Range live = live_taps(a, 0, a.out);
    a.kernel = live.size();
    a.lo -= live.begin * a.dilation;
    return a;
}

namespace {

template <class T>
const Algorithm<T> ALGORITHMS[] = {images::row<T>(), volumes::row<T>(), strips::row<T>(), general::row<T>()};

template <class T>
const Algorithm<T> FOR_INTEGERS[] = {volumes::row<T>(), strips::row<T>(), general::row<T>()};

template <class T>
void run_call(const PoolCall<T>& call) {
    double least = NOT_TAKEN;  // none is asked where a cheaper one takes the call
    const auto cost = [&](const Algorithm<T>& a) {
        return a.cost < least && a.supports(call) ? least = a.cost : NOT_TAKEN;
    };
    const Algorithm<T>* algorithm;
    if constexpr (std::is_floating_point_v<T>)
        algorithm = &cheapest(ALGORITHMS<T>, cost);
    else
        algorithm = &cheapest(FOR_INTEGERS<T>, cost);
    trace::ran(algorithm->name);
    algorithm->run(call);
}

}  // namespace

template <class T>
void run(const Pooling<T>& pooling, const Context& context) {
    as_it_lies(pooling, [&](const Pooling<T>& p) { run_call(PoolCall<T>{p, context.kernels<T>(), context.threads}); });
}

template <class T>
void run(const Pooling<T>& pooling) {
    if (pooling.shape.n > 0) run(pooling, decide(work(pooling.shape)));
}

// Pooling across maps is pooling per map with the axis of the maps seen as depth.
template <class T>
void maxout(const T* x, int64_t before, int64_t maps, int64_t after, int64_t size, T* out) {
    if (before == 0 || after == 0) return;
    const PoolSpec spec{"maxout", 3, false, true, {}, {}};
    const PoolShape shape{before, 1, {maps, maps / size, size, size, 1, 0, 0}, {}, {after, after, 1, 1, 1, 0, 0}, true};
    const int64_t plane = maps * after;
    run(Pooling<T>{spec, shape, {x, plane, plane, after, after, 1}, out, Kind::max});
}

#define CONVX_INSTANTIATE(T)                              \
    template void run(const Pooling<T>&);                 \
    template void run(const Pooling<T>&, const Context&); \
    template void maxout(const T*, int64_t, int64_t, int64_t, int64_t, T*);
CONVX_NUMBERS(CONVX_INSTANTIATE)

}  // namespace convx::pool
