#include "finite.h"

#include <algorithm>
#include <utility>

#include "../runtime/interrupt.h"

namespace convx {
namespace {

struct Dim {
    int64_t count, stride;
};
constexpr Dim ONE{1, 1};

// dims[0] is the outermost.
template <class T>
bool scan(const T* x, const Dim* dims, const Dim* last, const Kernels<T>& k, Pace& pace) {
    if (dims == last && dims->stride == 1) {
        pace.step(dims->count);
        return all_finite(x, dims->count, k);
    }
    for (int64_t i = 0; i < dims->count; ++i) {
        const T* const at = x + i * dims->stride;
        if (!(dims == last ? scan(at, &ONE, &ONE, k, pace) : scan(at, dims + 1, last, k, pace))) return false;
    }
    return true;
}

}  // namespace

template <class T>
bool all_finite(const T* x, int64_t count, const Kernels<T>& k) {
    bool finite = true;
    in_pieces(count, [&](int64_t first, int64_t n) { finite = finite && k.all_finite({x + first, n}); });
    return finite;
}

// Whatever the layout, neighbours in memory are looked at together, and no element twice.
template <class T>
bool all_finite(const ConvShape& s, const View<const T>& x, const Kernels<T>& k) {
    Dim dims[] = {{s.n, x.n}, {s.c, x.c}, {s.d.in, x.d}, {s.h.in, x.h}, {s.w.in, x.w}};
    Dim* const end = std::remove_if(dims, dims + 5, [](const Dim& d) { return d.count == 1 || d.stride == 0; });
    if (end == dims) return k.all_finite({x.data, 1});
    for (Dim* d = dims + 1; d < end; ++d)
        for (Dim* e = d; e > dims && e[-1].stride < e->stride; --e) std::swap(e[-1], *e);
    Dim* last = dims;
    for (const Dim* d = dims + 1; d < end; ++d) {
        if (last->stride == d->stride * d->count)
            *last = {last->count * d->count, d->stride};
        else
            *++last = *d;
    }
    Pace pace;
    return scan(x.data, dims, last, k, pace);
}

#define CONVX_INSTANTIATE(T)                                        \
    template bool all_finite(const T*, int64_t, const Kernels<T>&); \
    template bool all_finite(const ConvShape&, const View<const T>&, const Kernels<T>&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx
