#include "integer_plan.h"

#include <limits>

#include "../convx/integer/integer_conv.h"
#include "../convx/runtime/published.h"
#include "call.h"
#include "integer_arguments.h"

namespace convx::bindings {
namespace {

Array integer_bias(const Arguments& a) {
    return a.given(Name::bias) ? as_integers(a.function(), "bias", a.array(Name::bias)) : Array();
}

Dtype sums_of(const Array& weight) { return is_byte(int_type(weight)) ? dtype_of<int32_t>() : dtype_of<int64_t>(); }

IntegerTraits traits_of(const Arguments& a, const Array& bias, const std::string& algorithm) {
    const Bounds bounds = integer_activation(a);
    IntegerTraits traits;
    if (bias) traits.bias = int_values(bias);
    traits.lo = bounds.lo;
    traits.hi = bounds.hi;
    traits.algorithm = algorithm;
    return traits;
}

class IntegerPlan final : public Plan {
  public:
    IntegerPlan(const Arguments& a, const Array& given, bool one_use)
        : IntegerPlan(a, as_integers(a.function(), "weight", given), integer_bias(a), one_use) {}

    py::object call(py::handle input, py::handle out, py::handle residual) override {
        refuse_residual(residual);
        const Array given = as_integers(function(), "input", as_array(function(), "input", input));
        const Array x = channels_first(given, spec_.format, spec_.rank);
        return is_byte(int_type(x)) && is_byte(int_type(weight_)) ? call_in(x, out, sums32_) : call_in(x, out, sums64_);
    }

    const ConvSpec& spec() const override { return spec_; }
    const Padding& padding() const override { return padding_; }
    int64_t workspace_bytes(const ConvShape& s) override {
        const IntView x{nullptr, int_type(weight_), 0, s.d.in * s.h.in * s.w.in, s.h.in * s.w.in, s.w.in, 1};
        return of_own_type<int64_t>([&](auto& op) { return op.workspace_bytes(s, x); });
    }
    std::string algorithm_for(const ConvShape& shape) override {
        return of_own_type<std::string>([&](auto& op) { return op.algorithm_for(shape); });
    }

  private:
    IntegerPlan(const Arguments& a, const Array& weight, const Array& bias, bool one_use)
        : Plan(weight, bias, sums_of(weight), integer_algorithm(a)),
          padding_(a.padding()),
          traits_(traits_of(a, bias, algorithm_)) {
        const Shape shape = bias ? bias.shape() : Shape();
        spec_ = a.conv_spec(a.rank(), weight.shape(), bias ? &shape : nullptr, padding_);
        one_use ? static_cast<void>(weight_ = contiguous(weight_)) : keep();
    }

    template <class T>
    IntegerConvolution<T>& convolution(Once<IntegerConvolution<T>>& slot) {
        return slot.get([&] {
            const std::string type = sizeof(T) == sizeof(int32_t) ? "int32" : "int64";
            const int64_t least = std::numeric_limits<T>::min(), most = std::numeric_limits<T>::max();
            for (const int64_t b : traits_.bias)
                if (b < least || b > most)
                    fail(function(), "bias must fit the " + type + " sums of these dtypes", std::to_string(b));
            if (traits_.lo > most || traits_.hi < least)
                fail(function(), "activation must have bounds that " + type + " sums can reach",
                     "(" + std::to_string(traits_.lo) + ", " + std::to_string(traits_.hi) + ")");
            const IntegerWeights weights{weight_.data(), int_type(weight_), {}};
            return std::make_unique<IntegerConvolution<T>>(spec_, weights, traits_);
        });
    }

    template <class T>
    py::object call_in(const Array& x, py::handle out, Once<IntegerConvolution<T>>& slot) {
        const ConvShape shape = shape_for(x.sizes(), x.ndim());
        IntegerConvolution<T>& op = convolution(slot);
        Output output(function(), out, dtype_of<T>(), output_shape(spec_, shape), {&x, &weight_}, spec_.format,
                      spec_.rank);
        const IntView view = int_view(x, spec_.rank, shape.batched);
        without_gil([&] { op.run(shape, view, output.data()); });
        return output.finish();
    }

    // Of the convolution for inputs of the weight's dtype; it may look through the whole weight.
    template <class Result, class Of>
    Result of_own_type(const Of& of) {
        Result result{};
        const auto ask = [&](auto& op) { without_gil([&] { result = of(op); }); };
        is_byte(int_type(weight_)) ? ask(convolution(sums32_)) : ask(convolution(sums64_));
        return result;
    }

    const Padding padding_;
    const IntegerTraits traits_;
    ConvSpec spec_;
    Once<IntegerConvolution<int32_t>> sums32_;
    Once<IntegerConvolution<int64_t>> sums64_;
};

}  // namespace

py::object integer_conv(const Arguments& a, const Array& weight) {
    return IntegerPlan(a, weight, true).call(a[Name::input], a.out(), a[Name::residual]);
}

std::unique_ptr<Plan> integer_plan(const Arguments& a, const Array& weight) {
    return std::make_unique<IntegerPlan>(a, weight, false);
}

}  // namespace convx::bindings
