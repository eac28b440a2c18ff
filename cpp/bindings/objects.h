// What an argument says of itself. Its own exceptions come out as they are: only AttributeError tells of an attribute,
// only TypeError and ValueError of a number.
#pragma once
#include <pybind11/pybind11.h>

#include <string>

namespace convx::bindings {

namespace py = pybind11;

std::string text_of(py::handle value);  // a str in UTF-8; what that cannot hold is escaped
std::string shown(py::handle value);    // its repr

// Null where there is none.
py::object attribute(py::handle value, const char* name);

bool is_sequence(py::handle value);  // of anything but characters and bytes
py::tuple as_tuple(py::handle value);

// `whole` is what the user passed, for the message; `rule` is what a TypeError says.
int64_t to_int64(const std::string& function, const char* argument, py::handle item, py::handle whole,
                 const char* rule);
double to_double(const std::string& function, const char* argument, py::handle item, py::handle whole,
                 const char* rule);

bool is_numpy_bool(py::handle value);

[[noreturn]] void type_error(const std::string& function, const char* argument, const std::string& rule,
                             py::handle value);

// To be called with an exception set: it becomes the cause of a TypeError if it is one or a ValueError.
[[noreturn]] void refused(const std::string& function, const char* argument, const std::string& rule, py::handle value);

}  // namespace convx::bindings
