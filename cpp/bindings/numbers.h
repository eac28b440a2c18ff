// From the dtype of an array to the type in which it is computed.
#pragma once
#include <pybind11/numpy.h>

#include <cstdint>

#include "arrays.h"

namespace convx::bindings {

// body(T{}): float for float16 and bfloat16, uint8_t for bool.
template <class Body>
auto with_float(const py::dtype& d, const Body& body) {
    return is_double(d) ? body(double{}) : body(float{});
}

template <class Body>
auto with_number(const py::dtype& d, const Body& body) {
    const bool is_signed = d.kind() == 'i';
    if (!is_signed && d.kind() != 'u' && d.kind() != 'b') return with_float(d, body);
    switch (d.itemsize()) {
        case 1:
            return is_signed ? body(int8_t{}) : body(uint8_t{});
        case 2:
            return is_signed ? body(int16_t{}) : body(uint16_t{});
        case 4:
            return is_signed ? body(int32_t{}) : body(uint32_t{});
        default:
            return is_signed ? body(int64_t{}) : body(uint64_t{});
    }
}

// Like as_float_array, and integers and bool too.
py::array as_number_array(const std::string& function, const char* argument, py::handle value);

// The places of maxima, int64.
py::array as_indices(const std::string& function, py::handle value);

// The p of an Lp norm: a real number > 0, or infinity.
double parse_norm(const std::string& function, py::handle value);

// The array in the type of the arithmetic: only float16 and bfloat16 are converted.
template <class T>
py::array computed_in(const py::array& a) {
    if constexpr (std::is_floating_point_v<T>)
        return cast_to<T>(a, false);
    else
        return a;
}

}  // namespace convx::bindings
