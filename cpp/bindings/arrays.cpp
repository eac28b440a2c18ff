#include "arrays.h"

#include <pybind11/numpy.h>

#include <algorithm>
#include <cstddef>

#include "../convx/message.h"

namespace convx::bindings {
namespace {

using Api = py::detail::npy_api;

static_assert(offsetof(Array::Fields, flags) == offsetof(py::detail::PyArray_Proxy, flags));
static_assert(offsetof(Dtype::Fields, itemsize) == offsetof(py::detail::PyArrayDescr2_Proxy, elsize));

const Api* api = nullptr;

// An overflow to infinity in a half type is a result, not a warning.
class Quiet {
  public:
    Quiet() : state_(numpy("errstate")(py::arg("all") = "ignore")) { state_.attr("__enter__")(); }
    ~Quiet() {
        try {
            state_.attr("__exit__")(py::none(), py::none(), py::none());
        } catch (py::error_already_set& e) {
            e.discard_as_unraisable("numpy.errstate");
        }
    }

  private:
    py::object state_;
};

bool is_half(const Dtype& d) {
    return d.num() == FLOAT16 || (d.kind() == 'V' && d.itemsize() == 2 && dtype_name(d) == "bfloat16");
}

bool native(const Dtype& d) { return d.byteorder() == '=' || d.byteorder() == '|'; }

// The bytes that an array's elements span, as [first, last).
std::pair<intptr_t, intptr_t> span(const Array& a) {
    intptr_t first = reinterpret_cast<intptr_t>(a.data()), last = first + a.itemsize();
    for (int i = 0; i < a.ndim(); ++i) {
        if (a.shape(i) == 0) return {first, first};
        const intptr_t reach = (a.shape(i) - 1) * a.stride(i);
        (reach < 0 ? first : last) += reach;
    }
    return {first, last};
}

bool overlap(const Array& a, const Array& b) {
    const auto [a0, a1] = span(a);
    const auto [b0, b1] = span(b);
    return a0 < b1 && b0 < a1;
}

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

// Where the object cannot be taken as it is, on another device say, the user reads its own words.
[[noreturn]] void refuse(const std::string& function, const char* argument, py::error_already_set& e) {
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

Array checked_out(const std::string& function, py::handle out, const Dtype& dtype, const Shape& shape) {
    if (!is_array(out)) type_error(function, "out", "must be a numpy.ndarray", out);
    const Array a = py::reinterpret_borrow<Array>(out);
    check_unmasked(function, "out", a);
    const Dtype given = a.dtype();
    if (!given.is(dtype) && !api->PyArray_EquivTypes_(given.ptr(), dtype.ptr()))
        throw py::type_error(function + ": out must have dtype " + dtype_name(dtype) + ", got dtype " +
                             dtype_name(given));
    if (a.shape() != shape) fail(function, "out must have shape " + show(shape), "shape " + show(a.shape()));
    if (!a.is_writeable()) fail(function, "out must be writeable", "a read-only array");
    return a;
}

bool is_float(const Dtype& d) { return d.num() == FLOAT32 || d.num() == FLOAT64 || is_half(d); }

}  // namespace

void find_numpy() { api = &Api::get(); }

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

std::string dtype_name(const Dtype& d) { return text_of(py::str(static_cast<const py::object&>(d))); }

Array fresh(const Dtype& dtype, const Shape& shape) {
    static_assert(sizeof(Py_intptr_t) == sizeof(int64_t));
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

Array kept(const Array& a) {
    Array copy = copied(a, a.dtype());
    copy.attr("setflags")(false);
    return copy;
}

Array as_array(const std::string& function, const char* argument, py::handle value) {
    if (is_array(value)) {
        Array a = py::reinterpret_borrow<Array>(value);
        check_unmasked(function, argument, a);
        return a;
    }
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

Array readable(const Array& a) {
    const Dtype d = a.dtype();
    if (!native(d)) return relaid(a, py::reinterpret_borrow<Dtype>(d.attr("newbyteorder")("=")));
    return a.is_aligned() ? a : relaid(a, d);
}

Array contiguous(const Array& a) { return a.is_contiguous() ? a : copied(a, a.dtype()); }

Array as_floats(const std::string& function, const char* argument, const Array& a) {
    const Dtype d = a.dtype();
    if (!is_float(d))
        throw py::type_error(function + ": " + argument + " must be float16, bfloat16, float32 or float64, got dtype " +
                             dtype_name(d));
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
Array cast_to(const Array& a, bool contiguous) {
    const bool same = a.dtype().num() == py::dtype::num_of<T>();
    if (same && (!contiguous || a.is_contiguous())) return a;
    return contiguous ? copied(a, dtype_of<T>()) : relaid(a, dtype_of<T>());
}

Array channels_first(const Array& a, DataFormat format, int rank) {
    const bool fits = a.ndim() == rank + 1 || a.ndim() == rank + 2;
    if (format == DataFormat::channels_first || !fits) return a;
    Shape shape = a.shape(), strides = a.strides();
    for (Shape* of : {&shape, &strides}) std::rotate(of->end() - rank - 1, of->end() - 1, of->end());
    const auto dtype = py::reinterpret_borrow<py::dtype>(a.dtype());
    return checked_array(py::array(dtype, shape, strides, a.data(), a));
}

Output::Output(const std::string& function, py::handle out, const Dtype& dtype, const Shape& shape,
               std::initializer_list<const Array*> inputs, DataFormat format, int rank) {
    const bool last = format == DataFormat::channels_last, converts = is_half(dtype);
    const Shape lies = last ? in_format(shape, rank, format) : shape;
    if (out.is_none())
        set(fresh(dtype, lies), format, rank, shape, converts, {});
    else
        set(checked_out(function, out, dtype, lies), format, rank, shape, converts, inputs);
}

void Output::set(Array result, DataFormat format, int rank, const Shape& shape, bool converts,
                 std::initializer_list<const Array*> inputs) {
    const Array view = channels_first(result, format, rank);
    bool in_place = !converts && view.is_aligned() && view.is_contiguous();
    for (const Array* input : inputs) in_place = in_place && !(input && overlap(view, *input));
    if (in_place) {
        data_ = view.data();
    } else {
        written_ = fresh(converts ? dtype_of<float>() : result.dtype(), shape);
        data_ = written_.data();
        view_ = view;
    }
    result_ = std::move(result);
}

py::object Output::finish() {
    if (written_) {
        const Quiet quiet;
        assign(view_, written_);
    }
    return std::move(result_);
}

template Dtype dtype_of<float>();
template Dtype dtype_of<double>();
template Dtype dtype_of<int32_t>();
template Dtype dtype_of<int64_t>();
template Array cast_to<float>(const Array&, bool);
template Array cast_to<double>(const Array&, bool);

}  // namespace convx::bindings
