// Arrays of integers and what goes with them.
#pragma once
#include <pybind11/numpy.h>

#include <string>
#include <vector>

#include "../convx/integer/integers.h"
#include "../convx/shape.h"

namespace convx::bindings {

namespace py = pybind11;

bool is_integer(const py::array& a);  // of a dtype that is taken or not

// TypeError for dtypes other than those of IntType; with `bytes`, for others than int8 and uint8.
py::array as_integer_array(const std::string& function, const char* argument, py::handle value, bool bytes = false);

IntType int_type(const py::array& a);
IntView int_view(const py::array& a, int rank, bool batched);  // as view_of
std::vector<int64_t> int_values(const py::array& a);           // of one axis

struct Bounds {
    int64_t lo = INT64_MIN, hi = INT64_MAX;
};
Bounds parse_integer_activation(const std::string& function, py::handle value);
void check_integer_algorithm(const std::string& function, const std::string& name);  // throws std::invalid_argument

// One integer, or with `channels` > 0 one for each of them, in the range of an 8-bit type.
std::vector<int64_t> parse_zero_points(const std::string& function, const char* argument, py::handle value,
                                       IntType type, int64_t channels);
// Positive finite numbers, one or `channels` of them.
std::vector<float> parse_scales(const std::string& function, const char* argument, py::handle value, int64_t channels);

}  // namespace convx::bindings
