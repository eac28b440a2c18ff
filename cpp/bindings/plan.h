// A kind of convolution with its weight packed once: what all plans have, and the Python class of them all.
#pragma once
#include <memory>
#include <string>

#include "../convx/conv/convolution.h"
#include "../convx/shape/message.h"
#include "arguments.h"

namespace convx::bindings {

class Plan {
  public:
    Plan(Array weight, Array bias, Dtype dtype, std::string algorithm)
        : weight_(std::move(weight)),
          weight_shape_(weight_.shape()),
          bias_(std::move(bias)),
          dtype_(std::move(dtype)),
          algorithm_(std::move(algorithm)) {}
    Plan(const Plan&) = delete;
    virtual ~Plan() = default;

    // residual: None, but for convolutions of floats.
    virtual py::object call(py::handle input, py::handle out, py::handle residual) = 0;

    virtual const ConvSpec& spec() const = 0;
    virtual const Padding& padding() const = 0;
    // Where the user's input has this shape, channels first; of the result, too.
    virtual ConvShape shape_for(const int64_t* sizes, int axes) const { return conv_shape(spec(), sizes, axes); }
    virtual Shape result_shape(const ConvShape& shape) const { return convx::output_shape(spec(), shape); }
    // Both for inputs of the plan's own dtype.
    virtual int64_t workspace_bytes(const ConvShape& shape) = 0;
    virtual std::string algorithm_for(const ConvShape& shape) = 0;
    // What tuning measures: the algorithms of which "auto" takes one, and the same plan but for what it prefers.
    virtual Candidates candidates(const ConvShape&) { refuse_to_tune(); }
    virtual std::unique_ptr<Plan> preferring(const std::string&) const { refuse_to_tune(); }
    // Of transposed convolution alone: null elsewhere.
    virtual py::object output_padding() const { return {}; }
    virtual py::object output_size() const { return {}; }

    const std::string& function() const { return spec().function; }
    virtual Array weight() const { return weight_; }
    const Shape& weight_shape() const { return weight_shape_; }
    const Array& plain_weight() const { return weight_; }  // null where what is packed tells it
    const Array& bias() const { return bias_; }            // null without one
    const Dtype& dtype() const { return dtype_; }
    const std::string& algorithm() const { return algorithm_; }

  protected:
    // For many calls: later changes of the caller's arrays must not reach a plan.
    void keep() {
        weight_ = kept(weight_);
        if (bias_) bias_ = kept(bias_);
    }

    [[noreturn, gnu::cold]] void refuse_to_tune() const {
        fail(function(), "tune must be asked of a Conv1d, Conv2d or Conv3d whose weight holds floats",
             "a " + function() + " of " + dtype_name(weight_.dtype()));
    }

    void refuse_residual(py::handle residual) const {
        if (!residual.is_none())
            fail(function(), "residual must be None where a convolution of floats does not add it", shown(residual));
    }

    Array weight_;
    const Shape weight_shape_;
    Array bias_;
    Dtype dtype_;  // to which weight and bias promote
    const std::string algorithm_;
};

// One entry for each spatial axis.
template <class Of>
py::object per_axis(int rank, const Of& of) {
    py::object t = made(PyTuple_New(rank));
    for (int i = 0; i < rank; ++i) PyTuple_SET_ITEM(t.ptr(), i, py::object(of(AXES - rank + i)).release().ptr());
    return t;
}
template <class Of>
py::object per_axis(const ConvSpec& spec, const Of& of) {
    return per_axis(spec.rank, of);
}

// A shape that stands for an input, channels first.
Shape parse_shape(const ConvSpec& spec, py::handle value);
ConvShape shape_of(const Plan& plan, py::handle input_shape);

py::object wisdom_of(const ConvSpec& spec);  // the facts of its convolutions, whatever their padding

void add_plan_type(py::handle module);  // once
py::object to_python(std::unique_ptr<Plan> plan);

}  // namespace convx::bindings
