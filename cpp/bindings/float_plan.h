// Plans whose arithmetic is in floating point: of a convolution, perhaps with a pooling, or of a transposed one.
#pragma once
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "../convx/runtime/published.h"
#include "call.h"
#include "plan.h"
#include "residual.h"

namespace convx::bindings {

// A weight, perhaps a bias, and the dtype to which they promote.
struct Parameters {
    Array weight, bias;
    Dtype dtype;

    Parameters(const Arguments& a, const Array& given)
        : weight(as_floats(a.function(), "weight", given)),
          bias(a.given(Name::bias) ? a.floats(Name::bias) : Array()),
          dtype(bias ? promote(a.function(), "bias", weight.dtype(), bias.dtype()) : weight.dtype()) {}
};

// Weight and bias in the element type of a call, and what reads them: a Convolution or a ConvTranspose.
template <template <class> class Operator, class T>
struct Typed {
    Array weight;
    const Array bias;
    Operator<T> run;

    Typed(const ConvSpec& spec, const Array& w, const Array& b, const Epilogue<double>& e, const std::string& algorithm,
          bool one_use)
        : weight(cast_to<T>(w, true)),
          bias(b ? cast_to<T>(b, true) : Array()),
          run(spec, static_cast<const T*>(weight.data()), b ? static_cast<const T*>(bias.data()) : nullptr,
              {nullptr, e.activation, static_cast<T>(e.lo), static_cast<T>(e.hi)}, algorithm, one_use) {}
};

// Kind: what differs between them. Its `Operator`, and a `Spec` with its `conv` and `padding`.
template <class Kind>
class FloatPlan final : public Plan {
  public:
    // one_use: for one call, while the caller holds the arrays.
    FloatPlan(const Arguments& a, const Array& weight, bool one_use) : FloatPlan(a, Parameters(a, weight), one_use) {}

    py::object call(py::handle input, py::handle out, py::handle residual) override {
        if (!Kind::TAKES_RESIDUAL) refuse_residual(residual);
        const Array given = as_floats(function(), "input", as_array(function(), "input", input));
        const Dtype result = promote(function(), "input", dtype_, given.dtype());
        const Array x = channels_first(given, spec().format, spec().rank);
        return with_float(result, [&](auto t) { return call_in<decltype(t)>(x, result, out, residual); });
    }

    const ConvSpec& spec() const override { return spec_.conv; }
    const Padding& padding() const override { return spec_.padding; }
    ConvShape shape_for(const int64_t* sizes, int axes) const override { return Kind::shape_for(spec_, sizes, axes); }
    Shape result_shape(const ConvShape& shape) const override { return Kind::result_shape(spec_, shape); }
    int64_t workspace_bytes(const ConvShape& shape) override {
        return of_own_type<int64_t>([&](auto& op) { return Kind::workspace_bytes(op, spec_, shape); });
    }
    std::string algorithm_for(const ConvShape& shape) override {
        return of_own_type<std::string>([&](auto& op) { return Kind::algorithm_for(op, spec_, shape); });
    }
    Candidates candidates(const ConvShape& shape) override {
        if constexpr (Kind::CAN_BE_TUNED)
            return of_own_type<Candidates>([&](auto& op) { return op.candidates(shape, spec().format); });
        else
            refuse_to_tune();
    }
    std::unique_ptr<Plan> preferring(const std::string& algorithm) const override {
        if constexpr (!Kind::CAN_BE_TUNED) refuse_to_tune();
        return std::unique_ptr<Plan>(new FloatPlan(*this, algorithm));
    }
    Array weight() const override { return weight_ ? weight_ : unpacked(); }
    py::object output_padding() const override { return Kind::output_padding(spec_); }
    py::object output_size() const override { return Kind::output_size(spec_); }

  private:
    template <class T>
    using Slot = Typed<Kind::template Operator, T>;

    FloatPlan(const Arguments& a, Parameters p, bool one_use)
        : Plan(std::move(p.weight), std::move(p.bias), std::move(p.dtype), a.algorithm()),
          activation_(a.activation()),
          spec_(Kind::make_spec(a, weight_.shape(), bias_)),
          one_use_(one_use) {
        Kind::check_supported(algorithm_, spec());
        if (one_use) return;
        bias_ = bias_ ? kept(bias_) : bias_;
        if (!a.given(Name::input_shape) || !settles_for(a[Name::input_shape])) weight_ = kept(weight_);
    }

    FloatPlan(const FloatPlan& other, std::string preferred)
        : Plan(other.weight(), other.bias_, other.dtype_, other.algorithm_),
          activation_(other.activation_),
          spec_(other.spec_),
          one_use_(false),
          preferred_(std::move(preferred)) {}

    template <class T>
    Slot<T>& slot() const {
        return std::get<Once<Slot<T>>>(slots_).get([&] {
            auto made = std::make_unique<Slot<T>>(spec(), weight(), bias_, activation_, algorithm_, false);
            if constexpr (Kind::CAN_BE_TUNED)
                if (!preferred_.empty()) made->run.prefer(preferred_);
            return made;
        });
    }

    // For inputs of one shape, for all that is known: the weight is packed now, and is kept in no other form if that
    // form tells what it was; else false.
    bool settles_for(py::handle input_shape) {
        if constexpr (Kind::CAN_BE_TUNED) {
            const ConvShape shape = shape_of(*this, input_shape);
            if (shape.n == 0 || !is_same(weight_.dtype(), dtype_) || is_half(dtype_)) return false;
            return with_float(dtype_, [&](auto t) {
                Slot<decltype(t)>& typed = slot<decltype(t)>();
                bool settled = false;
                without_gil([&] { settled = typed.run.settle(shape, spec().format); });
                typed.weight = weight_ = settled ? Array() : kept(weight_);
                if (!settled) typed.run.moved(static_cast<const decltype(t)*>(weight_.data()));
                return true;
            });
        }
        return false;
    }

    Array unpacked() const {
        if constexpr (Kind::CAN_BE_TUNED) {
            Array made = fresh(dtype_, weight_shape());
            with_float(dtype_, [&](auto t) {
                without_gil([&] { slot<decltype(t)>().run.unpack(static_cast<decltype(t)*>(made.data())); });
                return 0;
            });
            return read_only(made);
        }
        return {};
    }

    template <class T>
    py::object call_in(const Array& input, const Dtype& dtype, py::handle out, py::handle residual) {
        const ConvShape shape = Kind::shape_for(spec_, input.sizes(), input.ndim());
        const Array x = cast_to<T>(input);
        Residual added(function(), residual, dtype,
                       in_format(Kind::result_shape(spec_, shape), spec().rank, spec().format));
        Output output =
            Kind::output(spec_, out, dtype, shape,
                         {&x, weight_ ? &weight_ : nullptr, bias_ ? &bias_ : nullptr, added.apart_from(out)});
        const View<const T> view = view_of<T>(x, spec().rank, shape.batched);
        T* const data = output.template data<T>();
        const T* const addend = added.data<T>();
        const auto run = [&](Slot<T>& typed) {
            without_gil([&] { Kind::run(typed.run, spec_, shape, view, data, addend); });
            return output.finish();
        };
        if (!one_use_) return run(slot<T>());  // casting may let other threads in
        Slot<T> typed(spec(), weight_, bias_, activation_, algorithm_, true);
        return run(typed);
    }

    // Of the convolution in the plan's own dtype; it may look through the whole weight.
    template <class Result, class Of>
    Result of_own_type(const Of& of) {
        return with_float(dtype_, [&](auto t) {
            Slot<decltype(t)>& typed = slot<decltype(t)>();
            Result result{};
            without_gil([&] { result = of(typed.run); });
            return result;
        });
    }

    const Epilogue<double> activation_;
    const typename Kind::Spec spec_;
    const bool one_use_;
    const std::string preferred_;
    mutable std::tuple<Once<Slot<float>>, Once<Slot<double>>> slots_;
};

}  // namespace convx::bindings
