// What the plans have in common: weight and bias in the element type of a call, and their parameters as Python sees
// them.
#pragma once
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <string>

#include "../convx/shape.h"
#include "../kernels/kernels.h"
#include "arrays.h"

namespace convx::bindings {

template <class T>
Epilogue<T> narrowed(const Epilogue<double>& e) {
    return {nullptr, e.activation, static_cast<T>(e.lo), static_cast<T>(e.hi)};
}

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

}  // namespace convx::bindings
