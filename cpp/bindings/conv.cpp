// _core.conv, _core.conv_plan, and what "auto" takes.
#include "../convx/conv/convolution.h"

#include "../convx/shape/message.h"
#include "float_plan.h"
#include "functions.h"
#include "integer_arguments.h"
#include "integer_plan.h"

namespace convx::bindings {
namespace {

struct Forward {
    template <class T>
    using Operator = Convolution<T>;
    static constexpr bool CAN_BE_TUNED = true, TAKES_RESIDUAL = true;
    struct Spec {
        Padding padding;
        ConvSpec conv;
    };

    static Spec make_spec(const Arguments& a, const Shape& weight, const Array& bias) {
        const Padding padding = a.padding();
        const Shape shape = bias ? bias.shape() : Shape();
        return {padding, a.conv_spec(a.rank(), weight, bias ? &shape : nullptr, padding)};
    }
    static void check_supported(const std::string& algorithm, const ConvSpec& spec) {
        convx::check_supported(algorithm, spec);
    }
    static ConvShape shape_for(const Spec& spec, const int64_t* sizes, int axes) {
        return conv_shape(spec.conv, sizes, axes);
    }
    static Shape result_shape(const Spec& spec, const ConvShape& shape) { return output_shape(spec.conv, shape); }

    // Written in its format.
    static Output output(const Spec& s, py::handle out, const Dtype& dtype, const ConvShape& shape,
                         std::initializer_list<const Array*> inputs) {
        const ConvSpec& spec = s.conv;
        return {spec.function, out, dtype, in_format(output_shape(spec, shape), spec.rank, spec.format), inputs};
    }
    template <class T>
    static void run(Convolution<T>& op, const Spec& spec, const ConvShape& shape, const View<const T>& x, T* out,
                    const T* residual) {
        op.run(shape, x, out, spec.conv.format, residual);
    }
    template <class T>
    static int64_t workspace_bytes(Convolution<T>& op, const Spec& spec, const ConvShape& shape) {
        return op.workspace_bytes(shape, spec.conv.format);
    }
    template <class T>
    static std::string algorithm_for(Convolution<T>& op, const Spec& spec, const ConvShape& shape) {
        return op.algorithm_for(shape, spec.conv.format).name;
    }
    static py::object output_padding(const Spec&) { return {}; }
    static py::object output_size(const Spec&) { return {}; }
};

py::object conv(const Arguments& a) {
    const Array weight = a.array(Name::weight);
    if (is_integer(weight.dtype())) return integer_conv(a, weight);
    return FloatPlan<Forward>(a, weight, true).call(a[Name::input], a.out(), a[Name::residual]);
}

py::object conv_plan(const Arguments& a) {
    const Array weight = a.array(Name::weight);
    if (is_integer(weight.dtype())) return to_python(integer_plan(a, weight));
    return to_python(std::make_unique<FloatPlan<Forward>>(a, weight, false));
}

py::object choose(const Arguments& a) {
    const Ints in = a.ints(Name::input_shape), weight = a.ints(Name::weight_shape);
    const ConvSpec spec = a.conv_spec(weight_rank(a.function(), weight), weight.values, nullptr, a.padding());
    const ConvShape shape = conv_shape(spec, in.values.data(), static_cast<int>(in.values.size()));
    const std::string name = with_float(a.dtype(), [&](auto t) { return chosen_algorithm<decltype(t)>(spec, shape); });
    return to_python(name.c_str());
}

py::object supports(const Arguments& a) {
    const std::string name = a.algorithm();
    const Ints weight = a.ints(Name::weight_shape);
    const Padding none{PadMode::valid, {}, {}};
    return to_python(
        algorithm_supports(name, a.conv_spec(weight_rank(a.function(), weight), weight.values, nullptr, none)));
}

py::object algorithms(const Arguments&) { return to_python(algorithm_names()); }

py::object summaries(const Arguments&) { return to_python(algorithm_summaries()); }

py::object costs(const Arguments& a) {
    const Ints in = a.ints(Name::input_shape), weight = a.ints(Name::weight_shape);
    const int axes = static_cast<int>(in.values.size());
    if (axes < 3 || axes > AXES + 2 || weight.values.size() != in.values.size())
        fail(a.function(), "input_shape and weight_shape must have the same 3 to 5 axes", show(in.values));
    const ConvSpec spec = a.conv_spec(axes - 2, weight.values, nullptr, a.padding());
    const ConvShape shape = conv_shape(spec, in.values.data(), axes);
    py::dict estimates;
    with_float(a.dtype(), [&](auto t) {
        for (const auto& [name, cost] : algorithm_costs<decltype(t)>(spec, shape))
            set_item(estimates, name.c_str(), py::float_(cost));
        return 0;
    });
    return std::move(estimates);
}

using N = Name;
constexpr Function FUNCTIONS[] = {
    {"conv",
     conv,
     {N::function, N::rank, N::input, N::weight, N::bias, N::stride, N::padding, N::dilation, N::groups, N::activation,
      N::algorithm, N::out, N::padding_mode, N::data_format, N::residual}},
    {"conv_plan",
     conv_plan,
     {N::function, N::rank, N::weight, N::bias, N::stride, N::padding, N::dilation, N::groups, N::activation,
      N::algorithm, N::padding_mode, N::data_format, N::input_shape}},
    {"choose", choose, {N::input_shape, N::weight_shape, N::stride, N::padding, N::dilation, N::groups, N::dtype}},
    {"supports", supports, {N::algorithm, N::weight_shape, N::stride, N::dilation, N::groups}},
    {"algorithms", algorithms, {}},
    {"algorithm_summaries", summaries, {}},
    {"algorithm_costs",
     costs,
     {N::input_shape, N::weight_shape, N::stride, N::padding, N::dilation, N::groups, N::dtype}},
};

}  // namespace

Functions conv_functions() { return all_of(FUNCTIONS); }

}  // namespace convx::bindings
