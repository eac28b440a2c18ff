// _core.conv_transpose, _core.ConvTransposePlan and _core.conv_input.
#include "../convx/transposed/conv_transpose.h"

#include <memory>

#include "../convx/message.h"
#include "../convx/transposed/transposed_shape.h"
#include "args.h"
#include "arrays.h"
#include "call.h"
#include "module.h"
#include "plan.h"

namespace convx::bindings {
namespace {

class ConvTransposePlan : public Initialised {
  public:
    ConvTransposePlan(std::string function, int rank, py::handle weight, py::handle bias, py::handle stride,
                      py::handle padding, py::handle output_padding, py::handle groups, py::handle dilation,
                      py::handle output_size, py::handle activation, py::handle algorithm, py::handle data_format)
        : weight_(as_float_array(function, "weight", weight)),
          has_bias_(!bias.is_none()),
          bias_(has_bias_ ? as_float_array(function, "bias", bias) : py::array()),
          dtype_(has_bias_ ? promote(function, "bias", weight_.dtype(), bias_.dtype()) : weight_.dtype()),
          activation_(parse_activation(function, activation)),
          algorithm_(parse_algorithm(function, algorithm)),
          spec_(make_spec(function, rank, stride, padding, output_padding, groups, dilation, output_size)) {
        spec_.conv.format = parse_data_format(function, data_format);
        check_phases_supported(algorithm_, spec_.conv);
    }

    // For many calls: later changes of the caller's arrays must not reach a plan.
    void keep() {
        weight_ = copied(weight_, weight_.dtype());
        if (has_bias_) bias_ = copied(bias_, bias_.dtype());
        one_use_ = false;
    }

    py::array call(py::handle input, py::handle out) {
        const py::array given = as_float_array(function(), "input", input);
        const py::dtype result = promote(function(), "input", dtype_, given.dtype());
        const py::array x = channels_first(given, spec_.conv.format, spec_.conv.rank);
        return is_double(result) ? run<double>(x, result, out, f64_) : run<float>(x, result, out, f32_);
    }

    py::tuple output_shape(py::handle input_shape) const {
        const ConvSpec& conv = spec_.conv;
        return py::cast(in_format(transposed_output(conv, shape_for(input_shape)), conv.rank, conv.format));
    }

    // Both for inputs of the plan's own dtype.
    int64_t workspace_bytes(py::handle input_shape) {
        return of_shape<int64_t>(input_shape, [](auto& op, const ConvShape& s) { return op.workspace_bytes(s); });
    }
    std::string algorithm_for(py::handle input_shape) {
        return of_shape<std::string>(input_shape, [](auto& op, const ConvShape& s) { return op.algorithm_for(s); });
    }

    py::dtype dtype() const { return dtype_; }
    py::tuple weight_shape() const { return py::cast(shape_of(weight_)); }
    py::tuple stride() const { return strides_of(spec_.conv); }
    py::tuple dilation() const { return dilations_of(spec_.conv); }
    py::object padding() const { return padding_of(spec_.conv, spec_.padding); }
    py::tuple output_padding() const {
        return per_axis(spec_.conv, [&](int axis) { return py::int_(spec_.output_padding[axis]); });
    }
    py::object output_size() const {
        if (!spec_.output_size) return py::none();
        const auto& sizes = spec_.output_size->values;
        const int first = AXES - spec_.conv.rank;
        return per_axis(spec_.conv,
                        [&](int axis) { return py::int_(sizes.size() == 1 ? sizes[0] : sizes[axis - first]); });
    }
    int64_t groups() const { return spec_.conv.groups; }
    const char* data_format() const { return name_of(spec_.conv.format); }
    std::string algorithm() const { return algorithm_; }

  private:
    const std::string& function() const { return spec_.conv.function; }

    TransposedSpec make_spec(const std::string& function, int rank, py::handle stride, py::handle padding,
                             py::handle output_padding, py::handle groups, py::handle dilation,
                             py::handle output_size) const {
        const Shape bias = has_bias_ ? shape_of(bias_) : Shape();
        return transposed_spec(function, rank, shape_of(weight_), has_bias_ ? &bias : nullptr,
                               parse_ints(function, "stride", stride), parse_padding(function, padding),
                               parse_ints(function, "output_padding", output_padding),
                               parse_ints(function, "dilation", dilation), parse_int(function, "groups", groups),
                               parse_optional_ints(function, "output_size", output_size));
    }

    ConvShape shape_for(py::handle input_shape) const {
        const Shape shape = parse_input_shape(spec_.conv, input_shape);
        return transposed_shape(spec_, shape.data(), static_cast<int>(shape.size()));
    }

    template <class Result, class Of>
    Result of_shape(py::handle input_shape, const Of& of) {
        const ConvShape shape = not_empty(shape_for(input_shape));
        Result result{};
        if (is_double(dtype_)) {
            ConvTranspose<double>& op = typed(f64_).run;
            without_gil([&] { result = of(op, shape); });
        } else {
            ConvTranspose<float>& op = typed(f32_).run;
            without_gil([&] { result = of(op, shape); });
        }
        return result;
    }

    template <class T>
    using Slot = Once<Typed<ConvTranspose, T>>;

    template <class T>
    Typed<ConvTranspose, T>& typed(Slot<T>& slot) {
        return slot.get([&] {
            return std::make_unique<Typed<ConvTranspose, T>>(spec_.conv, weight_, has_bias_ ? &bias_ : nullptr,
                                                             activation_, algorithm_, one_use_);
        });
    }

    template <class T>
    py::array run(const py::array& input, const py::dtype& dtype, py::handle out, Slot<T>& slot) {
        const ConvShape shape = transposed_shape(spec_, input.shape(), static_cast<int>(input.ndim()));
        const py::array x = cast_to<T>(input, false);
        Output output(function(), out, dtype, transposed_output(spec_.conv, shape),
                      {&x, &weight_, has_bias_ ? &bias_ : nullptr}, spec_.conv.format, spec_.conv.rank);
        ConvTranspose<T>& op = typed(slot).run;
        const View<const T> view = view_of<T>(x, spec_.conv.rank, shape.batched);
        T* const data = static_cast<T*>(output.data());
        without_gil([&] { op.run(shape, view, data); });
        return output.finish();
    }

    py::array weight_;
    bool has_bias_;
    bool one_use_ = true;
    py::array bias_;
    py::dtype dtype_;  // to which weight and bias promote
    Epilogue<double> activation_;
    std::string algorithm_;
    TransposedSpec spec_;
    Slot<float> f32_;
    Slot<double> f64_;
};

py::array conv_transpose(std::string function, int rank, py::handle input, py::handle weight, py::handle bias,
                         py::handle stride, py::handle padding, py::handle output_padding, py::handle groups,
                         py::handle dilation, py::handle output_size, py::handle activation, py::handle algorithm,
                         py::handle out, py::handle data_format) {
    ConvTransposePlan plan(std::move(function), rank, weight, bias, stride, padding, output_padding, groups, dilation,
                           output_size, activation, algorithm, data_format);
    return plan.call(input, out);
}

template <class T>
py::array run_input(const ConvSpec& spec, const ConvShape& shape, const py::array& weight, const py::array& grad,
                    const py::dtype& dtype, const std::string& algorithm, py::handle out) {
    const py::array g = cast_to<T>(grad, false);
    Output output(spec.function, out, dtype, transposed_output(spec, shape), {&g, &weight}, spec.format, spec.rank);
    Typed<ConvTranspose, T> op(spec, weight, nullptr, parse_activation(spec.function, py::none()), algorithm, true);
    const View<const T> view = view_of<T>(g, spec.rank, shape.batched);
    T* const data = static_cast<T*>(output.data());
    without_gil([&] { op.run.run(shape, view, data); });
    return output.finish();
}

// The gradient of a convolution with respect to its input is the transposed convolution of its output's gradient.
py::array conv_input(const std::string& function, int rank, py::handle input_size, py::handle weight,
                     py::handle grad_output, py::handle stride, py::handle padding, py::handle dilation,
                     py::handle groups, py::handle algorithm, py::handle out, py::handle data_format) {
    const Ints size = parse_ints(function, "input_size", input_size);
    const py::array w = as_float_array(function, "weight", weight);
    const py::array given = as_float_array(function, "grad_output", grad_output);
    const py::dtype dtype = promote(function, "grad_output", w.dtype(), given.dtype());
    const std::string name = parse_algorithm(function, algorithm);
    ConvSpec spec = conv_spec(function, rank, shape_of(w), nullptr, parse_ints(function, "stride", stride),
                              parse_padding(function, padding), parse_ints(function, "dilation", dilation),
                              parse_int(function, "groups", groups));
    spec.format = parse_data_format(function, data_format);
    const py::array g = channels_first(given, spec.format, rank);
    const ConvShape shape =
        input_gradient_shape(spec, convx::channels_first(size.values, rank, spec.format), shape_of(g));
    check_phases_supported(name, spec);
    return is_double(dtype) ? run_input<double>(spec, shape, w, g, dtype, name, out)
                            : run_input<float>(spec, shape, w, g, dtype, name, out);
}

}  // namespace

void bind_conv_transpose(py::module_& m) {
    m.def("conv_transpose", &conv_transpose);
    m.def("conv_input", &conv_input);
    py::class_<ConvTransposePlan> plan(m, "ConvTransposePlan");
    bind_init(plan, &kept<ConvTransposePlan, py::handle, py::handle, py::handle, py::handle, py::handle, py::handle,
                          py::handle, py::handle, py::handle, py::handle, py::handle>);
    bind_plan(plan)
        .def_property_readonly("output_padding", &ConvTransposePlan::output_padding)
        .def_property_readonly("output_size", &ConvTransposePlan::output_size);
}

}  // namespace convx::bindings
