// Arguments of the transposed convolution. Its shape is that of the convolution it transposes, roles exchanged: that
// convolution's input is what we compute, its output is what we are given.
#pragma once
#include <optional>
#include <string>

#include "../shape/shape.h"

namespace convx {

struct TransposedSpec {
    ConvSpec conv;  // k: channels we are given; groups * c_per_group: channels we compute
    Padding padding;
    int64_t output_padding[AXES] = {};
    std::optional<Ints> output_size;
    int64_t out_channels() const { return conv.groups * conv.c_per_group; }
};

// Each throws std::invalid_argument: "<function>: <argument> must <rule>, got <value>".
TransposedSpec transposed_spec(const std::string& function, int rank, const Shape& weight, const Shape* bias,
                               const Ints& stride, const Padding& padding, const Ints& output_padding,
                               const Ints& dilation, int64_t groups, const std::optional<Ints>& output_size);
ConvShape transposed_shape(const TransposedSpec& spec, const int64_t* input, int input_rank);

// Of the array that is computed.
Shape transposed_output(const ConvSpec& conv, const ConvShape& shape);

// The convolution whose gradient with respect to its input is asked for: checks the sizes of that input, then that the
// gradient of its output has the output's shape.
ConvShape input_gradient_shape(const ConvSpec& conv, const Shape& input_size, const Shape& grad_output);

}  // namespace convx
