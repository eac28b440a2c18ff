#include "output.h"

#include "../convx/runtime/trace.h"
#include "../convx/shape/message.h"

namespace convx::bindings {
namespace {

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

Array checked_out(const std::string& function, py::handle out, const Dtype& dtype, const Shape& shape) {
    if (!is_array(out)) type_error(function, "out", "must be a numpy.ndarray", out);
    const Array a = py::reinterpret_borrow<Array>(out);
    check_unmasked(function, "out", a);
    const Dtype given = a.dtype();
    if (!is_same(given, dtype))
        throw py::type_error(function + ": out must have dtype " + dtype_name(dtype) + ", got dtype " +
                             dtype_name(given));
    if (a.shape() != shape) fail(function, "out must have shape " + show(shape), "shape " + show(a.shape()));
    if (!a.is_writeable()) fail(function, "out must be writeable", "a read-only array");
    return a;
}

}  // namespace

bool is_same_view(py::handle out, const Array& a) {
    if (!is_array(out)) return false;
    const Array b = py::reinterpret_borrow<Array>(out);
    return b.data() == a.data() && b.shape() == a.shape() && b.strides() == a.strides();
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
    why_ = converts ? "dtype" : view.is_aligned() ? view.is_contiguous() ? nullptr : "strides" : "alignment";
    for (const Array* input : inputs)
        if (!why_ && input && overlap(view, *input)) why_ = "overlap";
    if (!why_) {
        data_ = view.data();
    } else {
        written_ = fresh(converts ? dtype_of<float>() : result.dtype(), shape);
        data_ = written_.data();
        view_ = view;
    }
    result_ = std::move(result);
}

py::object Output::finish() {
    tell("out", result_);
    if (written_) {
        move_to(view_, written_);
        trace::copied(written_.data(), result_.data(), written_.size() * written_.itemsize(), why_);
    }
    return std::move(result_);
}

}  // namespace convx::bindings
