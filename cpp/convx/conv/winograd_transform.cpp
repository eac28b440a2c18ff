#include "winograd_transform.h"

#include <limits>

#include "../runtime/context.h"

namespace convx::winograd {
namespace {

// The kernels work on vectors of tiles or channels; this one is in lane 0.
template <class T>
std::vector<T> spread(const T* tile, int64_t count, int64_t step) {
    std::vector<T> v(static_cast<size_t>((count + 1) * step));
    for (int64_t i = 0; i < count; ++i) v[static_cast<size_t>(i * step)] = tile[i];
    return v;
}

template <class T>
std::vector<T> gathered(const std::vector<T>& v, int64_t count, int64_t step) {
    std::vector<T> tile(static_cast<size_t>(count));
    for (int64_t i = 0; i < count; ++i) tile[static_cast<size_t>(i)] = v[static_cast<size_t>(i * step)];
    return tile;
}

}  // namespace

Sides before(const Scheme& s, Stage stage) {
    return stage == Stage::weight ? Sides{s.h.taps, s.w.taps} : Sides{s.h.points, s.w.points};
}

Sides after(const Scheme& s, Stage stage) {
    switch (stage) {
        case Stage::weight:
            return {s.h.weights(), s.w.weights()};
        case Stage::input:
            return {s.h.points, s.w.points};
        default:
            return {s.h.outputs(), s.w.outputs()};
    }
}

template <class T>
std::vector<T> transform(const Scheme& s, Stage stage, const T* tile) {
    const Kernels<T>& k = decide(0).kernels<T>();
    const Sides in = before(s, stage), out = after(s, stage);
    const std::vector<T> from = spread(tile, in.h * in.w, k.nr);
    std::vector<T> to(static_cast<size_t>((out.h * out.w + 1) * k.nr));
    const int64_t nr = k.nr;
    if (stage == Stage::weight) {
        const std::vector<double> gh = s.h.g(), gw = s.w.g();
        k.winograd_weight({from.data(), to.data(), gh.data(), gw.data(), 1, 0, nr, out.h, out.w, in.h, in.w});
    } else if (stage == Stage::input) {
        k.winograd_input({from.data(), to.data(), 1, 1, 1, 0, in.w * nr, nr, s.w.step(), 0, nr, in.h, in.w});
    } else {
        constexpr T INF = std::numeric_limits<T>::infinity();
        const Epilogue<T> none{nullptr, Activation::clamp, -INF, INF};
        k.winograd_output({from.data(), to.data(), 1, out.w, out.h, nr, nr, out.h * out.w, out.w, 1, 1, 1, in.h, in.w,
                           out.h, out.w, none});
    }
    return gathered(to, out.h * out.w, stage == Stage::output ? 1 : nr);
}

#define CONVX_INSTANTIATE(T) template std::vector<T> transform(const Scheme&, Stage, const T*);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::winograd
