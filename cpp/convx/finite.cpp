#include "finite.h"

#include <algorithm>
#include <utility>

namespace convx {
namespace {

struct Dim {
    int64_t count, stride;
};

// dims[0] is the outermost.
template <class T>
bool scan(const T* x, const Dim* dims, const Dim* last, const Kernels<T>& k) {
    if (dims == last && dims->stride == 1) return k.all_finite(x, dims->count);
    for (int64_t i = 0; i < dims->count; ++i)
        if (!(dims == last ? k.all_finite(x + i * dims->stride, 1) : scan(x + i * dims->stride, dims + 1, last, k)))
            return false;
    return true;
}

}  // namespace

// Whatever the layout, neighbours in memory are looked at together.
template <class T>
bool all_finite(const ConvShape& s, const View<const T>& x, const Kernels<T>& k) {
    Dim dims[] = {{s.n, x.n}, {s.c, x.c}, {s.d.in, x.d}, {s.h.in, x.h}, {s.w.in, x.w}};
    Dim* const end = std::remove_if(dims, dims + 5, [](const Dim& d) { return d.count == 1; });
    if (end == dims) return k.all_finite(x.data, 1);
    for (Dim* d = dims + 1; d < end; ++d)
        for (Dim* e = d; e > dims && e[-1].stride < e->stride; --e) std::swap(e[-1], *e);
    Dim* last = dims;
    for (const Dim* d = dims + 1; d < end; ++d) {
        if (last->stride == d->stride * d->count)
            *last = {last->count * d->count, d->stride};
        else
            *++last = *d;
    }
    return scan(x.data, dims, last, k);
}

template bool all_finite(const ConvShape&, const View<const float>&, const Kernels<float>&);
template bool all_finite(const ConvShape&, const View<const double>&, const Kernels<double>&);

}  // namespace convx
