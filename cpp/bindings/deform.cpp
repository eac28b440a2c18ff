// _core.deform_conv.
#include "../convx/deform.h"

#include <limits>

#include "../convx/im2col.h"
#include "../convx/isa.h"
#include "args.h"
#include "arrays.h"
#include "call.h"
#include "module.h"

namespace convx::bindings {
namespace {

constexpr double SAMPLE_WORK = 50;  // of one sample, in operations of a convolution

struct Arrays {
    py::array input, offset, weight, bias, mask;
    bool has_bias, has_mask;
    bool wide() const {
        return is_double(input) || is_double(offset) || is_double(weight) || (has_bias && is_double(bias)) ||
               (has_mask && is_double(mask));
    }
};

template <class T>
py::array run(const ConvSpec& spec, const DeformShape& shape, const Arrays& arrays, py::handle out) {
    const ConvShape& s = shape.conv;
    const py::array x = cast_to<T>(arrays.input, false), offset = cast_to<T>(arrays.offset, false),
                    weight = cast_to<T>(arrays.weight, true),
                    bias = arrays.has_bias ? cast_to<T>(arrays.bias, true) : py::array(),
                    mask = arrays.has_mask ? cast_to<T>(arrays.mask, false) : py::array();
    Output output(spec.function, out, py::dtype::of<T>(), output_shape(spec, s),
                  {&x, &offset, &weight, arrays.has_bias ? &bias : nullptr, arrays.has_mask ? &mask : nullptr});
    if (s.n == 0) return output.finish();

    const Kernels<T>& kernels = kernels_of<T>(*active_isa().kernels);
    const PackedWeight<T> packed = im2col::pack<T>(spec, static_cast<const T*>(weight.data()), kernels, 0);
    constexpr T INF = std::numeric_limits<T>::infinity();
    const double samples = static_cast<double>(s.n) * static_cast<double>(s.c) * static_cast<double>(s.taps()) *
                           static_cast<double>(s.pixels());
    const DeformCall<T> call{
        shape,
        view_of<T>(x, spec.rank, s.batched),
        view_of<T>(offset, spec.rank, s.batched),
        arrays.has_mask ? view_of<T>(mask, spec.rank, s.batched) : View<const T>{},
        packed,
        static_cast<T*>(output.data()),
        {arrays.has_bias ? static_cast<const T*>(bias.data()) : nullptr, Activation::clamp, -INF, INF},
        kernels,
        threads_for(s.flops() + SAMPLE_WORK * samples)};
    without_gil([&] { deform(call); });
    return output.finish();
}

py::array deform_conv(const std::string& function, int rank, py::handle input, py::handle offset, py::handle weight,
                      py::handle bias, py::handle stride, py::handle padding, py::handle dilation, py::handle mask,
                      py::handle out) {
    const bool has_bias = !bias.is_none(), has_mask = !mask.is_none();
    const Arrays arrays{as_float_array(function, "input", input),
                        as_float_array(function, "offset", offset),
                        as_float_array(function, "weight", weight),
                        has_bias ? as_float_array(function, "bias", bias) : py::array(),
                        has_mask ? as_float_array(function, "mask", mask) : py::array(),
                        has_bias,
                        has_mask};
    const Shape weight_shape = shape_of(arrays.weight), bias_shape = has_bias ? shape_of(arrays.bias) : Shape(),
                mask_shape = has_mask ? shape_of(arrays.mask) : Shape();
    const ConvSpec spec = conv_spec(function, rank, weight_shape, has_bias ? &bias_shape : nullptr,
                                    parse_ints(function, "stride", stride), parse_padding(function, padding),
                                    parse_ints(function, "dilation", dilation),
                                    deform_groups(function, shape_of(arrays.input), rank, weight_shape));
    const ConvShape conv = conv_shape(spec, arrays.input.shape(), static_cast<int>(arrays.input.ndim()));
    const DeformShape shape = deform_shape(spec, conv, shape_of(arrays.offset), has_mask ? &mask_shape : nullptr);
    return arrays.wide() ? run<double>(spec, shape, arrays, out) : run<float>(spec, shape, arrays, out);
}

}  // namespace

void bind_deform(py::module_& m) { m.def("deform_conv", &deform_conv); }

}  // namespace convx::bindings
