#include "residual.h"

#include "../convx/shape/message.h"
#include "output.h"

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
    return given_ && !is_same_view(out, given_) ? &given_ : nullptr;
}

}  // namespace convx::bindings
