// _core.get_winograd, set_winograd, and one tile through one transform: for tests against the literal matrices.
#include "../convx/conv/winograd.h"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <vector>

#include "../convx/conv/winograd_transform.h"
#include "../convx/message.h"
#include "args.h"
#include "arrays.h"
#include "module.h"

namespace convx::bindings {
namespace {

template <class T>
py::array transform(const winograd::Scheme& scheme, winograd::Stage stage, const py::array& tile) {
    const py::array_t<T, py::array::c_style | py::array::forcecast> given(tile);
    const int64_t before = side_before(scheme, stage), after = side_after(scheme, stage);
    if (shape_of(given) != Shape{before, before})
        fail("winograd_transform", "tile must have shape " + show({before, before}), "shape " + show(shape_of(given)));
    const std::vector<T> result = winograd::transform<T>(scheme, stage, given.data());
    return py::array_t<T>({after, after}, result.data());
}

py::array any_transform(int variant, const std::string& stage, const py::array& tile) {
    const winograd::Scheme& scheme = winograd::scheme_of(variant);
    const auto which = stage == "weight"  ? winograd::Stage::weight
                       : stage == "input" ? winograd::Stage::input
                                          : winograd::Stage::output;
    return tile.itemsize() == 8 ? transform<double>(scheme, which, tile) : transform<float>(scheme, which, tile);
}

}  // namespace

void bind_winograd(py::module_& m) {
    m.def("get_winograd", &winograd::allowed);
    m.def("set_winograd", [](py::handle enabled) { winograd::allow(parse_bool("set_winograd", "enabled", enabled)); });
    m.def("winograd_transform", &any_transform);
}

}  // namespace convx::bindings
