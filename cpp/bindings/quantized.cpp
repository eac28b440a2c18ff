// _core.QuantizedPlan: ONNX's ConvInteger and QLinearConv.
#include <cmath>
#include <memory>

#include "../convx/message.h"
#include "args.h"
#include "arrays.h"
#include "call.h"
#include "integer.h"
#include "module.h"
#include "plan.h"

namespace convx::bindings {
namespace {

int rank_of(const std::string& function, const py::array& weight) {
    const auto rank = static_cast<int>(weight.ndim()) - 2;
    if (rank < 1 || rank > AXES)
        fail(function, "w must have 3 to 5 axes (out channels, in channels / groups, 1 to 3 kernel sizes)",
             "shape " + show(shape_of(weight)));
    return rank;
}

class QuantizedPlan : public Initialised {
  public:
    QuantizedPlan(std::string function, py::handle w, py::handle x_zero_point, py::handle w_zero_point, py::handle bias,
                  py::handle stride, py::handle padding, py::handle dilation, py::handle groups, py::handle data_format)
        : weight_(as_integer_array(function, "w", w, true)), x_zero_(py::reinterpret_borrow<py::object>(x_zero_point)) {
        py::array values;
        if (!bias.is_none()) values = as_integer_array(function, "bias", bias);
        const Shape shape = bias.is_none() ? Shape() : shape_of(values);
        spec_ = conv_spec(function, rank_of(function, weight_), shape_of(weight_), bias.is_none() ? nullptr : &shape,
                          parse_ints(function, "stride", stride), parse_padding(function, padding),
                          parse_ints(function, "dilation", dilation), parse_int(function, "groups", groups));
        spec_.format = parse_data_format(function, data_format);
        w_zero_ = parse_zero_points(function, "w_zero_point", w_zero_point, int_type(weight_), spec_.k);
        if (!bias.is_none()) bias_ = int_values(values);
        for (const int64_t b : bias_)
            if (b < INT32_MIN || b > INT32_MAX) fail(function, "bias must fit int32", std::to_string(b));
        weight_ = contiguous(weight_);
    }

    // Sums become bytes of the dtype of y_zero_point.
    void requantize(py::handle x_scale, py::handle w_scale, py::handle y_scale, py::handle y_zero_point) {
        const std::string& f = spec_.function;
        const py::array zero = as_array(f, "y_zero_point", y_zero_point);
        const char kind = zero.dtype().kind();
        if ((kind != 'i' && kind != 'u') || zero.itemsize() != 1)
            type_error(f, "y_zero_point", "must be an int8 or uint8 of NumPy, the dtype of the result", y_zero_point);
        const float x = parse_scales(f, "x_scale", x_scale, 0)[0], y = parse_scales(f, "y_scale", y_scale, 0)[0];
        const std::vector<float> w = parse_scales(f, "w_scale", w_scale, spec_.k);
        const int64_t offset = parse_zero_points(f, "y_zero_point", zero, int_type(zero), 0)[0];
        for (int64_t k = 0; k < spec_.k; ++k) {
            const float product = x * w[w.size() == 1 ? 0 : static_cast<size_t>(k)];  // rounded before the division
            multipliers_.push_back(product / y);
            if (!std::isfinite(multipliers_.back()))
                fail(f, "x_scale * w_scale / y_scale must be finite in float32", std::to_string(multipliers_.back()));
        }
        const int64_t least = kind == 'i' ? -128 : 0;
        requantization_ = {multipliers_.data(), static_cast<float>(least - offset),
                           static_cast<float>(least + 255 - offset), static_cast<int32_t>(offset)};
        y_dtype_ = zero.dtype();
    }

    void keep() {
        weight_ = copied(weight_, weight_.dtype());
        x_zero_ = as_array(spec_.function, "x_zero_point", x_zero_).attr("copy")();
    }

    py::array call(py::handle input, py::handle out) {
        const std::string& f = spec_.function;
        const py::array x = channels_first(as_integer_array(f, "x", input, true), spec_.format, spec_.rank);
        const ConvShape shape = conv_shape(spec_, x.shape(), static_cast<int>(x.ndim()));
        IntegerConvolution<int32_t>& c = convolution(int_type(x));
        const bool narrow = !multipliers_.empty();
        Output output(f, out, narrow ? y_dtype_ : py::dtype::of<int32_t>(), convx::output_shape(spec_, shape),
                      {&x, &weight_}, spec_.format, spec_.rank);
        const IntView view = int_view(x, spec_.rank, shape.batched);
        void* const data = output.data();
        if (shape.n > 0) without_gil([&] { c.run(shape, view, data, narrow ? &requantization_ : nullptr); });
        return output.finish();
    }

  private:
    // The zero point of the input is checked against its dtype, which only a call shows.
    IntegerConvolution<int32_t>& convolution(IntType x) {
        const int64_t zero = parse_zero_points(spec_.function, "x_zero_point", x_zero_, x, 0)[0];
        return convolution_.get([&] {
            IntegerTraits traits;
            traits.bias = bias_;
            traits.x_zero = zero;
            const IntegerWeights weights{weight_.data(), int_type(weight_), w_zero_};
            return std::make_unique<IntegerConvolution<int32_t>>(spec_, weights, traits);
        });
    }

    py::array weight_;
    py::object x_zero_;
    ConvSpec spec_;
    std::vector<int64_t> w_zero_, bias_;
    std::vector<float> multipliers_;  // of each output channel; none: sums stay
    Requantization requantization_{};
    py::dtype y_dtype_;
    Once<IntegerConvolution<int32_t>> convolution_;
};

py::array conv_integer(py::handle x, py::handle w, py::handle x_zero_point, py::handle w_zero_point, py::handle stride,
                       py::handle padding, py::handle dilation, py::handle groups, py::handle out,
                       py::handle data_format) {
    return QuantizedPlan("conv_integer", w, x_zero_point, w_zero_point, py::none(), stride, padding, dilation, groups,
                         data_format)
        .call(x, out);
}

std::unique_ptr<QuantizedPlan> make_plan(std::string function, py::handle x_scale, py::handle x_zero_point,
                                         py::handle w, py::handle w_scale, py::handle w_zero_point, py::handle y_scale,
                                         py::handle y_zero_point, py::handle bias, py::handle stride,
                                         py::handle padding, py::handle dilation, py::handle groups,
                                         py::handle data_format, bool keep) {
    std::unique_ptr<QuantizedPlan> plan(::new QuantizedPlan(std::move(function), w, x_zero_point, w_zero_point, bias,
                                                            stride, padding, dilation, groups, data_format));
    plan->requantize(x_scale, w_scale, y_scale, y_zero_point);
    if (keep) plan->keep();
    return plan;
}

}  // namespace

void bind_quantized(py::module_& m) {
    m.def("conv_integer", &conv_integer);
    py::class_<QuantizedPlan> plan(m, "QuantizedPlan");
    bind_init(plan, &make_plan);
    plan.def("__call__", &QuantizedPlan::call);
}

}  // namespace convx::bindings
