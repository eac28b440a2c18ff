// Python arguments to the core's terms. Types are checked here, values by the core's validator.
#pragma once
#include <pybind11/pybind11.h>

#include <optional>
#include <string>

#include "../convx/shape.h"
#include "../kernels/kernels.h"
#include "objects.h"

namespace convx::bindings {

namespace py = pybind11;

int64_t parse_int(const std::string& function, const char* argument, py::handle value);
bool parse_bool(const std::string& function, const char* argument, py::handle value);
Ints parse_ints(const std::string& function, const char* argument, py::handle value);
std::optional<Ints> parse_optional_ints(const std::string& function, const char* argument, py::handle value);
Padding parse_padding(const std::string& function, py::handle value);
Border parse_padding_mode(const std::string& function, py::handle value);
const char* name_of(Border border);
DataFormat parse_data_format(const std::string& function, py::handle value);
std::string parse_algorithm(const std::string& function, py::handle value);

// Bounds stay double until the element type is known.
Epilogue<double> parse_activation(const std::string& function, py::handle value);

}  // namespace convx::bindings
