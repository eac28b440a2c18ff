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

int side_before(const Scheme& s, Stage stage) { return stage == Stage::weight ? s.r : s.n(); }

int side_after(const Scheme& s, Stage stage) {
    return stage == Stage::weight ? s.u : stage == Stage::input ? s.n() : s.m;
}

template <class T>
std::vector<T> transform(const Scheme& s, Stage stage, const T* tile) {
    const Kernels<T>& k = decide(0).kernels<T>();
    const int n = s.n(), before = side_before(s, stage), after = side_after(s, stage);
    const std::vector<T> from = spread(tile, before * before, k.nr);
    std::vector<T> to(static_cast<size_t>((after * after + 1) * k.nr));
    if (stage == Stage::weight) {
        k.winograd_weight({from.data(), to.data(), s.g, 1, k.nr, s.u, s.r});
    } else if (stage == Stage::input) {
        std::vector<int64_t> tap(static_cast<size_t>(s.points()));
        for (int i = 0; i < s.points(); ++i) tap[static_cast<size_t>(i)] = i * k.nr;
        k.winograd_input({from.data(), to.data(), tap.data(), 1, 1, 1, 0, 0, 0, k.nr, n});
    } else {
        constexpr T INF = std::numeric_limits<T>::infinity();
        const Epilogue<T> none{nullptr, Activation::clamp, -INF, INF};
        k.winograd_output({from.data(), to.data(), 1, s.m, s.m, k.nr, k.nr, s.m * s.m, s.m, 1, 1, n, s.m, none});
    }
    return gathered(to, after * after, stage == Stage::output ? 1 : k.nr);
}

#define CONVX_INSTANTIATE(T) template std::vector<T> transform(const Scheme&, Stage, const T*);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::winograd
