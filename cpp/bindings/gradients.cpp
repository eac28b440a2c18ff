// _core.conv_weight, conv_bias, max_pool_backward and avg_pool_backward.
#include "../convx/gradient/weight_gradient.h"

#include "../convx/pool/pool_backward.h"
#include "../convx/shape/message.h"
#include "../convx/shape/window.h"
#include "functions.h"

namespace convx::bindings {
namespace {

std::string shape_text(const Shape& shape) { return "shape " + show(shape); }

// A shape that the user names instead of giving the array. Every size is at least 1, or 0 the first of `entries`: N.
Shape parse_size(const Arguments& a, Name name, size_t entries = 0) {
    const Ints size = a.ints(name);
    if (size.scalar) type_error(a.function(), text_of(name), "must be a sequence of ints", a[name]);
    for (size_t i = 0; i < size.values.size(); ++i)
        if (size.values[i] < (i == 0 && size.values.size() == entries ? 0 : 1))
            fail(a.function(), std::string(text_of(name)) + " must be >= 1", show(size.values));
    return size.values;
}

Shape parse_weight_size(const Arguments& a) {
    const std::string& f = a.function();
    const Shape size = parse_size(a, Name::weight_size);
    const int rank = a.rank();
    if (static_cast<int>(size.size()) != rank + 2)
        fail(f,
             "weight_size must have " + std::to_string(rank + 2) + " entries (out channels, in channels / groups, " +
                 std::to_string(rank) + " kernel sizes)",
             show(size));
    const int64_t groups = a.integer(Name::groups);
    if (groups > 0 && size[0] % groups)
        fail(f, "weight_size must have a number of out channels divisible by groups=" + std::to_string(groups),
             show(size));
    if (too_large(size)) fail(f, "weight_size must be smaller than 2**63 bytes in float64", show(size));
    return size;
}

void check_gradient(const std::string& function, const Shape& shape, const Shape& expected) {
    if (shape != expected)
        fail(function, "grad_output must have shape " + show(expected) + ", that of the function's output",
             shape_text(shape));
}

py::object conv_weight(const Arguments& a) {
    const Array input = a.floats(Name::input), grad = a.floats(Name::grad_output);
    const Dtype dtype = promote(a.function(), "grad_output", input.dtype(), grad.dtype());
    const Shape weight = parse_weight_size(a);
    const ConvSpec spec = a.conv_spec(a.rank(), weight, nullptr, a.padding());
    const std::string algorithm = a.text(Name::algorithm);
    weight_gradient::check_algorithm(algorithm, spec);
    const Array first = channels_first(input, spec.format, spec.rank), g = channels_first(grad, spec.format, spec.rank);
    const ConvShape shape = conv_shape(spec, first.sizes(), first.ndim());
    check_gradient(a.function(), grad.shape(), in_format(output_shape(spec, shape), spec.rank, spec.format));
    return with_float(dtype, [&](auto t) {
        using T = decltype(t);
        const Array x = cast_to<T>(first), gy = cast_to<T>(g);
        Output output(a.function(), a.out(), dtype, weight, {&x, &gy});
        const auto view = view_of<T>(x, spec.rank, shape.batched), gradient = view_of<T>(gy, spec.rank, shape.batched);
        without_gil([&] { weight_gradient::run<T>({spec, shape, view, gradient, output.data<T>()}, algorithm); });
        return output.finish();
    });
}

py::object conv_weight_algorithms(const Arguments&) { return to_python(weight_gradient::algorithm_names()); }

py::object conv_weight_summaries(const Arguments&) { return to_python(weight_gradient::algorithm_summaries()); }

py::object choose_weight_gradient(const Arguments& a) {
    const Ints in = a.ints(Name::input_shape), weight = a.ints(Name::weight_size);
    const int rank = static_cast<int>(weight.values.size()) - 2;
    const ConvSpec spec = a.conv_spec(rank, weight.values, nullptr, a.padding());
    const ConvShape shape = conv_shape(spec, in.values.data(), static_cast<int>(in.values.size()));
    return with_float(a.dtype(),
                      [&](auto t) { return to_python(weight_gradient::choose<decltype(t)>(spec, shape).c_str()); });
}

// The array's axes as those of an output.
ConvShape output_axes(const Extents& e) {
    const auto axis = [&](int i) { return Axis{e.spatial[i], e.spatial[i]}; };
    return {e.n, e.c, e.c, 1, axis(0), axis(1), axis(2), e.batched};
}

py::object conv_bias(const Arguments& a) {
    const Array given = a.floats(Name::grad_output);
    const DataFormat format = a.format();
    const int rank = a.rank();
    const Array grad = channels_first(given, format, rank);
    const ConvShape shape =
        output_axes(check_input(a.function(), rank, grad.sizes(), grad.ndim(), format, "grad_output"));
    return with_float(given.dtype(), [&](auto t) {
        using T = decltype(t);
        const Array gy = cast_to<T>(grad);
        Output output(a.function(), a.out(), given.dtype(), {shape.k}, {&gy});
        const auto view = view_of<T>(gy, rank, shape.batched);
        without_gil([&] { weight_gradient::run_bias<T>(shape, view, output.data<T>()); });
        return output.finish();
    });
}

// Sizes (N,) C, *spatial of the input of a pooling, from the user's format.
Shape parse_input_size(const Arguments& a, int rank, DataFormat format) {
    const Shape size = parse_size(a, Name::input_size, static_cast<size_t>(rank) + 2);
    const auto count = static_cast<int>(size.size());
    if (count != rank + 1 && count != rank + 2)
        fail(a.function(),
             "input_size must have " + std::to_string(rank + 2) + " entries, the shape of the input, or " +
                 std::to_string(rank + 1) + " without N",
             show(size));
    if (too_large(size)) fail(a.function(), "input_size must be smaller than 2**63 bytes in float64", show(size));
    return channels_first(size, rank, format);
}

[[noreturn, gnu::cold]] void refuse_indices(const std::string& function, const Array& indices, int64_t plane) {
    const py::object flat = call(attribute(indices, "ravel"), {});
    const py::object low = made(PyObject_RichCompare(flat.ptr(), to_python(int64_t{0}).ptr(), Py_LT)),
                     high = made(PyObject_RichCompare(flat.ptr(), to_python(plane).ptr(), Py_GE)),
                     wrong = made(PyNumber_Or(low.ptr(), high.ptr())),
                     bad = made(PyObject_GetItem(flat.ptr(), wrong.ptr()));
    fail(function, "indices must be in [0, " + std::to_string(plane) + "), the elements of a plane of input_size",
         text_of(made(PyObject_Str(made(PySequence_GetItem(bad.ptr(), 0)).ptr()))));
}

PoolShape max_pool_shape(const Extents& e, int rank, const Shape& size) {
    PoolShape shape{e.n, e.c, {}, {}, {}, e.batched};
    Axis* axes[AXES] = {&shape.d, &shape.h, &shape.w};
    for (int i = 0; i < rank; ++i) axes[AXES - rank + i]->in = size[size.size() - static_cast<size_t>(rank - i)];
    for (int i = 0; i < AXES; ++i) axes[i]->out = e.spatial[i];
    return shape;
}

py::object max_pool_backward(const Arguments& a) {
    const std::string& f = a.function();
    const int rank = a.rank();
    const Array given = a.floats(Name::grad_output), given_indices = a.indices();
    const DataFormat format = a.format();
    const Shape size = parse_input_size(a, rank, format);
    const Array grad = channels_first(given, format, rank);
    const Extents e = check_input(f, rank, grad.sizes(), grad.ndim(), format, "grad_output");
    if (given_indices.shape() != given.shape())
        fail(f, "indices must have the shape of grad_output, " + show(given.shape()),
             shape_text(given_indices.shape()));
    const bool batched = static_cast<int>(size.size()) == rank + 2;
    if (batched != e.batched || (batched && size[0] != e.n) || size[batched ? 1 : 0] != e.c)
        fail(f, "input_size must have the N and C of grad_output, " + shape_text(given.shape()),
             show(in_format(size, rank, format)));
    const PoolShape shape = max_pool_shape(e, rank, size);
    const Array indices = channels_first(given_indices, format, rank);
    return with_float(given.dtype(), [&](auto t) {
        using T = decltype(t);
        const Array gy = cast_to<T>(grad);
        Output output(f, a.out(), given.dtype(), size, {&gy, &indices}, format, rank);
        const pool::MaxBackward<T> backward{shape, view_of<T>(gy, rank, batched),
                                            view_of<int64_t>(indices, rank, batched), output.data<T>()};
        const bool check_first = !a.out().is_none();  // the user's array is not left half written
        bool fit = true;
        without_gil([&] { fit = pool::run_backward(backward, check_first); });
        if (!fit) refuse_indices(f, indices, shape.d.in * shape.h.in * shape.w.in);
        return output.finish();
    });
}

py::object avg_pool_backward(const Arguments& a) {
    const Array given = a.floats(Name::grad_output);
    const PoolSpec spec = a.pool_spec();
    const Shape size = parse_input_size(a, spec.rank, spec.format);
    const PoolShape shape = pool_shape(spec, size.data(), static_cast<int>(size.size()));
    check_gradient(a.function(), given.shape(), in_format(output_shape(spec, shape), spec.rank, spec.format));
    const Array grad = channels_first(given, spec.format, spec.rank);
    return with_float(given.dtype(), [&](auto t) {
        using T = decltype(t);
        const Array gy = cast_to<T>(grad);
        Output output(a.function(), a.out(), given.dtype(), size, {&gy}, spec.format, spec.rank);
        const View<const T> view = view_of<T>(gy, spec.rank, shape.batched);
        without_gil([&] { pool::run_backward(pool::AverageBackward<T>{spec, shape, view, output.data<T>()}); });
        return output.finish();
    });
}

using N = Name;
constexpr Function FUNCTIONS[] = {
    {"conv_weight",
     conv_weight,
     {N::function, N::rank, N::input, N::weight_size, N::grad_output, N::stride, N::padding, N::dilation, N::groups,
      N::algorithm, N::out, N::data_format}},
    {"conv_weight_algorithms", conv_weight_algorithms, {}},
    {"conv_weight_summaries", conv_weight_summaries, {}},
    {"choose_weight_gradient",
     choose_weight_gradient,
     {N::input_shape, N::weight_size, N::stride, N::padding, N::dilation, N::groups, N::dtype}},
    {"conv_bias", conv_bias, {N::function, N::rank, N::grad_output, N::out, N::data_format}},
    {"max_pool_backward",
     max_pool_backward,
     {N::function, N::rank, N::grad_output, N::indices, N::input_size, N::out, N::data_format}},
    {"avg_pool_backward",
     avg_pool_backward,
     {N::function, N::rank, N::grad_output, N::input_size, N::kernel_size, N::stride, N::padding, N::ceil_mode,
      N::count_include_pad, N::divisor_override, N::dilation, N::out, N::data_format}},
};

}  // namespace

Functions gradients_functions() { return all_of(FUNCTIONS); }

}  // namespace convx::bindings
