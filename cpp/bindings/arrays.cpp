#include "arrays.h"

#include <pybind11/numpy.h>

#include <algorithm>
#include <cstddef>

#include "../convx/runtime/trace.h"
#include "../convx/shape/message.h"
#include "../kernels/types.h"
#include "large_arrays.h"

namespace convx::bindings {
namespace {

using Api = py::detail::npy_api;

static_assert(sizeof(Py_intptr_t) == sizeof(int64_t));
static_assert(offsetof(Array::Fields, flags) == offsetof(py::detail::PyArray_Proxy, flags));
static_assert(offsetof(Dtype::Fields, itemsize) == offsetof(py::detail::PyArrayDescr2_Proxy, elsize));

const Api* api = nullptr;

class Quiet {
  public:
    Quiet() : state_(numpy("errstate")(py::arg("all") = "ignore")) { state_.attr("__enter__")(); }
    ~Quiet() {  // NOLINT(bugprone-exception-escape): what is no error of Python is one inside of pybind11
        try {
            state_.attr("__exit__")(py::none(), py::none(), py::none());
        } catch (py::error_already_set& e) {
            e.discard_as_unraisable("numpy.errstate");
        }
    }

  private:
    py::object state_;
};

bool native(const Dtype& d) { return d.byteorder() == '=' || d.byteorder() == '|'; }

// Where the object cannot be taken as it is, on another device say, the user reads its own words.
[[noreturn, gnu::cold]] void refuse(const std::string& function, const char* argument, py::error_already_set& e) {
    const std::string text = function + ": " + argument + " must be an array in memory that NumPy can read, got " +
                             text_of(py::str(e.type().attr("__name__"))) + ": " + text_of(py::str(e.value()));
    py::raise_from(e, PyExc_TypeError, text.c_str());
    throw py::error_already_set();
}

// What exporters raise where they cannot export. Anything else went wrong inside of them.
bool is_refusal(const py::error_already_set& e) {
    for (PyObject* type : {PyExc_TypeError, PyExc_ValueError, PyExc_BufferError, PyExc_AttributeError})
        if (e.matches(type)) return true;
    return e.matches(PyExc_RuntimeError) && !e.matches(PyExc_RecursionError);
}

// What NumPy made of it; a subclass of tuple, say, may make `asarray` answer with no array.
Array checked_array(const py::object& value) {
    if (!is_array(value)) throw py::type_error("NumPy made no array");
    return py::reinterpret_borrow<Array>(value);
}

Array from_dlpack(const std::string& function, const char* argument, py::handle value) {
    try {
        return checked_array(call(numpy("from_dlpack"), {value}));
    } catch (py::error_already_set& e) {
        if (!is_refusal(e)) throw;
        refuse(function, argument, e);
    }
}

// A copy of what the user gave.
Array told(const Array& from, const char* why, Array copy) {
    trace::copied(from.data(), copy.data(), copy.size() * copy.itemsize(), why);
    return copy;
}

Array to_array(const std::string& function, const char* argument, py::handle value) {
    const bool converts = attribute(value, "__array__") || attribute(value, "__array_interface__");
    if (!converts && attribute(value, "__dlpack__")) return from_dlpack(function, argument, value);
    try {
        // NumPy takes an object for a scalar if its len() fails, whatever that raised.
        if (!converts && PySequence_Check(value.ptr()) && PySequence_Size(value.ptr()) < 0) {
            if (!PyErr_ExceptionMatches(PyExc_TypeError)) throw py::error_already_set();
            PyErr_Clear();
        }
        return checked_array(call(numpy("asarray"), {value}));
    } catch (py::error_already_set& e) {
        if (!converts || !is_refusal(e)) throw;
        refuse(function, argument, e);
    }
}

// to[...] = from. NumPy copies to the end whatever the user may want: Ctrl-C is heard between parts of the first axes.
void assign(const py::object& to, const Array& from) {
    constexpr int64_t AT_ONCE = 1 << 22;  // elements
    if (from.size() <= AT_ONCE || from.ndim() == 0) {
        to[py::ellipsis()] = from;
        return;
    }
    const int64_t count = from.shape(0), step = std::max<int64_t>(AT_ONCE / (from.size() / count), 1);
    for (int64_t i = 0; i < count; i += step) {
        if (PyErr_CheckSignals()) throw py::error_already_set();
        const py::object part = step > 1 ? py::object(py::slice(i, std::min(i + step, count), 1)) : to_python(i);
        assign(to[part], checked_array(from[part]));
    }
}

// A copy with its axes in the same order in memory.
Array relaid(const Array& a, const Dtype& dtype) {
    const py::object copy = numpy("empty_like")(a, py::arg("dtype") = dtype, py::arg("subok") = false);
    assign(copy, a);
    return checked_array(copy);
}

bool is_float(const Dtype& d) { return d.num() == FLOAT32 || d.num() == FLOAT64 || is_half(d); }

std::string remedy_of(const std::string& argument, const Dtype& d) {
    if (d.kind() == 'c') return " (pass " + argument + ".real and " + argument + ".imag one after the other)";
    const bool whole = d.kind() == 'i' || d.kind() == 'u' || d.kind() == 'b';
    return whole ? " (pass " + argument + ".astype('float32'))" : "";
}

}  // namespace

void find_numpy() {
    api = &Api::get();
    constexpr unsigned int NUMPY_2 = 0x12;
    if (api->PyArray_RUNTIME_VERSION_ < NUMPY_2) throw py::import_error("convx needs NumPy 2 or newer");
    const py::object table = py::module_::import("numpy._core.multiarray").attr("_ARRAY_API");
    keep_large_arrays(static_cast<void**>(PyCapsule_GetPointer(table.ptr(), nullptr)));
}

int64_t Array::size() const {
    int64_t size = 1;
    for (int i = 0; i < ndim(); ++i) size *= shape(i);
    return size;
}

bool is_array(py::handle value) { return PyObject_TypeCheck(value.ptr(), api->PyArray_Type_); }

bool is_dtype(py::handle value) { return PyObject_TypeCheck(value.ptr(), api->PyArrayDescr_Type_); }

Dtype dtype_of_number(int num) { return py::reinterpret_steal<Dtype>(api->PyArray_DescrFromType_(num)); }

template <class T>
Dtype dtype_of() {
    return dtype_of_number(py::dtype::num_of<T>());
}

bool is_half(const Dtype& d) {
    return d.num() == FLOAT16 || (d.kind() == 'V' && d.itemsize() == 2 && dtype_name(d) == "bfloat16");
}

bool is_same(const Dtype& a, const Dtype& b) { return a.is(b) || api->PyArray_EquivTypes_(a.ptr(), b.ptr()); }

std::string dtype_name(const Dtype& d) { return text_of(py::str(static_cast<const py::object&>(d))); }

Array fresh(const Dtype& dtype, const Shape& shape) {
    double bytes = static_cast<double>(dtype.itemsize());  // which may be more than memory has
    for (const int64_t n : shape) bytes *= static_cast<double>(n);
    const LargeArray place(bytes);
    PyObject* const a = api->PyArray_NewFromDescr_(
        api->PyArray_Type_, py::object(dtype).release().ptr(), static_cast<int>(shape.size()),
        reinterpret_cast<const Py_intptr_t*>(shape.data()), nullptr, nullptr, 0, nullptr);
    return py::reinterpret_steal<Array>(made(a).release());
}

Array copied(const Array& a, const Dtype& dtype) {
    Array copy = fresh(dtype, a.shape());
    assign(copy, a);
    return copy;
}

void move_to(const Array& to, const Array& from) {
    const Quiet quiet;
    assign(to, from);
}

Array read_only(Array a) {
    a.attr("setflags")(false);
    return a;
}

Array kept(const Array& a) { return read_only(copied(a, a.dtype())); }

void check_unmasked(const std::string& function, const char* argument, const Array& a) {
    if (Py_TYPE(a.ptr()) == api->PyArray_Type_) return;
    const auto module = py::reinterpret_steal<py::object>(PyImport_GetModule(py::str("numpy.ma").ptr()));
    if (!module) {
        if (PyErr_Occurred()) throw py::error_already_set();
        return;  // nobody has made one
    }
    const py::object masked = attribute(module, "MaskedArray");
    if (masked && py::isinstance(a, masked))
        throw py::type_error(
            function + ": " + argument +
            " must not be a masked array, whose mask would be lost (pass its .filled(value) or .data), got " +
            text_of(attribute(py::type::of(a), "__name__")));
}

void tell(const char* name, const Array& a) {
    trace::tell(
        [&](trace::Call& call) { call.array(name, dtype_name(a.dtype()).c_str(), a.sizes(), a.ndim(), a.data()); });
}

Array as_array(const std::string& function, const char* argument, py::handle value) {
    const bool is = is_array(value);
    const Array a = is ? py::reinterpret_borrow<Array>(value) : to_array(function, argument, value);
    if (is) check_unmasked(function, argument, a);
    tell(argument, a);
    return is ? a : told(a, "object", a);
}

Array readable(const Array& a) {
    const Dtype d = a.dtype();
    if (!native(d)) return told(a, "byteorder", relaid(a, py::reinterpret_borrow<Dtype>(d.attr("newbyteorder")("="))));
    return a.is_aligned() ? a : told(a, "alignment", relaid(a, d));
}

Array contiguous(const Array& a) { return a.is_contiguous() ? a : told(a, "strides", copied(a, a.dtype())); }

Array as_floats(const std::string& function, const char* argument, const Array& a) {
    const Dtype d = a.dtype();
    if (!is_float(d))
        throw py::type_error(function + ": " + argument + " must be float16, bfloat16, float32 or float64" +
                             remedy_of(argument, d) + ", got dtype " + dtype_name(d));
    return readable(a);
}

Array as_numbers(const std::string& function, const char* argument, const Array& a) {
    const Dtype d = a.dtype();
    if (d.kind() != 'b' && d.kind() != 'i' && d.kind() != 'u' && !is_float(d))
        throw py::type_error(function + ": " + argument +
                             " must be float16, bfloat16, float32, float64, an integer or bool, got dtype " +
                             dtype_name(d));
    return readable(a);
}

Dtype promote(const std::string& function, const char* argument, const Dtype& a, const Dtype& b) {
    if (a.num() == b.num()) return a;
    try {
        return py::reinterpret_steal<Dtype>(call(numpy("promote_types"), {a, b}).release());
    } catch (py::error_already_set& e) {
        if (!e.matches(PyExc_TypeError)) throw;
        throw py::type_error(function + ": " + argument + " must have a dtype that NumPy promotes with " +
                             dtype_name(a) + ", got dtype " + dtype_name(b));
    }
}

template <class T>
Array cast_to(const Array& a, bool in_c_order) {
    const bool same = a.dtype().num() == py::dtype::num_of<T>();
    if (same && (!in_c_order || a.is_contiguous())) return a;
    const Dtype d = dtype_of<T>();
    return told(a, same ? "strides" : "dtype", in_c_order ? copied(a, d) : relaid(a, d));
}

Array channels_first(const Array& a, DataFormat format, int rank) {
    const bool fits = a.ndim() == rank + 1 || a.ndim() == rank + 2;
    if (format == DataFormat::channels_first || !fits) return a;
    Shape shape = a.shape(), strides = a.strides();
    for (Shape* of : {&shape, &strides}) std::rotate(of->end() - rank - 1, of->end() - 1, of->end());
    const auto dtype = py::reinterpret_borrow<py::dtype>(a.dtype());
    return checked_array(py::array(dtype, shape, strides, a.data(), a));
}

#define CONVX_DTYPE(T) template Dtype dtype_of<T>();
#define CONVX_CAST(T) template Array cast_to<T>(const Array&, bool);
CONVX_FLOATS(CONVX_DTYPE)
CONVX_WORDS(CONVX_DTYPE)
CONVX_FLOATS(CONVX_CAST)

}  // namespace convx::bindings
