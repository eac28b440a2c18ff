// _core.IntegerPlan.
#include "integer.h"

#include <pybind11/stl.h>

#include <limits>

#include "../convx/message.h"
#include "args.h"
#include "arrays.h"
#include "call.h"
#include "module.h"
#include "plan.h"

namespace convx::bindings {
namespace {

ConvSpec make_spec(const std::string& function, int rank, const py::array& weight, py::handle bias,
                   IntegerTraits& traits, py::handle stride, const Padding& padding, py::handle dilation,
                   py::handle groups) {
    py::array values;
    if (!bias.is_none()) values = as_integer_array(function, "bias", bias);
    const Shape shape = bias.is_none() ? Shape() : shape_of(values);
    ConvSpec spec = conv_spec(function, rank, shape_of(weight), bias.is_none() ? nullptr : &shape,
                              parse_ints(function, "stride", stride), padding,
                              parse_ints(function, "dilation", dilation), parse_int(function, "groups", groups));
    if (!bias.is_none()) traits.bias = int_values(values);
    return spec;
}

}  // namespace

IntegerPlan::IntegerPlan(std::string function, int rank, py::handle weight, py::handle bias, py::handle stride,
                         py::handle padding, py::handle dilation, py::handle groups, py::handle activation,
                         py::handle algorithm, py::handle padding_mode, py::handle data_format)
    : weight_(as_integer_array(function, "weight", weight)), padding_(parse_padding(function, padding)) {
    const Bounds bounds = parse_integer_activation(function, activation);
    traits_.lo = bounds.lo;
    traits_.hi = bounds.hi;
    traits_.algorithm = parse_algorithm(function, algorithm);
    spec_ = make_spec(function, rank, weight_, bias, traits_, stride, padding_, dilation, groups);
    spec_.border = parse_padding_mode(function, padding_mode);
    spec_.format = parse_data_format(function, data_format);
    check_integer_algorithm(function, traits_.algorithm);
    weight_ = contiguous(weight_);
}

void IntegerPlan::keep() { weight_ = copied(weight_, weight_.dtype()); }

template <class T>
IntegerConvolution<T>& IntegerPlan::convolution(Slot<T>& slot) {
    return slot.get([&] {
        const std::string type = sizeof(T) == sizeof(int32_t) ? "int32" : "int64";
        const int64_t least = std::numeric_limits<T>::min(), most = std::numeric_limits<T>::max();
        for (const int64_t b : traits_.bias)
            if (b < least || b > most)
                fail(spec_.function, "bias must fit the " + type + " sums of these dtypes", std::to_string(b));
        if (traits_.lo > most || traits_.hi < least)
            fail(spec_.function, "activation must have bounds that " + type + " sums can reach",
                 "(" + std::to_string(traits_.lo) + ", " + std::to_string(traits_.hi) + ")");
        const IntegerWeights weights{weight_.data(), int_type(weight_), {}};
        return std::make_unique<IntegerConvolution<T>>(spec_, weights, traits_);
    });
}

py::array IntegerPlan::call(py::handle input, py::handle out) {
    const py::array given = as_integer_array(spec_.function, "input", input);
    const py::array x = channels_first(given, spec_.format, spec_.rank);
    return is_byte(int_type(x)) && is_byte(int_type(weight_)) ? run<int32_t>(x, out, sums32_)
                                                              : run<int64_t>(x, out, sums64_);
}

template <class T>
py::array IntegerPlan::run(const py::array& x, py::handle out, Slot<T>& slot) {
    const ConvShape shape = conv_shape(spec_, x.shape(), static_cast<int>(x.ndim()));
    IntegerConvolution<T>& c = convolution(slot);
    Output output(spec_.function, out, py::dtype::of<T>(), convx::output_shape(spec_, shape), {&x, &weight_},
                  spec_.format, spec_.rank);
    const IntView view = int_view(x, spec_.rank, shape.batched);
    void* const data = output.data();
    if (shape.n > 0) without_gil([&] { c.run(shape, view, data); });
    return output.finish();
}

ConvShape IntegerPlan::shape_for(py::handle input_shape) const {
    const Shape shape = parse_input_shape(spec_, input_shape);
    return conv_shape(spec_, shape.data(), static_cast<int>(shape.size()));
}

py::tuple IntegerPlan::output_shape(py::handle input_shape) const {
    return py::cast(in_format(convx::output_shape(spec_, shape_for(input_shape)), spec_.rank, spec_.format));
}

// Of the convolution for inputs of the weight's dtype; it may look through the whole weight.
template <class Result, class Of>
Result IntegerPlan::of_own(const Of& of) {
    Result result{};
    const auto ask = [&](auto& convolution) { without_gil([&] { result = of(convolution); }); };
    is_byte(int_type(weight_)) ? ask(convolution(sums32_)) : ask(convolution(sums64_));
    return result;
}

int64_t IntegerPlan::workspace_bytes(py::handle input_shape) {
    const ConvShape s = not_empty(shape_for(input_shape));
    const IntType type = int_type(weight_);
    const IntView x{nullptr, type, 0, s.d.in * s.h.in * s.w.in, s.h.in * s.w.in, s.w.in, 1};
    return of_own<int64_t>([&](auto& c) { return c.workspace_bytes(s, x); });
}

std::string IntegerPlan::algorithm_for(py::handle input_shape) {
    const ConvShape s = not_empty(shape_for(input_shape));
    return of_own<std::string>([&](auto& c) { return c.algorithm_for(s); });
}

py::dtype IntegerPlan::dtype() const {
    return is_byte(int_type(weight_)) ? py::dtype::of<int32_t>() : py::dtype::of<int64_t>();
}

py::tuple IntegerPlan::weight_shape() const { return py::cast(shape_of(weight_)); }

py::tuple IntegerPlan::stride() const { return strides_of(spec_); }
py::tuple IntegerPlan::dilation() const { return dilations_of(spec_); }
py::object IntegerPlan::padding() const { return padding_of(spec_, padding_); }

const char* IntegerPlan::padding_mode() const { return name_of(spec_.border); }

const char* IntegerPlan::data_format() const { return name_of(spec_.format); }

void bind_integer(py::module_& m) {
    m.def("holds_integers", [](const std::string& function, py::handle weight) {
        return is_integer(as_array(function, "weight", weight));
    });
    py::class_<IntegerPlan> plan(m, "IntegerPlan");
    bind_init(plan, &kept<IntegerPlan, py::handle, py::handle, py::handle, py::handle, py::handle, py::handle,
                          py::handle, py::handle, py::handle, py::handle>);
    bind_plan(plan).def_property_readonly("padding_mode", &IntegerPlan::padding_mode);
}

}  // namespace convx::bindings
