#include "numbers.h"

#include "../convx/message.h"
#include "args.h"

namespace convx::bindings {

py::array as_number_array(const std::string& function, const char* argument, py::handle value) {
    const py::array a = as_array(function, argument, value);
    const py::dtype d = a.dtype();
    const bool plain_float = d.kind() == 'f' && (d.itemsize() == 4 || d.itemsize() == 8);
    if (plain_float || d.kind() == 'b' || d.kind() == 'i' || d.kind() == 'u') return readable(a);
    if (d.kind() == 'f' || d.kind() == 'V') {
        if (dtype_name(d) == "bfloat16" || (d.kind() == 'f' && d.itemsize() <= 8))
            return as_float_array(function, argument, a);
    }
    throw py::type_error(function + ": " + argument +
                         " must be float16, bfloat16, float32, float64, an integer or bool, got dtype " +
                         dtype_name(d));
}

py::array as_indices(const std::string& function, py::handle value) {
    const py::array a = as_array(function, "indices", value);
    if (a.dtype().kind() != 'i' || a.itemsize() != 8)
        throw py::type_error(function + ": indices must have dtype int64, got dtype " + dtype_name(a.dtype()));
    return readable(a);
}

double parse_norm(const std::string& function, py::handle value) {
    const double norm = to_double(function, "norm_type", value, value, "must be a real number");
    if (!(norm > 0)) fail(function, "norm_type must be > 0", shown(value));
    return norm;
}

}  // namespace convx::bindings
