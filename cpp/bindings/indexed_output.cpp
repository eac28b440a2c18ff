#include "indexed_output.h"

#include "args.h"

namespace convx::bindings {
namespace {

py::object part(const std::string& function, py::handle out, size_t which) {
    if (out.is_none()) return py::none();
    if (!PyTuple_Check(out.ptr()) || PyTuple_GET_SIZE(out.ptr()) != 2)
        type_error(function, "out", "must be a tuple of two arrays, for values and indices", out);
    py::object array = py::reinterpret_borrow<py::tuple>(out)[which];
    if (!py::isinstance<py::array>(array))
        type_error(function, "out", "must be a tuple of two arrays, for values and indices", out);
    return array;
}

}  // namespace

// Where the two overlap, the indices are written last.
IndexedOutput::IndexedOutput(const PoolSpec& spec, py::handle out, const py::dtype& dtype, const Shape& shape,
                             const py::array& x)
    : value_out_(part(spec.function, out, 0)),
      index_out_(part(spec.function, out, 1)),
      values_(pool_output(spec, value_out_, dtype, shape, {&x})),
      given_(out.is_none() ? py::array() : py::reinterpret_borrow<py::array>(value_out_)),
      indices_(pool_output(spec, index_out_, py::dtype::of<int64_t>(), shape, {&x, &given_})) {}

py::tuple IndexedOutput::finish() {
    py::array values = values_.finish();
    return py::make_tuple(std::move(values), indices_.finish());
}

}  // namespace convx::bindings
