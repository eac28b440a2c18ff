// The arguments of a call from Python, by name, in the core's terms. Types are checked here, values by the core's
// validator.
#pragma once
#include <optional>
#include <string>

#include "../convx/shape/shape.h"
#include "../kernels/kernels.h"
#include "arrays.h"
#include "objects.h"
#include "output.h"

namespace convx::bindings {

// Every name that an argument of the core has.
// clang-format off: a list
#define CONVX_NAMES(NAME) \
    NAME(activation) NAME(added) NAME(algorithm) NAME(along) NAME(alpha) NAME(any_padding) NAME(axis) NAME(beta) \
    NAME(bias) NAME(ceil_mode) NAME(count_include_pad) NAME(cval) NAME(data_format) NAME(dilation) \
    NAME(divisor_override) NAME(down) NAME(dtype) NAME(fail_at) NAME(fill) NAME(first) NAME(function) \
    NAME(grad_output) NAME(groups) NAME(indices) NAME(inner) NAME(input) NAME(input_shape) NAME(input_size) NAME(isa) \
    NAME(keep) NAME(keepdims) NAME(kernel_size) NAME(kind) NAME(level) NAME(line) NAME(mask) NAME(n) NAME(name) \
    NAME(norm_type) NAME(off) NAME(offset) NAME(other) NAME(out) NAME(output_padding) NAME(output_size) NAME(padding) \
    NAME(padding_mode) \
    NAME(points) NAME(pool_size) NAME(pool_stride) NAME(rank) NAME(residual) NAME(return_indices) NAME(seconds) NAME(stage) \
    NAME(stride) NAME(sums) NAME(taps) NAME(threads) NAME(tile) NAME(w) NAME(w_scale) NAME(w_zero_point) NAME(weight) \
    NAME(weight_shape) NAME(weight_size) NAME(winograd) NAME(x) NAME(x_scale) NAME(x_zero_point) NAME(y_scale) \
    NAME(y_zero_point)
// clang-format on

enum class Name : uint8_t {
    none,
#define CONVX_NAME(name) name,
    CONVX_NAMES(CONVX_NAME)
#undef CONVX_NAME
        count
};
constexpr int NAMES = static_cast<int>(Name::count), MOST_ARGUMENTS = 16;

const char* text_of(Name name);

class Arguments;

// A function of the core as Python sees it. Every argument must be given, by its place or by its name.
struct Function {
    const char* name;
    py::object (*body)(const Arguments&);
    Name parameters[MOST_ARGUMENTS];
};

class Arguments {
  public:
    // places: of each name, -1 where the function has no such parameter. values: borrowed from the caller.
    Arguments(const char* function, const int8_t* places, PyObject* const* values);

    const std::string& function() const { return function_; }  // for messages
    bool has(Name name) const { return places_[static_cast<int>(name)] >= 0; }
    py::handle operator[](Name name) const { return values_[places_[static_cast<int>(name)]]; }
    bool given(Name name) const { return has(name) && !(*this)[name].is_none(); }

    Array array(Name name) const { return as_array(function_, text_of(name), (*this)[name]); }
    Array floats(Name name) const { return as_floats(function_, text_of(name), array(name)); }
    Array numbers(Name name) const { return as_numbers(function_, text_of(name), array(name)); }
    Array indices() const;

    int64_t integer(Name name) const;
    double real(Name name) const;
    bool flag(Name name) const { return to_bool(function_, text_of(name), (*this)[name]); }
    std::string text(Name name) const;
    Ints ints(Name name) const;
    std::optional<Ints> optional_ints(Name name) const;

    int rank() const;  // 1 to AXES
    Padding padding() const;
    Border border() const;  // zeros where the function knows no other
    DataFormat format() const;
    std::string algorithm() const;        // the name of an algorithm of convolution, or "auto"
    Epilogue<double> activation() const;  // bounds stay double until the element type is known
    double norm() const;                  // the p of an Lp norm: a real number > 0, or infinity
    Dtype dtype() const;
    py::handle out() const { return (*this)[Name::out]; }

    // What the arguments say beside the weight.
    ConvSpec conv_spec(int rank, const Shape& weight, const Shape* bias, const Padding& padding) const;
    PoolSpec pool_spec() const;

  private:
    const int8_t* places_;
    PyObject* const* values_;
    std::string function_;
};

int weight_rank(const std::string& function, const Ints& weight_shape);  // of its spatial axes
Ints parse_ints(const std::string& function, const char* argument, py::handle value);
Epilogue<double> parse_activation(const std::string& function, py::handle value);
constexpr const char* name_of(DataFormat format) {
    return format == DataFormat::channels_last ? "channels_last" : "channels_first";
}
Border border_of(const std::string& function, const char* argument, py::handle value);
const char* name_of(Border border);

}  // namespace convx::bindings
