// _core.conv_weight, conv_bias, max_pool_backward and avg_pool_backward.
#include "../convx/gradient/weight_gradient.h"
#include "../convx/message.h"
#include "../convx/pool/pool_backward.h"
#include "../convx/window.h"
#include "args.h"
#include "arrays.h"
#include "call.h"
#include "module.h"
#include "numbers.h"

namespace convx::bindings {
namespace {

std::string shape_text(const Shape& shape) { return "shape " + show(shape); }

// A shape that the user names instead of giving the array. Every size is at least 1, or 0 the first of `entries`: N.
Shape parse_size(const std::string& function, const char* argument, py::handle value, size_t entries = 0) {
    const Ints size = parse_ints(function, argument, value);
    if (size.scalar) type_error(function, argument, "must be a sequence of ints", value);
    for (size_t i = 0; i < size.values.size(); ++i)
        if (size.values[i] < (i == 0 && size.values.size() == entries ? 0 : 1))
            fail(function, std::string(argument) + " must be >= 1", show(size.values));
    return size.values;
}

Shape parse_weight_size(const std::string& function, int rank, py::handle value, int64_t groups) {
    const Shape size = parse_size(function, "weight_size", value);
    if (static_cast<int>(size.size()) != rank + 2)
        fail(function,
             "weight_size must have " + std::to_string(rank + 2) + " entries (out channels, in channels / groups, " +
                 std::to_string(rank) + " kernel sizes)",
             show(size));
    if (groups > 0 && size[0] % groups)
        fail(function, "weight_size must have a number of out channels divisible by groups=" + std::to_string(groups),
             show(size));
    if (too_large(size)) fail(function, "weight_size must be smaller than 2**63 bytes in float64", show(size));
    return size;
}

void check_gradient(const std::string& function, const Shape& shape, const Shape& expected) {
    if (shape != expected)
        fail(function, "grad_output must have shape " + show(expected) + ", that of the function's output",
             shape_text(shape));
}

template <class T>
py::array run_conv_weight(const ConvSpec& spec, const Shape& weight, const py::dtype& dtype, const py::array& input,
                          const py::array& gradient, const std::string& algorithm, py::handle out) {
    const ConvShape shape = conv_shape(spec, input.shape(), static_cast<int>(input.ndim()));
    const py::array x = cast_to<T>(input, false), gy = cast_to<T>(gradient, false);
    Output output(spec.function, out, dtype, weight, {&x, &gy});
    T* const dw = static_cast<T*>(output.data());
    const auto view = view_of<T>(x, spec.rank, shape.batched), g = view_of<T>(gy, spec.rank, shape.batched);
    without_gil([&] { weight_gradient::run<T>({spec, shape, view, g, dw}, algorithm); });
    return output.finish();
}

py::array conv_weight(const std::string& function, int rank, py::handle input, py::handle weight_size,
                      py::handle grad_output, py::handle stride, py::handle padding, py::handle dilation,
                      py::handle groups, py::handle algorithm, py::handle out, py::handle data_format) {
    const py::array x = as_float_array(function, "input", input);
    const py::array gy = as_float_array(function, "grad_output", grad_output);
    const py::dtype dtype = promote(function, "grad_output", x.dtype(), gy.dtype());
    const int64_t parts = parse_int(function, "groups", groups);
    const Shape weight = parse_weight_size(function, rank, weight_size, parts);
    ConvSpec spec = conv_spec(function, rank, weight, nullptr, parse_ints(function, "stride", stride),
                              parse_padding(function, padding), parse_ints(function, "dilation", dilation), parts);
    spec.format = parse_data_format(function, data_format);
    if (!PyUnicode_Check(algorithm.ptr())) type_error(function, "algorithm", "must be a str", algorithm);
    const auto name = text_of(algorithm);
    weight_gradient::check_algorithm(name, spec);
    const py::array first = channels_first(x, spec.format, rank), g = channels_first(gy, spec.format, rank);
    const ConvShape shape = conv_shape(spec, first.shape(), static_cast<int>(first.ndim()));
    check_gradient(function, shape_of(gy), in_format(output_shape(spec, shape), rank, spec.format));
    return is_double(dtype) ? run_conv_weight<double>(spec, weight, dtype, first, g, name, out)
                            : run_conv_weight<float>(spec, weight, dtype, first, g, name, out);
}

std::string choose_weight_gradient(py::handle input_shape, py::handle weight_size, py::handle stride,
                                   py::handle padding, py::handle dilation, py::handle groups, const py::dtype& dtype) {
    const std::string function = "choose_weight_gradient";
    const Ints in = parse_ints(function, "input_shape", input_shape),
               weight = parse_ints(function, "weight_size", weight_size);
    const ConvSpec spec = conv_spec(function, static_cast<int>(weight.values.size()) - 2, weight.values, nullptr,
                                    parse_ints(function, "stride", stride), parse_padding(function, padding),
                                    parse_ints(function, "dilation", dilation), parse_int(function, "groups", groups));
    const ConvShape shape = conv_shape(spec, in.values.data(), static_cast<int>(in.values.size()));
    return is_double(dtype) ? weight_gradient::choose<double>(spec, shape)
                            : weight_gradient::choose<float>(spec, shape);
}

// The array's axes as those of an output.
ConvShape output_axes(const Extents& e) {
    const auto axis = [&](int i) { return Axis{e.spatial[i], e.spatial[i]}; };
    return {e.n, e.c, e.c, 1, axis(0), axis(1), axis(2), e.batched};
}

template <class T>
py::array run_conv_bias(const std::string& function, int rank, const ConvShape& shape, const py::array& given,
                        const py::dtype& dtype, py::handle out) {
    const py::array gy = cast_to<T>(given, false);
    Output output(function, out, dtype, {shape.k}, {&gy});
    T* const db = static_cast<T*>(output.data());
    const auto view = view_of<T>(gy, rank, shape.batched);
    without_gil([&] { weight_gradient::run_bias<T>(shape, view, db); });
    return output.finish();
}

py::array conv_bias(const std::string& function, int rank, py::handle grad_output, py::handle out,
                    py::handle data_format) {
    const py::array given = as_float_array(function, "grad_output", grad_output);
    const DataFormat format = parse_data_format(function, data_format);
    const py::array gy = channels_first(given, format, rank);
    const Extents e = check_input(function, rank, gy.shape(), static_cast<int>(gy.ndim()), format, "grad_output");
    const ConvShape shape = output_axes(e);
    return is_double(given) ? run_conv_bias<double>(function, rank, shape, gy, given.dtype(), out)
                            : run_conv_bias<float>(function, rank, shape, gy, given.dtype(), out);
}

// Sizes (N,) C, *spatial of the input of a pooling, from the user's format.
Shape parse_input_size(const std::string& function, int rank, py::handle value, DataFormat format) {
    const Shape size = parse_size(function, "input_size", value, static_cast<size_t>(rank) + 2);
    const auto count = static_cast<int>(size.size());
    if (count != rank + 1 && count != rank + 2)
        fail(function,
             "input_size must have " + std::to_string(rank + 2) + " entries, the shape of the input, or " +
                 std::to_string(rank + 1) + " without N",
             show(size));
    if (too_large(size)) fail(function, "input_size must be smaller than 2**63 bytes in float64", show(size));
    return channels_first(size, rank, format);
}

template <class T>
py::array run_max_pool(const std::string& function, int rank, const Shape& size, const PoolShape& shape,
                       const py::array& gradient, const py::array& indices, const py::dtype& dtype, py::handle out,
                       DataFormat format) {
    const py::array gy = cast_to<T>(gradient, false);
    Output output(function, out, dtype, size, {&gy, &indices}, format, rank);
    const View<const T> g = view_of<T>(gy, rank, shape.batched);
    const View<const int64_t> i = view_of<int64_t>(indices, rank, shape.batched);
    T* const gx = static_cast<T*>(output.data());
    bool fit = true;
    const bool check_first = !out.is_none();  // the user's array is not left half written
    without_gil([&] { fit = pool::run_backward(pool::MaxBackward<T>{shape, g, i, gx}, check_first); });
    if (!fit) {
        const int64_t plane = shape.d.in * shape.h.in * shape.w.in;
        const py::object flat = indices.attr("ravel")();
        const py::object bad =
            flat.attr("__getitem__")((flat.attr("__lt__")(0)).attr("__or__")(flat.attr("__ge__")(plane)))
                .attr("__getitem__")(0);
        fail(function, "indices must be in [0, " + std::to_string(plane) + "), the elements of a plane of input_size",
             text_of(py::str(bad)));
    }
    return output.finish();
}

py::array max_pool_backward(const std::string& function, int rank, py::handle grad_output, py::handle indices,
                            py::handle input_size, py::handle out, py::handle data_format) {
    const py::array given = as_float_array(function, "grad_output", grad_output);
    const py::array index = as_indices(function, indices);
    const DataFormat format = parse_data_format(function, data_format);
    const Shape size = parse_input_size(function, rank, input_size, format);
    const py::array gy = channels_first(given, format, rank);
    const Extents e = check_input(function, rank, gy.shape(), static_cast<int>(gy.ndim()), format, "grad_output");
    if (shape_of(index) != shape_of(given))
        fail(function, "indices must have the shape of grad_output, " + show(shape_of(given)),
             shape_text(shape_of(index)));
    const bool batched = static_cast<int>(size.size()) == rank + 2;
    if (batched != e.batched || (batched && size[0] != e.n) || size[batched ? 1 : 0] != e.c)
        fail(function, "input_size must have the N and C of grad_output, " + shape_text(shape_of(given)),
             show(in_format(size, rank, format)));
    PoolShape shape{e.n, e.c, {}, {}, {}, e.batched};
    Axis* axes[AXES] = {&shape.d, &shape.h, &shape.w};
    for (int i = 0; i < rank; ++i) axes[AXES - rank + i]->in = size[size.size() - static_cast<size_t>(rank - i)];
    for (int i = 0; i < AXES; ++i) axes[i]->out = e.spatial[i];
    const py::array first = channels_first(index, format, rank);
    return is_double(given) ? run_max_pool<double>(function, rank, size, shape, gy, first, given.dtype(), out, format)
                            : run_max_pool<float>(function, rank, size, shape, gy, first, given.dtype(), out, format);
}

template <class T>
py::array run_avg_pool(const PoolSpec& spec, const PoolShape& shape, const Shape& size, const py::array& gradient,
                       const py::dtype& dtype, py::handle out) {
    const py::array gy = cast_to<T>(gradient, false);
    Output output(spec.function, out, dtype, size, {&gy}, spec.format, spec.rank);
    T* const gx = static_cast<T*>(output.data());
    const View<const T> view = view_of<T>(gy, spec.rank, shape.batched);
    without_gil([&] { pool::run_backward(pool::AverageBackward<T>{spec, shape, view, gx}); });
    return output.finish();
}

py::array avg_pool_backward(const std::string& function, int rank, py::handle grad_output, py::handle input_size,
                            py::handle kernel_size, py::handle stride, py::handle padding, py::handle ceil_mode,
                            py::handle count_include_pad, py::handle divisor_override, py::handle dilation,
                            py::handle out, py::handle data_format) {
    const py::array given = as_float_array(function, "grad_output", grad_output);
    std::optional<int64_t> divisor;
    if (!divisor_override.is_none()) divisor = parse_int(function, "divisor_override", divisor_override);
    PoolSpec spec = pool_spec(function, rank, parse_ints(function, "kernel_size", kernel_size),
                              parse_optional_ints(function, "stride", stride), parse_padding(function, padding),
                              parse_ints(function, "dilation", dilation), parse_bool(function, "ceil_mode", ceil_mode),
                              parse_bool(function, "count_include_pad", count_include_pad), divisor);
    spec.format = parse_data_format(function, data_format);
    const Shape size = parse_input_size(function, rank, input_size, spec.format);
    const PoolShape shape = pool_shape(spec, size.data(), static_cast<int>(size.size()));
    check_gradient(function, shape_of(given), in_format(output_shape(spec, shape), rank, spec.format));
    const py::array gy = channels_first(given, spec.format, rank);
    return is_double(given) ? run_avg_pool<double>(spec, shape, size, gy, given.dtype(), out)
                            : run_avg_pool<float>(spec, shape, size, gy, given.dtype(), out);
}

}  // namespace

void bind_gradients(py::module_& m) {
    m.def("conv_weight", &conv_weight);
    m.def("conv_weight_algorithms", [] {
        py::list names;
        for (const auto& name : weight_gradient::algorithm_names()) names.append(name);
        return py::tuple(names);
    });
    m.def("choose_weight_gradient", &choose_weight_gradient);
    m.def("conv_bias", &conv_bias);
    m.def("max_pool_backward", &max_pool_backward);
    m.def("avg_pool_backward", &avg_pool_backward);
}

}  // namespace convx::bindings
