// _core.conv_transpose, _core.conv_transpose_plan and _core.conv_input.
#include "../convx/transposed/conv_transpose.h"

#include "../convx/transposed/transposed_shape.h"
#include "float_plan.h"
#include "functions.h"

namespace convx::bindings {
namespace {

// Written in its format.
Output output_of(const ConvSpec& spec, py::handle out, const Dtype& dtype, const ConvShape& shape,
                 std::initializer_list<const Array*> inputs) {
    return {spec.function, out, dtype, in_format(transposed_output(spec, shape), spec.rank, spec.format), inputs};
}

struct Transposed {
    template <class T>
    using Operator = ConvTranspose<T>;
    static constexpr bool CAN_BE_TUNED = false,
                          TAKES_RESIDUAL = false;  // its phases are convolutions of several shapes
    using Spec = TransposedSpec;

    static Spec make_spec(const Arguments& a, const Shape& weight, const Array& bias) {
        const Shape shape = bias ? bias.shape() : Shape();
        const Ints stride = a.ints(Name::stride), more = a.ints(Name::output_padding),
                   dilation = a.ints(Name::dilation);
        Spec spec = transposed_spec(a.function(), a.rank(), weight, bias ? &shape : nullptr, stride, a.padding(), more,
                                    dilation, a.integer(Name::groups), a.optional_ints(Name::output_size));
        spec.conv.format = a.format();
        return spec;
    }
    static void check_supported(const std::string& algorithm, const ConvSpec& spec) {
        check_phases_supported(algorithm, spec);
    }
    static ConvShape shape_for(const Spec& spec, const int64_t* sizes, int axes) {
        return transposed_shape(spec, sizes, axes);
    }
    static Shape result_shape(const Spec& spec, const ConvShape& shape) { return transposed_output(spec.conv, shape); }

    static Output output(const Spec& spec, py::handle out, const Dtype& dtype, const ConvShape& shape,
                         std::initializer_list<const Array*> inputs) {
        return output_of(spec.conv, out, dtype, shape, inputs);
    }
    template <class T>
    static void run(ConvTranspose<T>& op, const Spec& spec, const ConvShape& shape, const View<const T>& x, T* out,
                    const T*) {
        op.run(shape, x, out, spec.conv.format);
    }
    template <class T>
    static int64_t workspace_bytes(ConvTranspose<T>& op, const Spec& spec, const ConvShape& shape) {
        return op.workspace_bytes(shape, spec.conv.format);
    }
    template <class T>
    static std::string algorithm_for(ConvTranspose<T>& op, const Spec&, const ConvShape& shape) {
        return op.algorithm_for(shape);
    }

    static py::object output_padding(const Spec& spec) {
        return per_axis(spec.conv, [&](int axis) { return to_python(spec.output_padding[axis]); });
    }
    static py::object output_size(const Spec& spec) {
        if (!spec.output_size) return py::none();
        const Shape& sizes = spec.output_size->values;
        const int first = AXES - spec.conv.rank;
        return per_axis(spec.conv, [&](int axis) {
            return to_python(sizes[sizes.size() == 1 ? 0 : static_cast<size_t>(axis - first)]);
        });
    }
};

py::object conv_transpose(const Arguments& a) {
    return FloatPlan<Transposed>(a, a.array(Name::weight), true).call(a[Name::input], a.out(), py::none());
}

py::object conv_transpose_plan(const Arguments& a) {
    return to_python(std::make_unique<FloatPlan<Transposed>>(a, a.array(Name::weight), false));
}

template <class T>
py::object run_input(const ConvSpec& spec, const ConvShape& shape, const Array& weight, const Array& grad,
                     const Dtype& dtype, const std::string& algorithm, py::handle out) {
    const Array g = cast_to<T>(grad);
    Output output = output_of(spec, out, dtype, shape, {&g, &weight});
    const Epilogue<double> none = parse_activation(spec.function, py::none());
    Typed<ConvTranspose, T> op(spec, weight, {}, none, algorithm, true);
    const View<const T> view = view_of<T>(g, spec.rank, shape.batched);
    without_gil([&] { op.run.run(shape, view, output.data<T>(), spec.format); });
    return output.finish();
}

// The gradient of a convolution with respect to its input is the transposed convolution of its output's gradient.
py::object conv_input(const Arguments& a) {
    const Ints size = a.ints(Name::input_size);
    const Array weight = a.floats(Name::weight), given = a.floats(Name::grad_output);
    const Dtype dtype = promote(a.function(), "grad_output", weight.dtype(), given.dtype());
    const std::string name = a.algorithm();
    const ConvSpec spec = a.conv_spec(a.rank(), weight.shape(), nullptr, a.padding());
    const Array g = channels_first(given, spec.format, spec.rank);
    const ConvShape shape =
        input_gradient_shape(spec, convx::channels_first(size.values, spec.rank, spec.format), g.shape());
    check_phases_supported(name, spec);
    return with_float(dtype,
                      [&](auto t) { return run_input<decltype(t)>(spec, shape, weight, g, dtype, name, a.out()); });
}

using N = Name;
constexpr Function FUNCTIONS[] = {
    {"conv_transpose",
     conv_transpose,
     {N::function, N::rank, N::input, N::weight, N::bias, N::stride, N::padding, N::output_padding, N::groups,
      N::dilation, N::output_size, N::activation, N::algorithm, N::out, N::data_format}},
    {"conv_transpose_plan",
     conv_transpose_plan,
     {N::function, N::rank, N::weight, N::bias, N::stride, N::padding, N::output_padding, N::groups, N::dilation,
      N::output_size, N::activation, N::algorithm, N::data_format}},
    {"conv_input",
     conv_input,
     {N::function, N::rank, N::input_size, N::weight, N::grad_output, N::stride, N::padding, N::dilation, N::groups,
      N::algorithm, N::out, N::data_format}},
};

}  // namespace

Functions conv_transpose_functions() { return all_of(FUNCTIONS); }

}  // namespace convx::bindings
