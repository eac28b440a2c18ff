#include "winograd_joined.h"

#include "../runtime/parallel.h"
#include "winograd_schemes.h"

namespace convx::winograd {
namespace {

enum class Taps { as_they_are, along_d, along_w };

template <class A>
Taps taps_of(const A& d, const A& h, const A& w, Border border, bool is_part) {
    if (is_part) return Taps::as_they_are;
    if (d.kernel > 1 && is_free(h) && is_free(w)) return Taps::along_d;
    const bool far = border == Border::zeros && w.kernel > 1 && w.dilation > 1 && w.stride == 1;
    return far && is_free(d) && is_free(h) ? Taps::along_w : Taps::as_they_are;
}
Taps taps_of(const ConvSpec& s) { return taps_of(s.window[0], s.window[1], s.window[2], s.border, s.is_part); }
Taps taps_of(const ConvShape& s) { return taps_of(s.d, s.h, s.w, s.border, s.is_part); }

Axis free(int64_t size) { return {size, size}; }

// Elements `step` apart, if they are.
struct Line {
    int64_t size, step;
    bool even = true;
};
Line line(const Line& outer, const Line& inner) {
    const bool follow = outer.size == 1 || inner.size == 1 || outer.step == inner.size * inner.step;
    return {outer.size * inner.size, inner.size > 1 ? inner.step : outer.step, outer.even && inner.even && follow};
}

// The axes joined(s) of x. False: x lies otherwise.
template <class T>
bool lies(const ConvShape& s, const View<const T>& x, View<const T>& axes) {
    Line d{s.d.in, x.d}, h{s.h.in, x.h}, w{s.w.in, x.w};
    const Taps taps = taps_of(s);
    if (taps == Taps::along_d) {
        w = line(h, w);
        h = d;
    } else if (taps == Taps::along_w) {
        d = line(d, h);
        h = w;
        w = {1, 0};
    }
    bool even = d.even && w.even;
    if (has_gaps(joined(s))) {
        w = line(h, w);
        even = even && w.even && (w.step == 1 || x.c == 1);
    }
    axes = {x.data, x.n, x.c, d.step, h.step, w.step};
    return even;
}

template <class T>
Buffer<T> copied(const ConvShape& s, const View<const T>& x, const Kernels<T>& k, int threads) {
    const int64_t plane = s.h.in * s.w.in, channel = s.d.in * plane;
    Buffer<T> copy(s.n * s.c * channel, Lifetime::call);
    parallel_tasks(s.n * s.c * s.d.in, threads, [&](int64_t i, int) {
        const T* const from = plane_of(x, s.c, i / s.d.in) + i % s.d.in * x.d;
        k.copy_rows({from, copy.data() + i * plane, s.h.in, x.h, s.w.in, x.w, 0, s.w.in, 0, T(0)});
    });
    return copy;
}

}  // namespace

ConvSpec joined(const ConvSpec& s) {
    const Taps taps = taps_of(s);
    if (taps == Taps::as_they_are) return s;
    ConvSpec j = s;
    j.window[1] = s.window[taps == Taps::along_d ? 0 : 2];
    j.window[0] = j.window[2] = {};
    return j;
}

ConvShape joined(const ConvShape& s) {
    const Taps taps = taps_of(s);
    if (taps == Taps::as_they_are) return s;
    ConvShape j = s;
    j.d = taps == Taps::along_d ? Axis{} : free(s.d.in * s.h.in);
    j.h = taps == Taps::along_d ? s.d : s.w;
    j.w = taps == Taps::along_d ? free(s.h.in * s.w.in) : Axis{};
    return j;
}

template <class T>
View<const T> joined(const ConvShape& s, const View<const T>& x, const Kernels<T>& k, int threads, Buffer<T>& kept) {
    View<const T> axes;
    if (lies(s, x, axes)) return axes;
    kept = copied(s, x, k, threads);
    const int64_t plane = s.h.in * s.w.in, channel = s.d.in * plane;
    lies<T>(s, {kept.data(), s.c * channel, channel, plane, s.w.in, 1}, axes);
    return axes;
}

#define CONVX_INSTANTIATE(T) \
    template View<const T> joined(const ConvShape&, const View<const T>&, const Kernels<T>&, int, Buffer<T>&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::winograd
