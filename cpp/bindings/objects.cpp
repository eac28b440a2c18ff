#include "objects.h"

#include <pybind11/numpy.h>

#include "../convx/message.h"

namespace convx::bindings {
namespace {

// Asked of the type, as float() does: no code of the object's own runs.
bool has_float(py::handle value) {
    const PyNumberMethods* methods = Py_TYPE(value.ptr())->tp_as_number;
    return methods && methods->nb_float;
}

}  // namespace

std::string text_of(py::handle value) {
    const auto bytes =
        py::reinterpret_steal<py::bytes>(PyUnicode_AsEncodedString(value.ptr(), "utf-8", "backslashreplace"));
    if (!bytes) throw py::error_already_set();
    return bytes;
}

std::string shown(py::handle value) { return text_of(py::repr(value)); }

py::object attribute(py::handle value, const char* name) {
    py::object found = py::reinterpret_steal<py::object>(PyObject_GetAttrString(value.ptr(), name));
    if (found) return found;
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) throw py::error_already_set();
    PyErr_Clear();
    return found;
}

bool is_sequence(py::handle value) {
    if (PyTuple_Check(value.ptr()) || PyList_Check(value.ptr())) return true;
    if (py::isinstance<py::array>(value)) return py::reinterpret_borrow<py::array>(value).ndim() > 0;
    return PySequence_Check(value.ptr()) && !PyUnicode_Check(value.ptr()) && !PyBytes_Check(value.ptr()) &&
           !PyByteArray_Check(value.ptr()) && !PyDict_Check(value.ptr());
}

py::tuple as_tuple(py::handle value) {
    py::object items = py::reinterpret_steal<py::object>(PySequence_Tuple(value.ptr()));
    if (!items) throw py::error_already_set();
    return py::tuple(std::move(items));
}

int64_t to_int64(const std::string& function, const char* argument, py::handle item, py::handle whole,
                 const char* rule) {
    if (PyBool_Check(item.ptr()) || !PyIndex_Check(item.ptr())) type_error(function, argument, rule, whole);
    const py::object index = py::reinterpret_steal<py::object>(PyNumber_Index(item.ptr()));
    if (!index) refused(function, argument, rule, whole);
    int overflow = 0;
    const int64_t x = PyLong_AsLongLongAndOverflow(index.ptr(), &overflow);
    if (overflow)
        fail(function, std::string(argument) + (overflow > 0 ? " must be < 2**31" : " must be >= -2**63"),
             shown(whole));
    return x;
}

double to_double(const std::string& function, const char* argument, py::handle item, py::handle whole,
                 const char* rule) {
    const bool number = PyFloat_Check(item.ptr()) || PyIndex_Check(item.ptr()) || has_float(item);
    if (!number || PyBool_Check(item.ptr()) || PyUnicode_Check(item.ptr()) || is_numpy_bool(item))
        type_error(function, argument, rule, whole);
    const double x = PyFloat_AsDouble(item.ptr());
    if (x != -1 || !PyErr_Occurred()) return x;
    const bool is_int = PyLong_Check(item.ptr()) || !has_float(item);
    if (!is_int || !PyErr_ExceptionMatches(PyExc_OverflowError)) refused(function, argument, rule, whole);
    PyErr_Clear();
    fail(function, std::string(argument) + " must be within the range of float64", shown(whole));
}

bool is_numpy_bool(py::handle value) { return py::isinstance(value, py::module_::import("numpy").attr("bool_")); }

void type_error(const std::string& function, const char* argument, const std::string& rule, py::handle value) {
    throw py::type_error(function + ": " + argument + " " + rule + ", got " + shown(value));
}

void refused(const std::string& function, const char* argument, const std::string& rule, py::handle value) {
    py::error_already_set cause;
    if (!cause.matches(PyExc_TypeError) && !cause.matches(PyExc_ValueError)) throw cause;
    const std::string text = function + ": " + argument + " " + rule + ", got " + shown(value);
    py::raise_from(cause, PyExc_TypeError, text.c_str());
    throw py::error_already_set();
}

}  // namespace convx::bindings
