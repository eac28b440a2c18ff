// _core.unfold and _core.fold.
#include "../convx/columns/unfold.h"

#include "../convx/message.h"
#include "args.h"
#include "arrays.h"
#include "call.h"
#include "module.h"

namespace convx::bindings {
namespace {

// A sequence says how many spatial axes there are; for a lone int `otherwise` holds.
int rank_of(const std::string& function, const char* argument, const Ints& given, int otherwise) {
    if (given.scalar) return otherwise;
    const auto rank = static_cast<int>(given.values.size());
    if (rank < 1 || rank > AXES)
        fail(function, std::string(argument) + " must be one int or 1 to 3, one per spatial axis", show(given));
    return rank;
}

template <class T>
py::array run_unfold(const UnfoldSpec& spec, const py::array& given, py::handle out) {
    const py::array x = cast_to<T>(channels_first(given, spec.format, spec.rank), false);
    const UnfoldShape shape = unfold_shape(spec, x.shape(), static_cast<int>(x.ndim()));
    Output output(spec.function, out, given.dtype(), columns_shape(shape), {&x}, spec.format, 1);
    const View<const T> view = view_of<T>(x, spec.rank, shape.batched);
    without_gil([&] { unfold(shape, view, static_cast<T*>(output.data())); });
    return output.finish();
}

py::array unfold_columns(py::handle input, py::handle kernel_size, py::handle dilation, py::handle padding,
                         py::handle stride, py::handle out, py::handle data_format) {
    const std::string function = "unfold";
    const py::array x = as_float_array(function, "input", input);
    const Ints kernel = parse_ints(function, "kernel_size", kernel_size);
    const int rank = rank_of(function, "kernel_size", kernel, x.ndim() == AXES + 2 ? 3 : 2);
    UnfoldSpec spec = unfold_spec(function, rank, kernel, parse_ints(function, "stride", stride),
                                  parse_padding(function, padding), parse_ints(function, "dilation", dilation));
    spec.format = parse_data_format(function, data_format);
    return is_double(x) ? run_unfold<double>(spec, x, out) : run_unfold<float>(spec, x, out);
}

template <class T>
py::array run_fold(const UnfoldSpec& spec, const Ints& output_size, const py::array& given, py::handle out) {
    const py::array x = cast_to<T>(channels_first(given, spec.format, 1), false);
    const UnfoldShape shape = fold_shape(spec, output_size, x.shape(), static_cast<int>(x.ndim()));
    Output output(spec.function, out, given.dtype(), image_shape(spec, shape), {&x}, spec.format, spec.rank);
    const View<const T> view = view_of<T>(x, 1, shape.batched);
    without_gil([&] { fold(shape, view, static_cast<T*>(output.data())); });
    return output.finish();
}

py::array fold_columns(py::handle input, py::handle output_size, py::handle kernel_size, py::handle dilation,
                       py::handle padding, py::handle stride, py::handle out, py::handle data_format) {
    const std::string function = "fold";
    const py::array x = as_float_array(function, "input", input);
    const Ints size = parse_ints(function, "output_size", output_size),
               kernel = parse_ints(function, "kernel_size", kernel_size);
    const int rank = rank_of(function, "output_size", size, rank_of(function, "kernel_size", kernel, 2));
    UnfoldSpec spec = unfold_spec(function, rank, kernel, parse_ints(function, "stride", stride),
                                  parse_padding(function, padding), parse_ints(function, "dilation", dilation));
    spec.format = parse_data_format(function, data_format);
    return is_double(x) ? run_fold<double>(spec, size, x, out) : run_fold<float>(spec, size, x, out);
}

}  // namespace

void bind_unfold(py::module_& m) {
    m.def("unfold", &unfold_columns);
    m.def("fold", &fold_columns);
}

}  // namespace convx::bindings
