#include "objects.h"

#include "../convx/shape/message.h"
#include "arrays.h"

namespace convx::bindings {
namespace {

// Asked of the type, as float() does: no code of the object's own runs.
bool has_float(py::handle value) {
    const PyNumberMethods* methods = Py_TYPE(value.ptr())->tp_as_number;
    return methods && methods->nb_float;
}

bool is_numpy_bool(py::handle value) {
    const int is = PyObject_IsInstance(value.ptr(), numpy("bool_").ptr());
    if (is < 0) raise();
    return is;
}

template <class Items, class Of>
py::object tuple_of(const Items& items, const Of& of) {
    py::object tuple = made(PyTuple_New(static_cast<Py_ssize_t>(items.size())));
    Py_ssize_t i = 0;
    for (const auto& item : items) PyTuple_SET_ITEM(tuple.ptr(), i++, py::object(of(item)).release().ptr());
    return tuple;
}

}  // namespace

py::object made(PyObject* reference) {
    if (!reference) raise();
    return py::reinterpret_steal<py::object>(reference);
}

py::object call(py::handle callable, std::initializer_list<py::handle> arguments) {
    PyObject* values[4];
    size_t count = 0;
    for (const py::handle a : arguments) values[count++] = a.ptr();
    return made(PyObject_Vectorcall(callable.ptr(), values, count, nullptr));
}

py::object numpy(const char* name) {
    return made(PyObject_GetAttrString(made(PyImport_ImportModule("numpy")).ptr(), name));
}

py::object to_python(int64_t value) { return made(PyLong_FromLongLong(value)); }
py::object to_python(const char* text) { return made(PyUnicode_FromString(text)); }

py::object to_python(bool value) { return py::reinterpret_borrow<py::object>(value ? Py_True : Py_False); }
py::object to_python(const Shape& shape) {
    return tuple_of(shape, [](int64_t n) { return to_python(n); });
}
py::object to_python(const std::vector<std::string>& texts) {
    return tuple_of(texts, [](const std::string& text) { return to_python(text.c_str()); });
}
py::object to_python(const std::vector<std::pair<std::string, std::string>>& texts) {
    const py::object dict = made(PyDict_New());
    for (const auto& [name, text] : texts) set_item(dict, name.c_str(), to_python(text.c_str()));
    return dict;
}

py::object make_tuple(std::initializer_list<py::object> items) {
    return tuple_of(items, [](const py::object& item) { return item; });
}

void set_item(py::handle dict, const char* key, const py::object& value) {
    if (PyDict_SetItemString(dict.ptr(), key, value.ptr())) raise();
}

std::string text_of(py::handle value) {
    Py_ssize_t size = 0;
    if (const char* text = PyUnicode_AsUTF8AndSize(value.ptr(), &size)) return {text, static_cast<size_t>(size)};
    if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) raise();
    PyErr_Clear();
    const py::object bytes = made(PyUnicode_AsEncodedString(value.ptr(), "utf-8", "backslashreplace"));
    return {PyBytes_AS_STRING(bytes.ptr()), static_cast<size_t>(PyBytes_GET_SIZE(bytes.ptr()))};
}

std::string shown(py::handle value) { return text_of(made(PyObject_Repr(value.ptr()))); }

bool is_text(py::handle value, const char* ascii) { return PyUnicode_CompareWithASCIIString(value.ptr(), ascii) == 0; }

py::object attribute(py::handle value, const char* name) {
    py::object found = py::reinterpret_steal<py::object>(PyObject_GetAttrString(value.ptr(), name));
    if (found) return found;
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) raise();
    PyErr_Clear();
    return found;
}

bool is_sequence(py::handle value) {
    if (PyLong_CheckExact(value.ptr())) return false;
    if (PyTuple_Check(value.ptr()) || PyList_Check(value.ptr())) return true;
    if (is_array(value)) return py::reinterpret_borrow<Array>(value).ndim() > 0;
    return PySequence_Check(value.ptr()) && !PyUnicode_Check(value.ptr()) && !PyBytes_Check(value.ptr()) &&
           !PyByteArray_Check(value.ptr()) && !PyDict_Check(value.ptr());
}

py::tuple as_tuple(py::handle value) {
    return py::reinterpret_steal<py::tuple>(made(PySequence_Tuple(value.ptr())).release());
}

int64_t to_int64(const std::string& function, const char* argument, py::handle item, py::handle whole,
                 const char* rule) {
    int overflow = 0;
    int64_t x;
    if (PyLong_CheckExact(item.ptr())) {
        x = PyLong_AsLongLongAndOverflow(item.ptr(), &overflow);
    } else {
        if (PyBool_Check(item.ptr()) || !PyIndex_Check(item.ptr())) type_error(function, argument, rule, whole);
        const py::object index = py::reinterpret_steal<py::object>(PyNumber_Index(item.ptr()));
        if (!index) refused(function, argument, rule, whole);
        x = PyLong_AsLongLongAndOverflow(index.ptr(), &overflow);
    }
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

bool is_bool(py::handle value) { return PyBool_Check(value.ptr()) || is_numpy_bool(value); }

bool to_bool(const std::string& function, const char* argument, py::handle value) {
    if (!is_bool(value)) type_error(function, argument, "must be a bool", value);
    return PyObject_IsTrue(value.ptr()) == 1;
}

void type_error(const std::string& function, const char* argument, const std::string& rule, py::handle value) {
    throw py::type_error(function + ": " + argument + " " + rule + ", got " + shown(value));
}

void refused(const std::string& function, const char* argument, const std::string& rule, py::handle value) {
    if (!PyErr_ExceptionMatches(PyExc_TypeError) && !PyErr_ExceptionMatches(PyExc_ValueError)) raise();
    PyObject* cause[3];
    PyErr_Fetch(&cause[0], &cause[1], &cause[2]);
    py::object type = py::reinterpret_steal<py::object>(cause[0]), error = py::reinterpret_steal<py::object>(cause[1]),
               trace = py::reinterpret_steal<py::object>(cause[2]);
    const std::string text = function + ": " + argument + " " + rule + ", got " + shown(value);
    PyErr_Restore(type.release().ptr(), error.release().ptr(), trace.release().ptr());
    py::raise_from(PyExc_TypeError, text.c_str());
    raise();
}

}  // namespace convx::bindings
