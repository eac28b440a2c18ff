#include "arrays.h"

#include <cstdint>

#include "../convx/message.h"
#include "args.h"

namespace convx::bindings {
namespace {

constexpr int ALIGNED = py::detail::npy_api::NPY_ARRAY_ALIGNED_;
constexpr int WRITEABLE = py::detail::npy_api::NPY_ARRAY_WRITEABLE_;

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

}  // namespace

py::array as_float_array(const std::string& function, const char* argument, py::handle value) {
    py::array a = py::isinstance<py::array>(value) ? py::reinterpret_borrow<py::array>(value)
                                                   : py::array(py::module_::import("numpy").attr("asarray")(value));
    const py::dtype d = a.dtype();
    if (d.kind() != 'f' || (d.itemsize() != 4 && d.itemsize() != 8))
        throw py::type_error(function + ": " + argument + " must have dtype float32 or float64, got dtype " +
                             py::str(static_cast<py::object>(d)).cast<std::string>());
    if (!native(d)) return py::array(a.attr("astype")(d.attr("newbyteorder")("=")));
    if (!(a.flags() & ALIGNED)) return py::array(a.attr("copy")());
    return a;
}

bool is_double(const py::array& a) { return a.itemsize() == 8; }

template <class T>
py::array cast_to(const py::array& a, bool contiguous) {
    if (contiguous) return py::array_t<T, py::array::c_style | py::array::forcecast>::ensure(a);
    return a.itemsize() == sizeof(T) ? a : py::array(a.attr("astype")(py::dtype::of<T>()));
}

Shape shape_of(const py::array& a) { return Shape(a.shape(), a.shape() + a.ndim()); }

template <class T>
View<const T> view_of(const py::array& a, int rank, bool batched) {
    const auto stride = [&](int axis) { return axis < 0 ? 0 : a.strides(axis) / static_cast<py::ssize_t>(sizeof(T)); };
    const int c = batched ? 1 : 0, w = c + rank;
    return {static_cast<const T*>(a.data()), batched ? stride(0) : 0,      stride(c),
            rank > 2 ? stride(w - 2) : 0,    rank > 1 ? stride(w - 1) : 0, stride(w)};
}

Output::Output(const std::string& function, py::handle out, const py::dtype& dtype, const Shape& shape,
               std::initializer_list<const py::array*> inputs) {
    bool in_place = false;
    if (!out.is_none()) {
        if (!py::isinstance<py::array>(out)) type_error(function, "out", "must be a numpy.ndarray", out);
        py::array a = py::reinterpret_borrow<py::array>(out);
        const auto name = [](const py::dtype& d) { return py::str(static_cast<py::object>(d)).cast<std::string>(); };
        if (!a.dtype().equal(dtype))
            throw py::type_error(function + ": out must have dtype " + name(dtype) + ", got dtype " + name(a.dtype()));
        if (shape_of(a) != shape) fail(function, "out must have shape " + show(shape), "shape " + show(shape_of(a)));
        if (!(a.flags() & WRITEABLE)) fail(function, "out must be writeable", "a read-only array");
        in_place = (a.flags() & ALIGNED) && (a.flags() & py::array::c_style);
        for (const py::array* input : inputs) in_place = in_place && !(input && overlap(a, *input));
        user_ = a;
        if (in_place) result_ = a;
    }
    if (!in_place) result_ = py::array(dtype, shape);
}

py::array Output::finish() {
    if (!user_) return result_;
    if (!user_.is(result_)) user_[py::ellipsis()] = result_;
    return user_;
}

template py::array cast_to<float>(const py::array&, bool);
template py::array cast_to<double>(const py::array&, bool);
template View<const float> view_of(const py::array&, int, bool);
template View<const double> view_of(const py::array&, int, bool);

}  // namespace convx::bindings
