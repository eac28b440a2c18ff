// What the plans have in common: weight and bias in the element type of a call, and their parameters as Python sees
// them.
#pragma once
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <memory>
#include <string>
#include <utility>

#include "../convx/message.h"
#include "../convx/published.h"
#include "../convx/shape.h"
#include "../kernels/kernels.h"
#include "args.h"
#include "arrays.h"

namespace convx::bindings {

template <class T>
Epilogue<T> narrowed(const Epilogue<double>& e) {
    return {nullptr, e.activation, static_cast<T>(e.lo), static_cast<T>(e.hi)};
}

// pybind11 makes room for an object whose __init__ never ran, and reads it. A plan's own operator new is asked for that
// room, and for no other: plans are made by the global one.
struct Initialised {
    static void* operator new(size_t) { throw py::type_error("a plan must be made by calling its class"); }
    static void operator delete(void* p) { ::operator delete(p); }
};

// Weight and bias in one element type, and what reads them: a Convolution or a ConvTranspose.
template <template <class> class Operator, class T>
struct Typed {
    py::array weight, bias;
    Operator<T> run;

    Typed(const ConvSpec& spec, const py::array& w, const py::array* b, const Epilogue<double>& activation,
          const std::string& algorithm, bool one_use)
        : weight(cast_to<T>(w, true)),
          bias(b ? cast_to<T>(*b, true) : py::array()),
          run(spec, static_cast<const T*>(weight.data()), b ? static_cast<const T*>(bias.data()) : nullptr,
              narrowed<T>(activation), algorithm, one_use) {}
};

// A shape that stands for an input, channels first.
inline Shape parse_input_shape(const ConvSpec& spec, py::handle input_shape) {
    const Ints in = parse_ints(spec.function, "input_shape", input_shape);
    for (const int64_t n : in.values)
        if (n < 0) fail(spec.function, "input_shape must be >= 0", show(in.values));
    return channels_first(in.values, spec.rank, spec.format);
}

// What a plan tells of a shape is told of one image where there is none: no call computes an empty batch.
inline ConvShape not_empty(ConvShape shape) {
    if (shape.n == 0) shape.n = 1;
    return shape;
}

// One entry for each spatial axis.
template <class Of>
py::tuple per_axis(const ConvSpec& spec, const Of& of) {
    py::tuple t(static_cast<size_t>(spec.rank));
    for (int i = 0; i < spec.rank; ++i) t[static_cast<size_t>(i)] = of(AXES - spec.rank + i);
    return t;
}

inline py::tuple strides_of(const ConvSpec& spec) {
    return per_axis(spec, [&](int axis) { return py::int_(spec.window[axis].stride); });
}

inline py::tuple dilations_of(const ConvSpec& spec) {
    return per_axis(spec, [&](int axis) { return py::int_(spec.window[axis].dilation); });
}

inline py::object padding_of(const ConvSpec& spec, const Padding& padding) {
    static const char* const names[] = {"", "valid", "same", "same_lower", "causal"};
    if (padding.mode != PadMode::numbers) return py::str(names[static_cast<int>(padding.mode)]);
    return per_axis(spec, [&](int axis) { return py::make_tuple(spec.window[axis].lo, spec.window[axis].hi); });
}

inline const char* name_of(DataFormat format) {
    return format == DataFormat::channels_last ? "channels_last" : "channels_first";
}

// Calls of a plan and the properties that all plans have.
template <class Plan>
py::class_<Plan>& bind_plan(py::class_<Plan>& plan) {
    return plan.def("__call__", &Plan::call)
        .def("output_shape", &Plan::output_shape)
        .def("workspace_bytes", &Plan::workspace_bytes)
        .def("algorithm_for", &Plan::algorithm_for)
        .def_property_readonly("dtype", &Plan::dtype)
        .def_property_readonly("weight_shape", &Plan::weight_shape)
        .def_property_readonly("stride", &Plan::stride)
        .def_property_readonly("padding", &Plan::padding)
        .def_property_readonly("dilation", &Plan::dilation)
        .def_property_readonly("groups", &Plan::groups)
        .def_property_readonly("data_format", &Plan::data_format)
        .def_property_readonly("algorithm", &Plan::algorithm);
}

// A plan of the arguments that `Plan` is made of, which keeps what it needs of the caller's arrays.
template <class Plan, class... Arguments>
std::unique_ptr<Plan> kept(std::string function, int rank, Arguments... arguments) {
    std::unique_ptr<Plan> plan(::new Plan(std::move(function), rank, arguments...));
    plan->keep();
    return plan;
}

// What py::init does, but that the plan is deleted once where there is no memory to register it.
template <class Plan, class... Arguments>
void bind_init(py::class_<Plan>& plan, std::unique_ptr<Plan> (*make)(Arguments...)) {
    const auto init = [make](py::detail::value_and_holder& self, Arguments... arguments) {
        std::unique_ptr<Plan> made = make(std::move(arguments)...);
        self.value_ptr() = made.get();
        try {
            self.type->init_instance(self.inst, &made);
        } catch (...) {
            self.value_ptr() = nullptr;
            throw;
        }
    };
    plan.def("__init__", init, py::detail::is_new_style_constructor());
}

}  // namespace convx::bindings
