#include "residual.h"

#include "../convx/shape/message.h"

namespace convx::bindings {

Residual::Residual(const std::string& function, py::handle value, const Dtype& dtype, const Shape& shape) {
    if (value.is_none()) return;
    const Array a = readable(as_array(function, "residual", value));
    if (!is_same(a.dtype(), dtype))
        throw py::type_error(function + ": residual must have the result's dtype " + dtype_name(dtype) +
                             " (convert it by .astype), got dtype " + dtype_name(a.dtype()));
    if (a.shape() != shape)
        fail(function, "residual must have the result's shape " + show(shape), "shape " + show(a.shape()));
    given_ = a;
}

const Array* Residual::apart_from(py::handle out) const {
    if (!given_) return nullptr;
    if (!is_array(out)) return &given_;
    const Array a = py::reinterpret_borrow<Array>(out);
    const bool same = a.data() == given_.data() && a.shape() == given_.shape() && a.strides() == given_.strides();
    return same ? nullptr : &given_;
}

}  // namespace convx::bindings
