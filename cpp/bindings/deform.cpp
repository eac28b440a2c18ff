// _core.deform_conv.
#include "../convx/columns/deform.h"

#include "args.h"
#include "arrays.h"
#include "call.h"
#include "module.h"

namespace convx::bindings {
namespace {

struct Arrays {
    py::array input, offset, weight, bias, mask;
    bool has_bias, has_mask;
    py::dtype dtype(const std::string& function) const {
        py::dtype d = promote(function, "weight", input.dtype(), weight.dtype());
        d = promote(function, "offset", d, offset.dtype());
        if (has_bias) d = promote(function, "bias", d, bias.dtype());
        return has_mask ? promote(function, "mask", d, mask.dtype()) : d;
    }
};

template <class T>
py::array run(const ConvSpec& spec, const DeformShape& shape, const Arrays& arrays, const py::dtype& dtype,
              py::handle out) {
    const ConvShape& s = shape.conv;
    const py::array x = cast_to<T>(arrays.input, false), offset = cast_to<T>(arrays.offset, false),
                    weight = cast_to<T>(arrays.weight, true),
                    bias = arrays.has_bias ? cast_to<T>(arrays.bias, true) : py::array(),
                    mask = arrays.has_mask ? cast_to<T>(arrays.mask, false) : py::array();
    Output output(spec.function, out, dtype, output_shape(spec, s),
                  {&x, &offset, &weight, arrays.has_bias ? &bias : nullptr, arrays.has_mask ? &mask : nullptr},
                  spec.format, spec.rank);
    const Deformation<T> deformation{spec,
                                     shape,
                                     view_of<T>(x, spec.rank, s.batched),
                                     view_of<T>(offset, spec.rank, s.batched),
                                     arrays.has_mask ? view_of<T>(mask, spec.rank, s.batched) : View<const T>{},
                                     static_cast<const T*>(weight.data()),
                                     arrays.has_bias ? static_cast<const T*>(bias.data()) : nullptr,
                                     static_cast<T*>(output.data())};
    without_gil([&] { deform(deformation); });
    return output.finish();
}

py::array deform_conv(const std::string& function, int rank, py::handle input, py::handle offset, py::handle weight,
                      py::handle bias, py::handle stride, py::handle padding, py::handle dilation, py::handle mask,
                      py::handle out, py::handle data_format) {
    const DataFormat format = parse_data_format(function, data_format);
    const auto image = [&](const char* argument, py::handle value) {
        return channels_first(as_float_array(function, argument, value), format, rank);
    };
    const bool has_bias = !bias.is_none(), has_mask = !mask.is_none();
    const Arrays arrays{image("input", input),
                        image("offset", offset),
                        as_float_array(function, "weight", weight),
                        has_bias ? as_float_array(function, "bias", bias) : py::array(),
                        has_mask ? image("mask", mask) : py::array(),
                        has_bias,
                        has_mask};
    const Shape weight_shape = shape_of(arrays.weight), bias_shape = has_bias ? shape_of(arrays.bias) : Shape(),
                mask_shape = has_mask ? shape_of(arrays.mask) : Shape();
    const py::dtype dtype = arrays.dtype(function);
    ConvSpec spec = conv_spec(function, rank, weight_shape, has_bias ? &bias_shape : nullptr,
                              parse_ints(function, "stride", stride), parse_padding(function, padding),
                              parse_ints(function, "dilation", dilation),
                              deform_groups(function, shape_of(arrays.input), rank, weight_shape));
    spec.format = format;
    const ConvShape conv = conv_shape(spec, arrays.input.shape(), static_cast<int>(arrays.input.ndim()));
    const DeformShape shape = deform_shape(spec, conv, shape_of(arrays.offset), has_mask ? &mask_shape : nullptr);
    return is_double(dtype) ? run<double>(spec, shape, arrays, dtype, out)
                            : run<float>(spec, shape, arrays, dtype, out);
}

}  // namespace

void bind_deform(py::module_& m) { m.def("deform_conv", &deform_conv); }

}  // namespace convx::bindings
