// _core.conv and _core.ConvPlan.
#include <memory>

#include "../convx/conv/convolution.h"
#include "../convx/message.h"
#include "args.h"
#include "arrays.h"
#include "call.h"
#include "integer.h"
#include "module.h"
#include "plan.h"

namespace convx::bindings {
namespace {

class ConvPlan : public Initialised {
  public:
    ConvPlan(std::string function, int rank, py::handle weight, py::handle bias, py::handle stride, py::handle padding,
             py::handle dilation, py::handle groups, py::handle activation, py::handle algorithm,
             py::handle padding_mode, py::handle data_format)
        : weight_(as_float_array(function, "weight", weight)),
          has_bias_(!bias.is_none()),
          bias_(has_bias_ ? as_float_array(function, "bias", bias) : py::array()),
          dtype_(has_bias_ ? promote(function, "bias", weight_.dtype(), bias_.dtype()) : weight_.dtype()),
          padding_(parse_padding(function, padding)),
          activation_(parse_activation(function, activation)),
          algorithm_(parse_algorithm(function, algorithm)),
          spec_(make_spec(function, rank, stride, dilation, groups)) {
        spec_.border = parse_padding_mode(function, padding_mode);
        spec_.format = parse_data_format(function, data_format);
        check_supported(algorithm_, spec_);
    }

    // For many calls: later changes of the caller's arrays must not reach a plan.
    void keep() {
        weight_ = copied(weight_, weight_.dtype());
        if (has_bias_) bias_ = copied(bias_, bias_.dtype());
        one_use_ = false;
    }

    py::array call(py::handle input, py::handle out) {
        const py::array given = as_float_array(spec_.function, "input", input);
        const py::dtype result = promote(spec_.function, "input", dtype_, given.dtype());
        const py::array x = channels_first(given, spec_.format, spec_.rank);
        return is_double(result) ? run<double>(x, result, out, f64_) : run<float>(x, result, out, f32_);
    }

    py::tuple output_shape(py::handle input_shape) const {
        return py::cast(in_format(convx::output_shape(spec_, shape_for(input_shape)), spec_.rank, spec_.format));
    }

    // Both for inputs of the plan's own dtype.
    int64_t workspace_bytes(py::handle input_shape) {
        const ConvShape shape = not_empty(shape_for(input_shape));
        return of_own<int64_t>([&](auto& convolution) { return convolution.workspace_bytes(shape, spec_.format); });
    }
    std::string algorithm_for(py::handle input_shape) {
        const ConvShape shape = not_empty(shape_for(input_shape));
        return of_own<std::string>(
            [&](auto& convolution) { return convolution.algorithm_for(shape, spec_.format).name; });
    }

    py::dtype dtype() const { return dtype_; }
    py::tuple weight_shape() const { return py::cast(shape_of(weight_)); }
    py::tuple stride() const { return strides_of(spec_); }
    py::object padding() const { return padding_of(spec_, padding_); }
    py::tuple dilation() const { return dilations_of(spec_); }
    int64_t groups() const { return spec_.groups; }
    const char* padding_mode() const { return name_of(spec_.border); }
    const char* data_format() const { return name_of(spec_.format); }
    std::string algorithm() const { return algorithm_; }

  private:
    ConvSpec make_spec(const std::string& function, int rank, py::handle stride, py::handle dilation,
                       py::handle groups) const {
        const Shape bias = has_bias_ ? shape_of(bias_) : Shape();
        return conv_spec(function, rank, shape_of(weight_), has_bias_ ? &bias : nullptr,
                         parse_ints(function, "stride", stride), padding_, parse_ints(function, "dilation", dilation),
                         parse_int(function, "groups", groups));
    }

    ConvShape shape_for(py::handle input_shape) const {
        const Shape shape = parse_input_shape(spec_, input_shape);
        return conv_shape(spec_, shape.data(), static_cast<int>(shape.size()));
    }

    // Of the convolution in the plan's own dtype; it may look through the whole weight.
    template <class Result, class Of>
    Result of_own(const Of& of) {
        Result result{};
        const auto ask = [&](auto& convolution) { without_gil([&] { result = of(convolution); }); };
        is_double(dtype_) ? ask(typed(f64_).run) : ask(typed(f32_).run);
        return result;
    }

    template <class T>
    using Slot = Once<Typed<Convolution, T>>;

    // Casting may let other threads in.
    template <class T>
    Typed<Convolution, T>& typed(Slot<T>& slot) {
        return slot.get([&] {
            return std::make_unique<Typed<Convolution, T>>(spec_, weight_, has_bias_ ? &bias_ : nullptr, activation_,
                                                           algorithm_, one_use_);
        });
    }

    template <class T>
    py::array run(const py::array& input, const py::dtype& dtype, py::handle out, Slot<T>& slot) {
        const ConvShape shape = conv_shape(spec_, input.shape(), static_cast<int>(input.ndim()));
        const py::array x = cast_to<T>(input, false);
        Output output(spec_.function, out, dtype,
                      in_format(convx::output_shape(spec_, shape), spec_.rank, spec_.format),
                      {&x, &weight_, has_bias_ ? &bias_ : nullptr});
        Convolution<T>& convolution = typed(slot).run;
        const View<const T> view = view_of<T>(x, spec_.rank, shape.batched);
        T* const data = static_cast<T*>(output.data());
        without_gil([&] { convolution.run(shape, view, data, spec_.format); });
        return output.finish();
    }

    py::array weight_;
    bool has_bias_;
    bool one_use_ = true;
    py::array bias_;
    py::dtype dtype_;  // to which weight and bias promote
    Padding padding_;
    Epilogue<double> activation_;
    std::string algorithm_;
    ConvSpec spec_;
    Slot<float> f32_;
    Slot<double> f64_;
};

py::array conv(std::string function, int rank, py::handle input, py::handle weight, py::handle bias, py::handle stride,
               py::handle padding, py::handle dilation, py::handle groups, py::handle activation, py::handle algorithm,
               py::handle out, py::handle padding_mode, py::handle data_format) {
    const py::array w = as_array(function, "weight", weight);
    if (is_integer(w))
        return IntegerPlan(std::move(function), rank, w, bias, stride, padding, dilation, groups, activation, algorithm,
                           padding_mode, data_format)
            .call(input, out);
    ConvPlan plan(std::move(function), rank, w, bias, stride, padding, dilation, groups, activation, algorithm,
                  padding_mode, data_format);
    return plan.call(input, out);
}

int rank_of(const std::string& function, const Ints& weight_shape) {
    const int rank = static_cast<int>(weight_shape.values.size()) - 2;
    if (rank < 1 || rank > AXES) fail(function, "weight_shape must have 3 to 5 axes", show(weight_shape.values));
    return rank;
}

std::string choose(py::handle input_shape, py::handle weight_shape, py::handle stride, py::handle padding,
                   py::handle dilation, py::handle groups, const py::dtype& dtype) {
    const std::string function = "choose";
    const Ints in = parse_ints(function, "input_shape", input_shape),
               w = parse_ints(function, "weight_shape", weight_shape);
    const ConvSpec spec = conv_spec(function, rank_of(function, w), w.values, nullptr,
                                    parse_ints(function, "stride", stride), parse_padding(function, padding),
                                    parse_ints(function, "dilation", dilation), parse_int(function, "groups", groups));
    const ConvShape shape = conv_shape(spec, in.values.data(), static_cast<int>(in.values.size()));
    return dtype.itemsize() == 8 ? chosen_algorithm<double>(spec, shape) : chosen_algorithm<float>(spec, shape);
}

bool supports(py::handle algorithm, py::handle weight_shape, py::handle stride, py::handle dilation,
              py::handle groups) {
    const std::string function = "supports", name = parse_algorithm(function, algorithm);
    const Ints w = parse_ints(function, "weight_shape", weight_shape);
    const ConvSpec spec = conv_spec(function, rank_of(function, w), w.values, nullptr,
                                    parse_ints(function, "stride", stride), Padding{PadMode::valid, {}, {}},
                                    parse_ints(function, "dilation", dilation), parse_int(function, "groups", groups));
    return algorithm_supports(name, spec);
}

}  // namespace

void bind_conv(py::module_& m) {
    m.def("conv", &conv);
    m.def("choose", &choose);
    m.def("supports", &supports);
    m.def("algorithms", [] { return py::tuple(py::cast(algorithm_names())); });
    m.def("algorithm_summaries", [] {
        py::dict summaries;
        for (const auto& [name, summary] : algorithm_summaries()) summaries[py::str(name)] = summary;
        return summaries;
    });
    py::class_<ConvPlan> plan(m, "ConvPlan");
    bind_init(plan, &kept<ConvPlan, py::handle, py::handle, py::handle, py::handle, py::handle, py::handle, py::handle,
                          py::handle, py::handle, py::handle>);
    bind_plan(plan).def_property_readonly("padding_mode", &ConvPlan::padding_mode);
}

}  // namespace convx::bindings
