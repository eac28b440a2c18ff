// _core.filter_image and _core.image_sums: filters of 8- and 16-bit pixels.
#include "../convx/image/image_filter.h"

#include "../convx/shape/message.h"
#include "functions.h"

namespace convx::bindings {
namespace {

bool is_integer(const Dtype& d) { return d.kind() == 'i' || d.kind() == 'u'; }

Array pixels(const Arguments& a) {
    const Array x = a.array(Name::input);
    const Dtype d = x.dtype();
    if (!is_integer(d) || d.itemsize() > 2)
        throw py::type_error(a.function() + ": input must be int8, uint8, int16 or uint16 (for other dtypes there is " +
                             "conv1d, conv2d and conv3d), got dtype " + dtype_name(d));
    return readable(x);
}

// The dtype asked for, else that of `out`, else that of the input.
Dtype result_dtype(const Arguments& a, const Array& x) {
    const bool from_out = !a.given(Name::dtype) && is_array(a.out());
    const Dtype d = a.given(Name::dtype) ? a.dtype()
                    : from_out           ? py::reinterpret_borrow<Array>(a.out()).dtype()
                                         : x.dtype();
    const bool is_small = is_integer(d) && (d.itemsize() < 4 || (d.itemsize() == 4 && d.kind() == 'i'));
    if (!is_small && d.num() != FLOAT32 && d.num() != FLOAT64)
        throw py::type_error(a.function() + ": " + (from_out ? "out" : "dtype") +
                             " must be int8, uint8, int16, uint16, int32, float32 or float64, got dtype " +
                             dtype_name(d));
    return d;
}

// The weight in double.
Array weight_of(const Arguments& a) {
    const Array given = a.numbers(Name::weight);
    const Array weight = copied(given, dtype_of<double>());
    const auto* const w = static_cast<const double*>(weight.data());
    for (int64_t i = 0; i < weight.size(); ++i)
        if (!(w[i] - w[i] == 0)) fail(a.function(), "weight must be finite", std::to_string(w[i]));
    return weight;
}

View<const char> pixel_view(const Array& a, int rank, bool batched) {
    const View<const char> v = view_of<char>(a, rank, batched);
    const int64_t size = a.itemsize();
    return {v.data, v.n / size, v.c / size, v.d / size, v.h / size, v.w / size};
}

template <class T>
ResultType as_result(T) {
    return result_type<T>();
}

PixelType pixel_type_of(const Array& x) {
    const bool has_sign = x.dtype().kind() == 'i';
    if (x.itemsize() == 1) return has_sign ? pixel_type<int8_t>() : pixel_type<uint8_t>();
    return has_sign ? pixel_type<int16_t>() : pixel_type<uint16_t>();
}

int rank_of(const Arguments& a, const Array& weight) {
    const int rank = weight.ndim() - 2;
    if (rank < 1 || rank > AXES)
        fail(a.function(), "weight must have 3 to 5 axes (out channels, in channels / groups, 1 to 3 kernel sizes)",
             "shape " + show(weight.shape()));
    return rank;
}

py::object filter(const Arguments& a) {
    const Array given = pixels(a), weight = weight_of(a);
    const Padding padding = a.padding();
    const ConvSpec spec = a.conv_spec(rank_of(a, weight), weight.shape(), nullptr, padding);
    const Array x = channels_first(given, spec.format, spec.rank);
    const ConvShape shape = conv_shape(spec, x.sizes(), x.ndim());
    const Dtype dtype = result_dtype(a, x);
    Output output(a.function(), a.out(), dtype, output_shape(spec, shape), {&x}, spec.format, spec.rank);
    const int64_t pixels = shape.pixels();
    ImageFilter f{};
    f.shape = shape;
    f.weight = static_cast<const double*>(weight.data());
    f.x = pixel_view(x, spec.rank, shape.batched);
    f.pixels = pixel_type_of(x);
    f.out = {output.data<char>(), shape.k * pixels, pixels, shape.h.out * shape.w.out, shape.w.out, 1};
    f.result = with_number(dtype, [](auto t) { return as_result(t); });
    f.order = TermOrder::all;
    f.rule = Integral::nearest;
    without_gil([&] { filter_image(f); });
    return output.finish();
}

// What convx.ndimage sums: one map of pixels and one filter, written where `out` lies, which does not overlap `input`.
py::object sums(const Arguments& a) {
    const Array x = pixels(a), weight = weight_of(a), out = a.array(Name::out);
    const ConvSpec spec =
        conv_spec(a.function(), weight.ndim() - 2, weight.shape(), nullptr, {{1}, true}, a.padding(), {{1}, true}, 1);
    ImageFilter f{};
    f.shape = conv_shape(spec, x.sizes(), x.ndim());
    f.shape.border = a.border();
    f.weight = static_cast<const double*>(weight.data());
    f.x = pixel_view(x, spec.rank, f.shape.batched);
    f.pixels = pixel_type_of(x);
    const View<const char> to = pixel_view(out, spec.rank, f.shape.batched);
    f.out = {static_cast<char*>(out.data()), to.n, to.c, to.d, to.h, to.w};
    f.result = with_number(out.dtype(), [](auto t) { return as_result(t); });
    f.fill = a.real(Name::fill);
    f.order = a.flag(Name::line) ? TermOrder::line : TermOrder::taps;
    f.rule = Integral::cut;
    const Array sums = a.given(Name::sums) ? copied(a.array(Name::sums), dtype_of<float>()) : Array();
    if (a.given(Name::sums)) {
        if (sums.size() != f.shape.n * f.shape.k * f.shape.pixels())
            fail(a.function(), "sums must fit", "shape " + show(sums.shape()));
        f.sums = static_cast<const float*>(sums.data());
        f.off = a.real(Name::off);
    }
    if (out.shape() != output_shape(spec, f.shape)) fail(a.function(), "out must fit", "shape " + show(out.shape()));
    without_gil([&] { filter_image(f); });
    return py::none();
}

using N = Name;
constexpr Function FUNCTIONS[] = {
    {"filter_image",
     filter,
     {N::input, N::weight, N::stride, N::padding, N::dilation, N::groups, N::dtype, N::out, N::padding_mode,
      N::data_format}},
    {"image_sums", sums, {N::input, N::weight, N::padding, N::padding_mode, N::fill, N::line, N::out, N::sums, N::off}},
};

}  // namespace

Functions image_functions() { return all_of(FUNCTIONS); }

}  // namespace convx::bindings
