#include "shape.h"

#include <algorithm>

#include "message.h"
#include "window.h"

namespace convx {

double ConvShape::flops() const {
    return 2.0 * static_cast<double>(n) * static_cast<double>(k) * static_cast<double>(depth()) *
           static_cast<double>(pixels());
}

Shape in_format(Shape shape, int rank, DataFormat format) {
    if (format == DataFormat::channels_last && (shape.size() == size_t(rank) + 1 || shape.size() == size_t(rank) + 2))
        std::rotate(shape.end() - rank - 1, shape.end() - rank, shape.end());
    return shape;
}

Shape channels_first(Shape shape, int rank, DataFormat format) {
    if (format == DataFormat::channels_last && (shape.size() == size_t(rank) + 1 || shape.size() == size_t(rank) + 2))
        std::rotate(shape.end() - rank - 1, shape.end() - 1, shape.end());
    return shape;
}

std::string other_format(int64_t channels, const int64_t* input, int input_rank, int rank, DataFormat format) {
    // Turned as if the maps came first: those of channels_first lie last, and the other way round.
    const bool first = format == DataFormat::channels_first;
    const int64_t there = input[first ? input_rank - 1 : input_rank - rank];
    if (channels != there) return "";
    return first ? " (pass data_format='channels_last' where maps come last)"
                 : " (leave data_format out where maps come first)";
}

ConvSpec conv_spec(const std::string& function, int rank, const Shape& weight, const Shape* bias, const Ints& stride,
                   const Padding& padding, const Ints& dilation, int64_t groups) {
    check_weight(function, rank, weight, groups, "out", "in");
    if (bias && *bias != Shape{weight[0]})
        fail(function, "bias must have shape " + show({weight[0]}), "shape " + show(*bias));

    ConvSpec spec{function, rank, weight[0], weight[1], groups, {}};
    const Ints kernel{Shape(weight.begin() + 2, weight.end()), false};
    check_windows(function, rank, kernel, stride, padding, dilation, spec.window);
    return spec;
}

ConvShape conv_shape(const ConvSpec& spec, const int64_t* input, int input_rank) {
    const Extents e = check_input(spec.function, spec.rank, input, input_rank, spec.format);
    int64_t channels;
    if (__builtin_mul_overflow(spec.groups, spec.c_per_group, &channels) || channels != e.c)
        fail(spec.function,
             "input must have groups * weight.shape[1] = " + std::to_string(spec.groups) + " * " +
                 std::to_string(spec.c_per_group) + " channels" +
                 other_format(channels, input, input_rank, spec.rank, spec.format),
             std::to_string(e.c) + " channels in shape " +
                 show(in_format(Shape(input, input + input_rank), spec.rank, spec.format)));
    ConvShape s{e.n, e.c, spec.k, spec.groups, {}, {}, {}, e.batched, spec.border};
    Axis* axes[AXES] = {&s.d, &s.h, &s.w};
    for (int i = 0; i < AXES; ++i)
        *axes[i] = resolve_axis(spec.function, spec.window[i], e.spatial[i], false, i - (AXES - spec.rank));
    check_size(spec.function, s.n, s.k, s.d, s.h, s.w);
    return s;
}

Shape output_shape(const ConvSpec& spec, const ConvShape& s) {
    return spatial_shape(spec.rank, s.batched, s.n, s.k, s.d, s.h, s.w);
}

PoolSpec pool_spec(const std::string& function, int rank, const Ints& kernel, const std::optional<Ints>& stride,
                   const Padding& padding, const Ints& dilation, bool ceil_mode, bool allow_wide_padding) {
    return pool_spec(function, rank, kernel, stride, padding, dilation, ceil_mode, true, std::nullopt,
                     allow_wide_padding);
}

PoolSpec pool_spec(const std::string& function, int rank, const Ints& kernel, const std::optional<Ints>& stride,
                   const Padding& padding, const Ints& dilation, bool ceil_mode, bool count_include_pad,
                   std::optional<int64_t> divisor, bool allow_wide_padding) {
    PoolSpec spec{function, rank, ceil_mode, count_include_pad, divisor};
    check_windows(function, rank, kernel, stride_or_kernel(function, rank, stride, kernel), padding, dilation,
                  spec.window);
    if (divisor && *divisor == 0) fail(function, "divisor_override must not be 0", "0");
    if (padding.mode != PadMode::numbers || allow_wide_padding) return spec;
    for (const Window& w : spec.window)
        if (w.lo > w.extent() / 2 || w.hi > w.extent() / 2)
            fail(function, "padding must be <= half of the effective kernel size " + std::to_string(w.extent()),
                 show(padding));
    return spec;
}

PoolShape pool_shape(const PoolSpec& spec, const int64_t* input, int input_rank) {
    const Extents e = check_input(spec.function, spec.rank, input, input_rank, spec.format);
    PoolShape s{e.n, e.c, {}, {}, {}, e.batched};
    Axis* axes[AXES] = {&s.d, &s.h, &s.w};
    for (int i = 0; i < AXES; ++i)
        *axes[i] = resolve_axis(spec.function, spec.window[i], e.spatial[i], spec.ceil_mode, i - (AXES - spec.rank));
    check_size(spec.function, s.n, s.c, s.d, s.h, s.w);
    return s;
}

Shape output_shape(const PoolSpec& spec, const PoolShape& s) {
    return spatial_shape(spec.rank, s.batched, s.n, s.c, s.d, s.h, s.w);
}

}  // namespace convx
