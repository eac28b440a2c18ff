// Convolution of integer arrays, beside ConvPlan for floating point.
#pragma once
#include <memory>

#include "../convx/integer/integer_conv.h"
#include "integer_args.h"
#include "plan.h"

namespace convx::bindings {

class IntegerPlan : public Initialised {
  public:
    IntegerPlan(std::string function, int rank, py::handle weight, py::handle bias, py::handle stride,
                py::handle padding, py::handle dilation, py::handle groups, py::handle activation, py::handle algorithm,
                py::handle padding_mode, py::handle data_format);
    void keep();  // for many calls: later changes of the caller's array must not reach a plan
    py::array call(py::handle input, py::handle out);

    py::tuple output_shape(py::handle input_shape) const;
    // Both for inputs of the weight's dtype.
    int64_t workspace_bytes(py::handle input_shape);
    std::string algorithm_for(py::handle input_shape);

    py::dtype dtype() const;
    py::tuple weight_shape() const;
    py::tuple stride() const;
    py::object padding() const;
    py::tuple dilation() const;
    int64_t groups() const { return spec_.groups; }
    std::string algorithm() const { return traits_.algorithm; }
    const char* padding_mode() const;
    const char* data_format() const;

  private:
    template <class T>
    using Slot = Once<IntegerConvolution<T>>;
    template <class T>
    IntegerConvolution<T>& convolution(Slot<T>& slot);
    template <class T>
    py::array run(const py::array& x, py::handle out, Slot<T>& slot);
    ConvShape shape_for(py::handle input_shape) const;
    template <class Result, class Of>
    Result of_own(const Of& of);

    py::array weight_;
    Padding padding_;
    IntegerTraits traits_;
    ConvSpec spec_;
    Slot<int32_t> sums32_;
    Slot<int64_t> sums64_;
};

}  // namespace convx::bindings
