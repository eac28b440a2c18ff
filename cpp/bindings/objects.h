// Python objects through pybind11's handles, and what an argument says of itself. Its own exceptions come out as they
// are: only AttributeError tells of an attribute, only TypeError and ValueError of a number.
//
// pybind11's other headers cost five seconds of compilation in every file: module.cpp and arrays.cpp alone have them,
// and with them all that makes or reads a py::error_already_set.
#pragma once
#include <pybind11/pytypes.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "../convx/shape/shape.h"

namespace convx::bindings {

namespace py = pybind11;

[[noreturn, gnu::cold]] void raise();  // the exception that Python has set

// A new reference that Python returned, or its exception where that is null.
py::object made(PyObject* reference);

py::object call(py::handle callable, std::initializer_list<py::handle> arguments);
py::object numpy(const char* name);  // numpy.<name>

py::object to_python(int64_t value);
py::object to_python(bool value);
py::object to_python(const char* text);
py::object to_python(const Shape& shape);  // a tuple
py::object to_python(const std::vector<std::string>& texts);
py::object to_python(const std::vector<std::pair<std::string, std::string>>& texts);  // a dict
py::object make_tuple(std::initializer_list<py::object> items);

void set_item(py::handle dict, const char* key, const py::object& value);

std::string text_of(py::handle value);  // a str in UTF-8; what that cannot hold is escaped
std::string shown(py::handle value);    // its repr
bool is_text(py::handle value, const char* ascii);

// Null where there is none.
py::object attribute(py::handle value, const char* name);

bool is_sequence(py::handle value);  // of anything but characters and bytes
py::tuple as_tuple(py::handle value);
inline py::handle item_of(const py::tuple& items, size_t i) {
    return PyTuple_GET_ITEM(items.ptr(), static_cast<Py_ssize_t>(i));
}

// `whole` is what the user passed, for the message; `rule` is what a TypeError says.
int64_t to_int64(const std::string& function, const char* argument, py::handle item, py::handle whole,
                 const char* rule);
double to_double(const std::string& function, const char* argument, py::handle item, py::handle whole,
                 const char* rule);
bool is_bool(py::handle value);  // Python's or NumPy's
bool to_bool(const std::string& function, const char* argument, py::handle value);

[[noreturn, gnu::cold]] void type_error(const std::string& function, const char* argument, const std::string& rule,
                                        py::handle value);

// To be called with an exception set: it becomes the cause of a TypeError if it is one or a ValueError.
[[noreturn, gnu::cold]] void refused(const std::string& function, const char* argument, const std::string& rule,
                                     py::handle value);

}  // namespace convx::bindings
