#include "transposed_shape.h"

#include <algorithm>

#include "../shape/message.h"
#include "../shape/window.h"

namespace convx {
namespace {

bool names_output(PadMode mode) { return mode != PadMode::numbers && mode != PadMode::valid; }

void check_channels(const std::string& function, int rank, const Shape& weight, const Shape* bias, int64_t groups) {
    check_weight(function, rank, weight, groups, "in", "out");
    int64_t channels;
    if (__builtin_mul_overflow(groups, weight[1], &channels))
        fail(function, "weight must have fewer than 2**63 out channels in all groups", "shape " + show(weight));
    if (bias && *bias != Shape{channels})
        fail(function, "bias must have shape " + show({channels}), "shape " + show(*bias));
}

void check_output_padding(TransposedSpec& spec, const Ints& output_padding) {
    const ConvSpec& conv = spec.conv;
    const auto values = per_axis(conv.function, "output_padding", conv.rank, output_padding, 0);
    const bool given = std::any_of(values.begin(), values.end(), [](int64_t v) { return v > 0; });
    if (given && spec.output_size)
        fail(conv.function, "output_padding must be 0 where output_size is given", show(output_padding));
    if (given && names_output(spec.padding.mode))
        fail(conv.function, "output_padding must be 0 where padding is a name that says the output size",
             show(output_padding));
    for (int i = 0; i < conv.rank; ++i) {
        const Window& w = conv.window[AXES - conv.rank + i];
        if (values[i] >= std::max(w.stride, w.dilation))
            fail(conv.function, "output_padding must be < stride or < dilation", show(output_padding));
        spec.output_padding[AXES - conv.rank + i] = values[i];
    }
}

void check_output_size(const TransposedSpec& spec, const Ints& size) {
    const std::string& function = spec.conv.function;
    const auto count = static_cast<int>(size.values.size());
    if (names_output(spec.padding.mode))
        fail(function, "output_size must be None where padding is a name that says it", show(size));
    if (count != 1 && count != spec.conv.rank)
        fail(function, "output_size must be one int or " + std::to_string(spec.conv.rank) + ", one per spatial axis",
             show(size));
}

// Zeros cut off at both ends, and the outputs: `in` of the convolution that is transposed.
void size_axis(const TransposedSpec& spec, int index, Axis& a) {
    const std::string& function = spec.conv.function;
    const int number = index - (AXES - spec.conv.rank);
    const PadMode mode = spec.padding.mode;
    int64_t whole;
    if (__builtin_mul_overflow(a.out, a.stride, &whole) || __builtin_add_overflow(whole, a.extent() + LIMIT, &whole))
        fail(function, "input and stride must give an output < 2**63",
             std::to_string(a.out) + " and " + std::to_string(a.stride));
    whole = (a.out - 1) * a.stride + a.extent();
    if (names_output(mode)) {
        const int64_t total = std::max<int64_t>(a.extent() - a.stride, 0);
        a.lo = mode == PadMode::causal ? 0 : mode == PadMode::same ? total / 2 : total - total / 2;
        a.hi = total - a.lo;
        a.in = a.out * a.stride;
        return;
    }
    const int64_t least = whole - a.lo - a.hi, most = least + std::max(a.stride, a.dilation) - 1;
    a.in = least + spec.output_padding[index];
    if (spec.output_size && number >= 0) {
        const auto& sizes = spec.output_size->values;
        a.in = sizes.size() == 1 ? sizes[0] : sizes[number];
        if (a.in < std::max<int64_t>(least, 1) || a.in > most)
            fail(function,
                 "output_size must be from " + std::to_string(std::max<int64_t>(least, 1)) + " to " +
                     std::to_string(most) + " on spatial axis " + std::to_string(number),
                 show(*spec.output_size));
    }
    if (a.in < 1)
        fail(function, "padding must leave an output",
             "padding (" + std::to_string(a.lo) + ", " + std::to_string(a.hi) + ") of " + std::to_string(whole) +
                 " on spatial axis " + std::to_string(number) + ": output size would be " + std::to_string(a.in));
}

void check_computed(const std::string& function, const ConvShape& s) {
    const auto as_output = [](const Axis& a) {
        Axis o;
        o.out = a.in;
        return o;
    };
    check_size(function, s.n, s.c, as_output(s.d), as_output(s.h), as_output(s.w));
}

}  // namespace

TransposedSpec transposed_spec(const std::string& function, int rank, const Shape& weight, const Shape* bias,
                               const Ints& stride, const Padding& padding, const Ints& output_padding,
                               const Ints& dilation, int64_t groups, const std::optional<Ints>& output_size) {
    check_channels(function, rank, weight, bias, groups);
    TransposedSpec spec{};  // filled member by member: GCC 12 destroys nested initialisers twice where one throws
    spec.conv = {function, rank, weight[0], weight[1], groups, {}};
    spec.padding = padding;
    spec.output_size = output_size;
    const Ints kernel{Shape(weight.begin() + 2, weight.end()), false};
    check_windows(function, rank, kernel, stride, padding, dilation, spec.conv.window);
    check_output_padding(spec, output_padding);
    if (output_size) check_output_size(spec, *output_size);
    return spec;
}

ConvShape transposed_shape(const TransposedSpec& spec, const int64_t* input, int input_rank) {
    const ConvSpec& conv = spec.conv;
    const Extents e = check_input(conv.function, conv.rank, input, input_rank, conv.format);
    if (e.c != conv.k)
        fail(conv.function,
             "input must have weight.shape[0] = " + std::to_string(conv.k) + " channels" +
                 other_format(conv.k, input, input_rank, conv.rank, conv.format),
             std::to_string(e.c) + " channels in shape " +
                 show(in_format(Shape(input, input + input_rank), conv.rank, conv.format)));
    ConvShape s{e.n, spec.out_channels(), conv.k, conv.groups, {}, {}, {}, e.batched};
    Axis* axes[AXES] = {&s.d, &s.h, &s.w};
    for (int i = 0; i < AXES; ++i) {
        const Window& w = conv.window[i];
        *axes[i] = {0, e.spatial[i], w.kernel, w.stride, w.dilation, w.lo, w.hi};
        if (i < AXES - conv.rank)
            axes[i]->in = 1;
        else
            size_axis(spec, i, *axes[i]);
    }
    check_computed(conv.function, s);
    return s;
}

Shape transposed_output(const ConvSpec& conv, const ConvShape& s) {
    Shape shape;
    if (s.batched) shape.push_back(s.n);
    shape.push_back(s.c);
    for (const Axis* a : {&s.d, &s.h, &s.w}) shape.push_back(a->in);
    shape.erase(shape.end() - AXES, shape.end() - conv.rank);
    return shape;
}

ConvShape input_gradient_shape(const ConvSpec& conv, const Shape& input_size, const Shape& grad_output) {
    const std::string got = show(in_format(input_size, conv.rank, conv.format));
    const auto entries = static_cast<int>(input_size.size());
    if (entries != conv.rank + 2 && entries != conv.rank + 1)
        fail(conv.function,
             "input_size must have " + std::to_string(conv.rank + 2) + " entries (N, C and " +
                 std::to_string(conv.rank) + " spatial, in the order of data_format) or " +
                 std::to_string(conv.rank + 1) + " without N",
             got);
    for (const int64_t x : input_size)
        if (x < 0) fail(conv.function, "input_size must be >= 0", got);
    const bool batched = entries == conv.rank + 2;
    if (std::any_of(input_size.begin() + batched, input_size.end(), [](int64_t x) { return x == 0; }))
        fail(conv.function, "input_size must have at least one channel and no empty spatial axis", got);
    int64_t channels;
    if (__builtin_mul_overflow(conv.groups, conv.c_per_group, &channels) || channels != input_size[batched])
        fail(conv.function,
             "input_size must have groups * weight.shape[1] = " + std::to_string(conv.groups) + " * " +
                 std::to_string(conv.c_per_group) + " channels",
             got);
    const ConvShape s = conv_shape(conv, input_size.data(), entries);
    check_computed(conv.function, s);
    const Shape expected = output_shape(conv, s);
    const auto shown = [&](const Shape& shape) { return show(in_format(shape, conv.rank, conv.format)); };
    if (grad_output != expected)
        fail(conv.function, "grad_output must have the shape of the convolution's output " + shown(expected),
             "shape " + shown(grad_output));
    return s;
}

}  // namespace convx
