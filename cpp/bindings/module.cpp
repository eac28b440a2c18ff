// The module's entry. pybind11's own asks for the GIL of the main interpreter first, and would wait for it for ever in
// another one.
#include "module.h"

#include <pybind11/detail/internals.h>

namespace {

// The base of pybind11's classes throws through the interpreter where it is instantiated, as pickle does.
void keep_exceptions_in() {
    static newfunc make = nullptr;
    auto* const base = reinterpret_cast<PyTypeObject*>(pybind11::detail::get_internals().instance_base);
    make = base->tp_new;
    base->tp_new = [](PyTypeObject* type, PyObject* arguments, PyObject* keywords) -> PyObject* {
        try {
            return make(type, arguments, keywords);
        } catch (const std::exception& e) {
            PyErr_SetString(PyExc_TypeError, e.what());
            return nullptr;
        }
    };
}

}  // namespace

#define PyInit__core convx_pybind11_entry
PYBIND11_MODULE(_core, m) {
    m.doc() = "The compiled core of convx; called only by the Python layer.";
    keep_exceptions_in();
    convx::bindings::bind_conv(m);
    convx::bindings::bind_conv_transpose(m);
    convx::bindings::bind_deform(m);
    convx::bindings::bind_gradients(m);
    convx::bindings::bind_integer(m);
    convx::bindings::bind_maxout(m);
    convx::bindings::bind_pool(m);
    convx::bindings::bind_pool_adaptive(m);
    convx::bindings::bind_quantized(m);
    convx::bindings::bind_unpool(m);
    convx::bindings::bind_runtime(m);
    convx::bindings::bind_unfold(m);
    convx::bindings::bind_winograd(m);
}
#undef PyInit__core

extern "C" PYBIND11_EXPORT PyObject* PyInit__core() {
    if (PyInterpreterState_Get() == PyInterpreterState_Main()) return convx_pybind11_entry();
    PyErr_SetString(PyExc_ImportError, "convx works in the main interpreter only, and this is a sub-interpreter");
    return nullptr;
}
