// Where a maximum pooling with indices reads and writes.
#include "../runtime/trace.h"
#include "pool_indices.h"
#include "pool_layout.h"

namespace convx::pool {
namespace {

template <class T>
View<const char> in_bytes(const View<const T>& x) {
    constexpr auto size = static_cast<int64_t>(sizeof(T));
    return {reinterpret_cast<const char*>(x.data), x.n * size, x.c * size, x.d * size, x.h * size, x.w * size};
}

}  // namespace

template <class T>
void run_with_indices(const IndexedPooling<T>& p, const Context& context) {
    const auto windows = [&](const Axis& a) {
        return p.adaptive && a.in % a.out ? adaptive_windows(a.in, a.out) : sliding_windows(a);
    };
    const auto find = [&](const PoolShape& s, const View<const T>& x, int64_t index_d, int64_t index_h,
                          int64_t index_w) {
        find_maxima<T>({windows(s.d), windows(s.h), windows(s.w), s.n, s.c, in_bytes(x), p.values, p.indices, index_d,
                        index_h, index_w, *context.isa.kernels, context.threads});
    };
    trace::ran("indices");
    const int64_t width = p.shape.w.in;
    if (lies_last(p)) return find(channels_as_axis(p.shape), channels_as_axis(p.x), width, 1, 0);
    find(p.shape, p.x, p.shape.h.in * width, width, 1);
}

template <class T>
void run_with_indices(const IndexedPooling<T>& pooling) {
    if (pooling.shape.n > 0) run_with_indices(pooling, decide(work(pooling.shape)));
}

#define CONVX_INSTANTIATE(T)                                  \
    template void run_with_indices(const IndexedPooling<T>&); \
    template void run_with_indices(const IndexedPooling<T>&, const Context&);
CONVX_NUMBERS(CONVX_INSTANTIATE)

}  // namespace convx::pool
