// _core.conv_integer, _core.qlinear_conv and _core.quantized_plan: ONNX's ConvInteger and QLinearConv.
#include <cmath>
#include <memory>

#include "../convx/integer/integer_conv.h"
#include "../convx/runtime/published.h"
#include "functions.h"
#include "integer_arguments.h"
#include "plan.h"

namespace convx::bindings {
namespace {

int rank_of(const std::string& function, const Array& weight) {
    const int rank = weight.ndim() - 2;
    if (rank < 1 || rank > AXES)
        fail(function, "w must have 3 to 5 axes (out channels, in channels / groups, 1 to 3 kernel sizes)",
             "shape " + show(weight.shape()));
    return rank;
}

// From sums to bytes of the dtype of y_zero_point.
struct Bytes {
    Dtype dtype;
    std::vector<float> multipliers;  // of each output channel
    Requantization requantization;

    Bytes(const Arguments& a, int64_t channels) {
        const std::string& f = a.function();
        const Array zero = a.array(Name::y_zero_point);
        dtype = zero.dtype();
        if (!is_integer(dtype) || dtype.itemsize() != 1)
            type_error(f, "y_zero_point", "must be an int8 or uint8 of NumPy, the dtype of the result",
                       a[Name::y_zero_point]);
        const float x = scales(a, Name::x_scale, 0)[0], y = scales(a, Name::y_scale, 0)[0];
        const std::vector<float> w = scales(a, Name::w_scale, channels);
        const int64_t offset = ZeroPoints(a, Name::y_zero_point, 0).of(int_type(zero))[0];
        multipliers.reserve(static_cast<size_t>(channels));  // no memory for so many is told at once
        for (int64_t k = 0; k < channels; ++k) {
            const float product = x * w[w.size() == 1 ? 0 : static_cast<size_t>(k)];  // rounded before the division
            multipliers.push_back(product / y);
            if (!std::isfinite(multipliers.back()))
                fail(f, "x_scale * w_scale / y_scale must be finite in float32", std::to_string(multipliers.back()));
        }
        const int64_t least = dtype.kind() == 'i' ? -128 : 0;
        requantization = {multipliers.data(), static_cast<float>(least - offset),
                          static_cast<float>(least + 255 - offset), static_cast<int32_t>(offset)};
    }
};

class QuantizedPlan final : public Plan {
  public:
    QuantizedPlan(const Arguments& a, bool one_use)
        : Plan(as_integers(a.function(), "w", a.array(Name::w), true),
               a.given(Name::bias) ? as_integers(a.function(), "bias", a.array(Name::bias)) : Array(),
               dtype_of<int32_t>(), "auto"),
          padding_(a.padding()),
          x_zero_(a, Name::x_zero_point, 0) {
        const Shape shape = bias_ ? bias_.shape() : Shape();
        spec_ = a.conv_spec(rank_of(a.function(), weight_), weight_.shape(), bias_ ? &shape : nullptr, padding_);
        w_zero_ = ZeroPoints(a, Name::w_zero_point, spec_.k).of(int_type(weight_));
        if (bias_) bias_values_ = int_values(bias_);
        for (const int64_t b : bias_values_)
            if (b < INT32_MIN || b > INT32_MAX) fail(function(), "bias must fit int32", std::to_string(b));
        if (a.has(Name::y_scale)) bytes_ = std::make_unique<Bytes>(a, spec_.k);
        if (bytes_) dtype_ = bytes_->dtype;
        one_use ? static_cast<void>(weight_ = contiguous(weight_)) : keep();
    }

    py::object call(py::handle input, py::handle out, py::handle residual) override {
        refuse_residual(residual);
        const Array given = as_integers(function(), "x", as_array(function(), "x", input), true);
        const Array x = channels_first(given, spec_.format, spec_.rank);
        const ConvShape shape = shape_for(x.sizes(), x.ndim());
        IntegerConvolution<int32_t>& op = convolution(int_type(x));
        Output output(function(), out, dtype_, output_shape(spec_, shape), {&x, &weight_}, spec_.format, spec_.rank);
        const IntView view = int_view(x, spec_.rank, shape.batched);
        without_gil([&] { op.run(shape, view, output.data(), requantization()); });
        return output.finish();
    }

    const ConvSpec& spec() const override { return spec_; }
    const Padding& padding() const override { return padding_; }
    int64_t workspace_bytes(const ConvShape& s) override {
        const IntView x{
            nullptr, x_zero_.fitting(int_type(weight_)), 0, s.d.in * s.h.in * s.w.in, s.h.in * s.w.in, s.w.in, 1};
        auto& op = convolution(x.type);
        int64_t bytes = 0;
        without_gil([&] { bytes = op.workspace_bytes(s, x, requantization()); });
        return bytes;
    }
    std::string algorithm_for(const ConvShape& shape) override {
        auto& op = convolution(x_zero_.fitting(int_type(weight_)));
        std::string name;
        without_gil([&] { name = op.algorithm_for(shape); });
        return name;
    }

  private:
    // The zero point of the input is checked against its dtype, which only a call shows.
    IntegerConvolution<int32_t>& convolution(IntType x) {
        const int64_t zero = x_zero_.of(x)[0];
        return convolution_.get([&] {
            IntegerTraits traits;
            traits.bias = bias_values_;
            traits.x_zero = zero;
            const IntegerWeights weights{weight_.data(), int_type(weight_), w_zero_};
            return std::make_unique<IntegerConvolution<int32_t>>(spec_, weights, traits);
        });
    }
    const Requantization* requantization() const { return bytes_ ? &bytes_->requantization : nullptr; }

    const Padding padding_;
    const ZeroPoints x_zero_;
    ConvSpec spec_;
    std::vector<int64_t> w_zero_, bias_values_;
    std::unique_ptr<const Bytes> bytes_;  // none: sums stay
    Once<IntegerConvolution<int32_t>> convolution_;
};

py::object once(const Arguments& a) { return QuantizedPlan(a, true).call(a[Name::x], a.out(), py::none()); }

py::object quantized_plan(const Arguments& a) { return to_python(std::make_unique<QuantizedPlan>(a, false)); }

using N = Name;
constexpr Function FUNCTIONS[] = {
    {"conv_integer",
     once,
     {N::x, N::w, N::x_zero_point, N::w_zero_point, N::stride, N::padding, N::dilation, N::groups, N::out,
      N::data_format}},
    {"qlinear_conv",
     once,
     {N::x, N::x_scale, N::x_zero_point, N::w, N::w_scale, N::w_zero_point, N::y_scale, N::y_zero_point, N::bias,
      N::stride, N::padding, N::dilation, N::groups, N::out, N::data_format}},
    {"quantized_plan",
     quantized_plan,
     {N::function, N::x_scale, N::x_zero_point, N::w, N::w_scale, N::w_zero_point, N::y_scale, N::y_zero_point, N::bias,
      N::stride, N::padding, N::dilation, N::groups, N::data_format}},
};

}  // namespace

Functions quantized_functions() { return all_of(FUNCTIONS); }

}  // namespace convx::bindings
