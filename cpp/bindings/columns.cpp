// _core.unfold, _core.fold and _core.deform_conv.
#include "../convx/columns/deform.h"
#include "../convx/columns/unfold.h"
#include "../convx/shape/message.h"
#include "functions.h"

namespace convx::bindings {
namespace {

// A sequence says how many spatial axes there are; for a lone int `otherwise` holds.
int rank_of(const std::string& function, Name name, const Ints& given, int otherwise) {
    if (given.scalar) return otherwise;
    const auto rank = static_cast<int>(given.values.size());
    if (rank < 1 || rank > AXES)
        fail(function, std::string(text_of(name)) + " must be one int or 1 to 3, one per spatial axis", show(given));
    return rank;
}

UnfoldSpec spec_of(const Arguments& a, int rank, const Ints& kernel) {
    const Ints stride = a.ints(Name::stride), dilation = a.ints(Name::dilation);
    UnfoldSpec spec = unfold_spec(a.function(), rank, kernel, stride, a.padding(), dilation);
    spec.format = a.format();
    return spec;
}

py::object unfold_columns(const Arguments& a) {
    const Array given = a.floats(Name::input);
    const Ints kernel = a.ints(Name::kernel_size);
    const int rank = rank_of(a.function(), Name::kernel_size, kernel, given.ndim() == AXES + 2 ? 3 : 2);
    const UnfoldSpec spec = spec_of(a, rank, kernel);
    return with_float(given.dtype(), [&](auto t) {
        using T = decltype(t);
        const Array x = cast_to<T>(channels_first(given, spec.format, rank));
        const UnfoldShape shape = unfold_shape(spec, x.sizes(), x.ndim());
        Output output(a.function(), a.out(), given.dtype(), columns_shape(shape), {&x}, spec.format, 1);
        const View<const T> view = view_of<T>(x, rank, shape.batched);
        without_gil([&] { unfold(shape, view, output.data<T>()); });
        return output.finish();
    });
}

py::object fold_columns(const Arguments& a) {
    const Array given = a.floats(Name::input);
    const Ints size = a.ints(Name::output_size), kernel = a.ints(Name::kernel_size);
    const int rank =
        rank_of(a.function(), Name::output_size, size, rank_of(a.function(), Name::kernel_size, kernel, 2));
    const UnfoldSpec spec = spec_of(a, rank, kernel);
    return with_float(given.dtype(), [&](auto t) {
        using T = decltype(t);
        const Array x = cast_to<T>(channels_first(given, spec.format, 1));
        const UnfoldShape shape = fold_shape(spec, size, x.sizes(), x.ndim());
        Output output(a.function(), a.out(), given.dtype(), image_shape(spec, shape), {&x}, spec.format, rank);
        const View<const T> view = view_of<T>(x, 1, shape.batched);
        without_gil([&] { fold(shape, view, output.data<T>()); });
        return output.finish();
    });
}

// Of a deformable convolution; bias and mask may be null.
struct Deformed {
    Array input, offset, weight, bias, mask;
    Dtype dtype;

    Deformed(const Arguments& a, int rank, DataFormat format)
        : input(channels_first(a.floats(Name::input), format, rank)),
          offset(channels_first(a.floats(Name::offset), format, rank)),
          weight(a.floats(Name::weight)),
          bias(a.given(Name::bias) ? a.floats(Name::bias) : Array()),
          mask(a.given(Name::mask) ? channels_first(a.floats(Name::mask), format, rank) : Array()),
          dtype(promote(a.function(), "weight", input.dtype(), weight.dtype())) {
        dtype = promote(a.function(), "offset", dtype, offset.dtype());
        if (bias) dtype = promote(a.function(), "bias", dtype, bias.dtype());
        if (mask) dtype = promote(a.function(), "mask", dtype, mask.dtype());
    }
};

template <class T>
py::object run_deform(const ConvSpec& spec, const DeformShape& shape, const Deformed& given, py::handle out) {
    const ConvShape& s = shape.conv;
    const Array x = cast_to<T>(given.input), offset = cast_to<T>(given.offset), weight = cast_to<T>(given.weight, true),
                bias = given.bias ? cast_to<T>(given.bias, true) : Array(),
                mask = given.mask ? cast_to<T>(given.mask) : Array();
    Output output(spec.function, out, given.dtype, output_shape(spec, s),
                  {&x, &offset, &weight, bias ? &bias : nullptr, mask ? &mask : nullptr}, spec.format, spec.rank);
    const Deformation<T> deformation{spec,
                                     shape,
                                     view_of<T>(x, spec.rank, s.batched),
                                     view_of<T>(offset, spec.rank, s.batched),
                                     mask ? view_of<T>(mask, spec.rank, s.batched) : View<const T>{},
                                     static_cast<const T*>(weight.data()),
                                     bias ? static_cast<const T*>(bias.data()) : nullptr,
                                     output.data<T>()};
    without_gil([&] { deform(deformation); });
    return output.finish();
}

py::object deform_conv(const Arguments& a) {
    const int rank = a.rank();
    const Deformed given(a, rank, a.format());
    const Shape weight = given.weight.shape(), bias = given.bias ? given.bias.shape() : Shape(),
                mask = given.mask ? given.mask.shape() : Shape();
    const Ints stride = a.ints(Name::stride), dilation = a.ints(Name::dilation);
    ConvSpec spec = conv_spec(a.function(), rank, weight, given.bias ? &bias : nullptr, stride, a.padding(), dilation,
                              deform_groups(a.function(), given.input.shape(), rank, weight));
    spec.format = a.format();
    const ConvShape conv = conv_shape(spec, given.input.sizes(), given.input.ndim());
    const DeformShape shape = deform_shape(spec, conv, given.offset.shape(), given.mask ? &mask : nullptr);
    return with_float(given.dtype, [&](auto t) { return run_deform<decltype(t)>(spec, shape, given, a.out()); });
}

using N = Name;
constexpr Function FUNCTIONS[] = {
    {"unfold", unfold_columns, {N::input, N::kernel_size, N::dilation, N::padding, N::stride, N::out, N::data_format}},
    {"fold",
     fold_columns,
     {N::input, N::output_size, N::kernel_size, N::dilation, N::padding, N::stride, N::out, N::data_format}},
    {"deform_conv",
     deform_conv,
     {N::function, N::rank, N::input, N::offset, N::weight, N::bias, N::stride, N::padding, N::dilation, N::mask,
      N::out, N::data_format}},
};

}  // namespace

Functions columns_functions() { return all_of(FUNCTIONS); }

}  // namespace convx::bindings
