// The module: its functions made Python's, and its entry. pybind11's own entry asks for the GIL of the main interpreter
// first, and would wait for it for ever in another one.
#include <pybind11/pybind11.h>

#include <new>
#include <stdexcept>

#include "../convx/runtime/trace.h"
#include "functions.h"
#include "plan.h"

namespace convx::bindings {

void raise() { throw py::error_already_set(); }

void translate() {
    try {
        throw;
    } catch (py::error_already_set& e) {
        e.restore();
    } catch (const py::builtin_exception& e) {
        e.set_error();
    } catch (const std::bad_alloc& e) {
        PyErr_SetString(PyExc_MemoryError, e.what());
    } catch (const std::invalid_argument& e) {
        PyErr_SetString(PyExc_ValueError, e.what());
    } catch (const std::length_error& e) {
        PyErr_SetString(PyExc_ValueError, e.what());
    } catch (const std::overflow_error& e) {
        PyErr_SetString(PyExc_OverflowError, e.what());
    } catch (const std::exception& e) {
        PyErr_SetString(PyExc_RuntimeError, e.what());
    }  // nothing else but the end of a thread, which goes on
}

namespace {

// A function with what its calls need: made once, kept for ever.
struct Entry {
    const Function& function;
    PyMethodDef method{};
    std::string signature = {};
    PyObject* names[MOST_ARGUMENTS] = {};  // interned, as the names in Python code are
    int8_t places[NAMES] = {};
    int count = 0;
};

[[noreturn, gnu::cold]] void refuse(const Entry& entry, const std::string& what) {
    throw py::type_error(std::string(entry.function.name) + "(): " + what);
}

int place_of(const Entry& entry, PyObject* name) {
    for (int i = 0; i < entry.count; ++i)
        if (entry.names[i] == name || PyUnicode_Compare(entry.names[i], name) == 0) return i;
    refuse(entry, "unexpected argument " + shown(name));
}

// Every argument in its place, those by position first.
void sort(const Entry& entry, PyObject* const* given, Py_ssize_t positional, PyObject* names, PyObject** sorted) {
    const Py_ssize_t named = names ? PyTuple_GET_SIZE(names) : 0;
    if (positional + named > entry.count)
        refuse(entry, "takes " + std::to_string(entry.count) + " arguments, got " + std::to_string(positional + named));
    std::copy(given, given + positional, sorted);
    for (Py_ssize_t i = 0; i < named; ++i) {
        PyObject*& value = sorted[place_of(entry, PyTuple_GET_ITEM(names, i))];
        if (value) refuse(entry, "argument " + shown(PyTuple_GET_ITEM(names, i)) + " is given twice");
        value = given[positional + i];
    }
    for (int i = 0; i < entry.count; ++i)
        if (!sorted[i]) refuse(entry, "argument " + shown(entry.names[i]) + " is missing");
}

// Whether all are there, in the order in which they are declared.
bool in_order(const Entry& entry, Py_ssize_t positional, PyObject* names) {
    const Py_ssize_t named = names ? PyTuple_GET_SIZE(names) : 0;
    if (positional + named != entry.count) return false;
    for (Py_ssize_t i = 0; i < named; ++i)
        if (PyTuple_GET_ITEM(names, i) != entry.names[positional + i]) return false;
    return true;
}

PyObject* enter(PyObject* self, PyObject* const* values, Py_ssize_t positional, PyObject* names) {
    const Entry& entry = *static_cast<const Entry*>(PyCapsule_GetPointer(self, nullptr));
    return guarded([&] {
        PyObject* sorted[MOST_ARGUMENTS] = {};
        const bool fit = in_order(entry, positional, names);
        if (!fit) sort(entry, values, positional, names, sorted);
        const Arguments arguments(entry.function.name, entry.places, fit ? values : sorted);
        if (!arguments.has(Name::out)) return entry.function.body(arguments);
        const trace::Call traced(arguments.function());
        return entry.function.body(arguments);
    });
}

void add(py::module_& m, const Function& function) {
    auto* const entry = new Entry{function};
    std::fill(entry->places, entry->places + NAMES, static_cast<int8_t>(-1));
    entry->signature = std::string(function.name) + "(";
    for (const Name name : function.parameters) {
        if (name == Name::none) break;
        entry->signature += std::string(entry->count ? ", " : "") + text_of(name);
        entry->names[entry->count] = made(PyUnicode_InternFromString(text_of(name))).release().ptr();
        entry->places[static_cast<int>(name)] = static_cast<int8_t>(entry->count++);
    }
    entry->method = {function.name, reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(enter)),
                     METH_FASTCALL | METH_KEYWORDS, (entry->signature += ")\n--\n\n").c_str()};
    const py::object self = made(PyCapsule_New(entry, nullptr, nullptr)), module_name = m.attr("__name__");
    m.attr(function.name) = made(PyCFunction_NewEx(&entry->method, self.ptr(), module_name.ptr()));
}

void fill(py::module_& m) {
    find_numpy();
    watch_main_thread();
    for (const Functions& file :
         {adaptive_pooling_functions(), columns_functions(), conv_functions(), conv_transpose_functions(),
          elementwise_functions(), filter_functions(), gradients_functions(), image_functions(), matrix_functions(),
          pooled_conv_functions(), pooling_functions(), quantized_functions(), resample_functions(),
          runtime_functions(), statistics_functions(), wisdom_functions()})
        for (size_t i = 0; i < file.count; ++i) add(m, file.first[i]);
    add_plan_type(m);
    check_environment();
}

}  // namespace
}  // namespace convx::bindings

#define PyInit__core convx_pybind11_entry
PYBIND11_MODULE(_core, m) {
    m.doc() = "The compiled core of convx; called only by the Python layer.";
    convx::bindings::fill(m);
}
#undef PyInit__core

extern "C" PYBIND11_EXPORT PyObject* PyInit__core() {  // NOLINT(bugprone-reserved-identifier): Python asks for it
    if (PyInterpreterState_Get() == PyInterpreterState_Main()) return convx_pybind11_entry();
    PyErr_SetString(PyExc_ImportError, "convx works in the main interpreter only, and this is a sub-interpreter");
    return nullptr;
}
