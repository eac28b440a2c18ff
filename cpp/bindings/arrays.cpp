#include "arrays.h"

#include <algorithm>
#include <cstdint>

#include "../convx/message.h"
#include "args.h"

namespace convx::bindings {
namespace {

constexpr int ALIGNED = py::detail::npy_api::NPY_ARRAY_ALIGNED_;
constexpr int WRITEABLE = py::detail::npy_api::NPY_ARRAY_WRITEABLE_;

constexpr int HALF = 23;  // NPY_HALF

// An overflow to infinity in a half type is a result, not a warning.
class Quiet {
  public:
    Quiet() : state_(py::module_::import("numpy").attr("errstate")(py::arg("all") = "ignore")) {
        state_.attr("__enter__")();
    }
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

bool is_half(const py::dtype& d) {
    return d.num() == HALF || (d.kind() == 'V' && d.itemsize() == 2 && dtype_name(d) == "bfloat16");
}

bool is_float(const py::dtype& d) {
    return d.num() == py::dtype::num_of<float>() || d.num() == py::dtype::num_of<double>() || is_half(d);
}

bool native(const py::dtype& d) { return d.byteorder() == '=' || d.byteorder() == '|'; }

// The bytes that an array's elements span, as [first, last).
std::pair<intptr_t, intptr_t> span(const py::array& a) {
    intptr_t first = reinterpret_cast<intptr_t>(a.data()), last = first + a.itemsize();
    for (py::ssize_t i = 0; i < a.ndim(); ++i) {
        if (a.shape(i) == 0) return {first, first};
        const intptr_t reach = (a.shape(i) - 1) * a.strides(i);
        (reach < 0 ? first : last) += reach;
    }
    return {first, last};
}

bool overlap(const py::array& a, const py::array& b) {
    const auto [a0, a1] = span(a);
    const auto [b0, b1] = span(b);
    return a0 < b1 && b0 < a1;
}

void check_unmasked(const std::string& function, const char* argument, const py::array& a) {
    if (Py_TYPE(a.ptr()) == py::detail::npy_api::get().PyArray_Type_) return;
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

py::array from_dlpack(const std::string& function, const char* argument, py::handle value) {
    try {
        return py::array(py::module_::import("numpy").attr("from_dlpack")(value));
    } catch (py::error_already_set& e) {
        if (!is_refusal(e)) throw;
        refuse(function, argument, e);
    }
}

// to[...] = from. NumPy copies to the end whatever the user may want: Ctrl-C is heard between parts of the first axes.
void assign(const py::object& to, const py::array& from) {
    constexpr py::ssize_t AT_ONCE = 1 << 22;  // elements
    if (from.size() <= AT_ONCE || from.ndim() == 0) {
        to[py::ellipsis()] = from;
        return;
    }
    const py::ssize_t count = from.shape(0), step = std::max<py::ssize_t>(AT_ONCE / (from.size() / count), 1);
    for (py::ssize_t i = 0; i < count; i += step) {
        if (PyErr_CheckSignals()) throw py::error_already_set();
        const py::slice part(i, std::min(i + step, count), 1);
        if (step > 1)
            assign(to[part], from[part]);
        else
            assign(to[py::int_(i)], from[py::int_(i)]);
    }
}

// A copy with its axes in the same order in memory.
py::array relaid(const py::array& a, const py::dtype& dtype) {
    const py::object empty_like = py::module_::import("numpy").attr("empty_like");
    const py::array copy = empty_like(a, py::arg("dtype") = dtype, py::arg("subok") = false);
    assign(copy, a);
    return copy;
}

py::array checked_out(const std::string& function, py::handle out, const py::dtype& dtype, const Shape& shape) {
    if (!py::isinstance<py::array>(out)) type_error(function, "out", "must be a numpy.ndarray", out);
    py::array a = py::reinterpret_borrow<py::array>(out);
    check_unmasked(function, "out", a);
    const py::dtype given = a.dtype();
    if (!given.equal(dtype))
        throw py::type_error(function + ": out must have dtype " + dtype_name(dtype) + ", got dtype " +
                             dtype_name(given));
    if (shape_of(a) != shape) fail(function, "out must have shape " + show(shape), "shape " + show(shape_of(a)));
    if (!(a.flags() & WRITEABLE)) fail(function, "out must be writeable", "a read-only array");
    return a;
}

}  // namespace

py::array as_array(const std::string& function, const char* argument, py::handle value) {
    if (py::isinstance<py::array>(value)) {
        py::array a = py::reinterpret_borrow<py::array>(value);
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
        return py::array(py::module_::import("numpy").attr("asarray")(value));
    } catch (py::error_already_set& e) {
        if (!converts || !is_refusal(e)) throw;
        refuse(function, argument, e);
    }
}

py::array readable(const py::array& a) {
    const py::dtype d = a.dtype();
    if (!native(d)) return relaid(a, py::reinterpret_borrow<py::dtype>(d.attr("newbyteorder")("=")));
    if (!(a.flags() & ALIGNED)) return relaid(a, d);
    return a;
}

py::array contiguous(const py::array& a) {
    if (a.flags() & py::array::c_style) return a;
    return copied(a, a.dtype());
}

py::array as_float_array(const std::string& function, const char* argument, py::handle value) {
    const py::array a = as_array(function, argument, value);
    const py::dtype d = a.dtype();
    if (!is_float(d))
        throw py::type_error(function + ": " + argument + " must be float16, bfloat16, float32 or float64, got dtype " +
                             dtype_name(d));
    return readable(a);
}

py::dtype promote(const std::string& function, const char* argument, const py::dtype& a, const py::dtype& b) {
    if (a.num() == b.num()) return a;
    try {
        return py::reinterpret_borrow<py::dtype>(py::module_::import("numpy").attr("promote_types")(a, b));
    } catch (py::error_already_set& e) {
        if (!e.matches(PyExc_TypeError)) throw;
        throw py::type_error(function + ": " + argument + " must have a dtype that NumPy promotes with " +
                             dtype_name(a) + ", got dtype " + dtype_name(b));
    }
}

bool is_double(const py::dtype& dtype) { return dtype.num() == py::dtype::num_of<double>(); }
bool is_double(const py::array& a) { return is_double(a.dtype()); }

template <class T>
py::array cast_to(const py::array& a, bool contiguous) {
    const bool same = a.dtype().num() == py::dtype::num_of<T>();
    if (same && (!contiguous || (a.flags() & py::array::c_style))) return a;
    return contiguous ? copied(a, py::dtype::of<T>()) : relaid(a, py::dtype::of<T>());
}

py::array copied(const py::array& a, const py::dtype& dtype) {
    py::array copy(dtype, shape_of(a));
    assign(copy, a);
    return copy;
}

Shape shape_of(const py::array& a) { return Shape(a.shape(), a.shape() + a.ndim()); }

std::string dtype_name(const py::dtype& d) { return text_of(py::str(static_cast<py::object>(d))); }

template <class T>
View<const T> view_of(const py::array& a, int rank, bool batched) {
    const auto stride = [&](int axis) { return axis < 0 ? 0 : a.strides(axis) / static_cast<py::ssize_t>(sizeof(T)); };
    const int c = batched ? 1 : 0, w = c + rank;
    return {static_cast<const T*>(a.data()), batched ? stride(0) : 0,      stride(c),
            rank > 2 ? stride(w - 2) : 0,    rank > 1 ? stride(w - 1) : 0, stride(w)};
}

py::array channels_first(const py::array& a, DataFormat format, int rank) {
    const bool fits = a.ndim() == rank + 1 || a.ndim() == rank + 2;
    if (format == DataFormat::channels_first || !fits) return a;
    Shape shape = shape_of(a), strides(a.strides(), a.strides() + a.ndim());
    for (Shape* of : {&shape, &strides}) std::rotate(of->end() - rank - 1, of->end() - 1, of->end());
    return py::array(a.dtype(), shape, strides, a.data(), a);
}

Output::Output(const std::string& function, py::handle out, const py::dtype& dtype, const Shape& shape,
               std::initializer_list<const py::array*> inputs, DataFormat format, int rank) {
    const bool last = format == DataFormat::channels_last, converts = is_half(dtype);
    if (out.is_none()) {
        py::array fresh = last ? py::array(dtype, in_format(shape, rank, format)) : py::array(dtype, shape);
        set(std::move(fresh), format, rank, shape, converts, {});
    } else {
        set(checked_out(function, out, dtype, last ? in_format(shape, rank, format) : shape), format, rank, shape,
            converts, inputs);
    }
}

void Output::set(py::array result, DataFormat format, int rank, const Shape& shape, bool converts,
                 std::initializer_list<const py::array*> inputs) {
    const py::array view = channels_first(result, format, rank);
    bool in_place = !converts && (view.flags() & ALIGNED) && (view.flags() & py::array::c_style);
    for (const py::array* input : inputs) in_place = in_place && !(input && overlap(view, *input));
    if (in_place) {
        data_ = const_cast<void*>(view.data());
    } else {
        py::array written(converts ? py::dtype::of<float>() : result.dtype(), shape);
        data_ = written.mutable_data();
        written_ = std::move(written);
        view_ = view;
    }
    result_ = std::move(result);
}

py::array Output::finish() {
    if (written_) {
        const Quiet quiet;
        assign(view_, written_);
    }
    return py::reinterpret_steal<py::array>(result_.release());
}

template py::array cast_to<float>(const py::array&, bool);
template py::array cast_to<double>(const py::array&, bool);
template View<const char> view_of(const py::array&, int, bool);
template View<const float> view_of(const py::array&, int, bool);
template View<const double> view_of(const py::array&, int, bool);
template View<const int8_t> view_of(const py::array&, int, bool);
template View<const int16_t> view_of(const py::array&, int, bool);
template View<const int32_t> view_of(const py::array&, int, bool);
template View<const int64_t> view_of(const py::array&, int, bool);
template View<const uint8_t> view_of(const py::array&, int, bool);
template View<const uint16_t> view_of(const py::array&, int, bool);
template View<const uint32_t> view_of(const py::array&, int, bool);
template View<const uint64_t> view_of(const py::array&, int, bool);

}  // namespace convx::bindings
