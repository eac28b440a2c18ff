#include "pool_output.h"

namespace convx::bindings {

Output pool_output(const PoolSpec& spec, py::handle out, const Dtype& dtype, const Shape& shape,
                   std::initializer_list<const Array*> inputs) {
    if (pool::output_format(spec) == DataFormat::channels_last)
        return {spec.function, out, dtype, in_format(shape, spec.rank, spec.format), inputs};
    return {spec.function, out, dtype, shape, inputs, spec.format, spec.rank};
}

namespace {

py::object part(const std::string& function, py::handle out, Py_ssize_t which) {
    if (out.is_none()) return py::none();
    const char* rule = "must be a tuple of two arrays, for values and indices";
    if (!PyTuple_Check(out.ptr()) || PyTuple_GET_SIZE(out.ptr()) != 2) type_error(function, "out", rule, out);
    py::object array = py::reinterpret_borrow<py::object>(PyTuple_GET_ITEM(out.ptr(), which));
    if (!is_array(array)) type_error(function, "out", rule, out);
    return array;
}

}  // namespace

// Where the two overlap, the indices are written last.
IndexedOutput::IndexedOutput(const PoolSpec& spec, py::handle out, const Dtype& dtype, const Shape& shape,
                             const Array& x)
    : value_out_(part(spec.function, out, 0)),
      index_out_(part(spec.function, out, 1)),
      values_(pool_output(spec, value_out_, dtype, shape, {&x})),
      given_(out.is_none() ? Array() : py::reinterpret_borrow<Array>(value_out_)),
      indices_(pool_output(spec, index_out_, dtype_of<int64_t>(), shape, {&x, given_ ? &given_ : nullptr})) {}

py::object IndexedOutput::finish() {
    py::object values = values_.finish();
    return make_tuple({std::move(values), indices_.finish()});
}

}  // namespace convx::bindings
