// _core.separable.
#include "../convx/filter/separable.h"
#include "../convx/shape/message.h"
#include "functions.h"

namespace convx::bindings {
namespace {

Array pixels(const Arguments& a, Name name) {
    const Array array = a.array(name);
    if (array.ndim() != 3 || (array.size() && array.shape(2) > 1 && array.stride(2) != array.itemsize()))
        fail(a.function(), std::string(text_of(name)) + " must have three axes, the last of them contiguous",
             show(array.shape()));
    if (!array.is_aligned())
        fail(a.function(), std::string(text_of(name)) + " must be aligned", "an array that is not");
    return array;
}

filter::PixelType pixel_type_of(const Arguments& a, const Array& array) {
    const Dtype d = array.dtype();
    if (d.itemsize() <= 2 || d.kind() == 'f')
        if (d.num() == FLOAT32 || d.num() == FLOAT64 || (d.itemsize() <= 2 && d.kind() != 'f'))
            return with_number(d, [](auto t) {
                using T = decltype(t);
                if constexpr (std::is_floating_point_v<T> || sizeof(T) <= 2)
                    return filter::pixel_type<T>();
                else
                    return filter::PixelType{};
            });
    throw py::type_error(a.function() + ": pixels must be float32, float64 or of 8 or 16 bits, got " + dtype_name(d));
}

// None, or the weights, how many of them lie before their place, what lies beyond the border, and whether they are
// those of a mean.
filter::Line line_of(const Arguments& a, Name name) {
    filter::Line line;
    if (!a.given(name)) return line;
    const py::handle value = a[name];
    const char* const text = text_of(name);
    if (!is_sequence(value) || as_tuple(value).size() != 4)
        type_error(a.function(), text, "must be None or weights, an int, a padding mode and a bool", value);
    const py::tuple items = as_tuple(value);
    const Array w =
        cast_to<double>(as_numbers(a.function(), text, as_array(a.function(), text, item_of(items, 0))), true);
    const auto* const data = static_cast<const double*>(w.data());
    line.w.assign(data, data + w.size());
    line.before = to_int64(a.function(), text, item_of(items, 1), value, "must have an int in its second place");
    line.border = border_of(a.function(), text, item_of(items, 2));
    line.mean = to_bool(a.function(), text, item_of(items, 3));
    if (w.ndim() != 1 || line.before < 0 || line.before >= line.taps())
        fail(a.function(), std::string(text) + " must have weights of one axis, at one of which it has its place",
             show(w.shape()) + " and " + std::to_string(line.before));
    return line;
}

py::object separable(const Arguments& a) {
    const Array x = pixels(a, Name::input), out = pixels(a, Name::out);
    const int64_t first = a.integer(Name::first);
    if (x.shape(0) != out.shape(0) || x.shape(2) != out.shape(2) || first < 0 || first > x.shape(1) - out.shape(1))
        fail(a.function(), "out must have shape " + show(x.shape()) + ", or some of the rows from `first` on",
             show(out.shape()) + " and " + std::to_string(first));
    if (!out.is_writeable()) fail(a.function(), "out must be writeable", "a read-only array");
    const int64_t inner = a.integer(Name::inner);
    if (inner < 1 || x.shape(2) % inner) fail(a.function(), "inner must divide the last axis", std::to_string(inner));
    const filter::SeparableFilter f{pixel_type_of(a, x),
                                    pixel_type_of(a, out),
                                    {x.shape(0), x.shape(1), first, out.shape(1), x.shape(2) / inner, inner,
                                     x.stride(0), x.stride(1), out.stride(0), out.stride(1)},
                                    line_of(a, Name::down),
                                    line_of(a, Name::along),
                                    a.flag(Name::added),
                                    a.real(Name::cval)};
    tell("out", out);
    without_gil([&] { filter::separable(f, x.data(), out.data()); });
    return py::none();
}

using N = Name;
constexpr Function FUNCTIONS[] = {
    {"separable", separable, {N::function, N::input, N::out, N::down, N::along, N::added, N::inner, N::cval, N::first}},
};

}  // namespace

Functions filter_functions() { return all_of(FUNCTIONS); }

}  // namespace convx::bindings
