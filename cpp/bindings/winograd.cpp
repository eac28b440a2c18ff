// _core.get_winograd, set_winograd, and one tile through one transform: for tests against the literal matrices.
#include "../convx/conv/winograd.h"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <limits>
#include <vector>

#include "../convx/conv/winograd_schemes.h"
#include "../convx/isa.h"
#include "../convx/message.h"
#include "args.h"
#include "module.h"

namespace convx::bindings {
namespace {

using winograd::Scheme;

template <class T>
using Tile = py::array_t<T, py::array::c_style | py::array::forcecast>;

// The kernels work on vectors of tiles or channels; this one is in lane 0.
template <class T>
std::vector<T> spread(const Tile<T>& tile, int64_t side, int64_t step) {
    if (tile.ndim() != 2 || tile.shape(0) != side || tile.shape(1) != side)
        fail("winograd_transform", "tile must have shape " + show({side, side}),
             "shape " + show(Shape(tile.shape(), tile.shape() + tile.ndim())));
    std::vector<T> v(static_cast<size_t>((side * side + 1) * step));
    for (int64_t i = 0; i < side * side; ++i) v[static_cast<size_t>(i * step)] = tile.data()[i];
    return v;
}

template <class T>
Tile<T> gathered(const std::vector<T>& v, int64_t side, int64_t step) {
    Tile<T> tile({side, side});
    for (int64_t i = 0; i < side * side; ++i) tile.mutable_data()[i] = v[static_cast<size_t>(i * step)];
    return tile;
}

template <class T>
py::array transform(const Scheme& s, const std::string& stage, const Tile<T>& tile) {
    const Kernels<T>& k = kernels_of<T>(*active_isa().kernels);
    const int n = s.n();
    if (stage == "weight") {
        const std::vector<T> w = spread<T>(tile, s.r, k.nr);
        std::vector<T> u(static_cast<size_t>(s.weights() * k.nr));
        k.winograd_weight({w.data(), u.data(), s.g, 1, k.nr, s.u, s.r});
        return gathered<T>(u, s.u, k.nr);
    }
    const std::vector<T> from = spread<T>(tile, n, k.nr);
    std::vector<T> to(static_cast<size_t>((s.points() + 1) * k.nr));
    if (stage == "input") {
        std::vector<int64_t> tap;
        for (int i = 0; i < s.points(); ++i) tap.push_back(i * k.nr);
        k.winograd_input({from.data(), to.data(), tap.data(), 1, 1, 1, 0, 0, 0, k.nr, n});
        return gathered<T>(to, n, k.nr);
    }
    constexpr T INF = std::numeric_limits<T>::infinity();
    const Epilogue<T> none{nullptr, Activation::clamp, -INF, INF};
    k.winograd_output({from.data(), to.data(), 1, s.m, s.m, k.nr, k.nr, s.m * s.m, s.m, 1, 1, n, s.m, none});
    return gathered<T>(to, s.m, 1);
}

py::array any_transform(int variant, const std::string& stage, const py::array& tile) {
    const Scheme& scheme = winograd::scheme_of(variant);
    return tile.itemsize() == 8 ? transform<double>(scheme, stage, tile) : transform<float>(scheme, stage, tile);
}

}  // namespace

void bind_winograd(py::module_& m) {
    m.def("get_winograd", &winograd::allowed);
    m.def("set_winograd", [](py::handle enabled) { winograd::allow(parse_bool("set_winograd", "enabled", enabled)); });
    m.def("winograd_transform", &any_transform);
}

}  // namespace convx::bindings
