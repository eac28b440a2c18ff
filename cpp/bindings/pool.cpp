// _core.pool and _core.maxout.
#include "../convx/pool.h"

#include <algorithm>

#include "../convx/isa.h"
#include "../convx/message.h"
#include "args.h"
#include "arrays.h"
#include "call.h"
#include "module.h"

namespace convx::bindings {
namespace {

using pool::Kind;

// In operations of a convolution: what an input element costs grows with the window until that is cut up.
double work(const PoolShape& s) {
    const double elements = static_cast<double>(s.n) * static_cast<double>(s.c) * static_cast<double>(s.d.in) *
                            static_cast<double>(s.h.in) * static_cast<double>(s.w.in);
    return elements * std::min(3.0 * static_cast<double>(s.d.kernel + s.h.kernel + s.w.kernel), 100.0);
}

template <class T>
void execute(const PoolSpec& spec, const PoolShape& shape, const View<const T>& x, T* out, Kind kind) {
    if (shape.n == 0) return;
    without_gil([&] {
        pool::run<T>({spec, shape, x, out, kind, kernels_of<T>(*active_isa().kernels), threads_for(work(shape))});
    });
}

template <class T>
py::array run(const PoolSpec& spec, const py::array& given, Kind kind, py::handle out) {
    const py::array input = channels_first(given, spec.format, spec.rank);
    const PoolShape shape = pool_shape(spec, input.shape(), static_cast<int>(input.ndim()));
    const py::array x = cast_to<T>(input, false);
    Output output(spec.function, out, given.dtype(), output_shape(spec, shape), {&x}, spec.format, spec.rank);
    execute(spec, shape, view_of<T>(x, spec.rank, shape.batched), static_cast<T*>(output.data()), kind);
    return output.finish();
}

py::array pool(const std::string& function, int rank, const std::string& kind, py::handle input, py::handle kernel_size,
               py::handle stride, py::handle padding, py::handle dilation, py::handle ceil_mode,
               py::handle count_include_pad, py::handle divisor_override, py::handle out, py::handle data_format,
               bool any_padding) {
    const py::array x = as_float_array(function, "input", input);
    std::optional<int64_t> divisor;
    if (!divisor_override.is_none()) divisor = parse_int(function, "divisor_override", divisor_override);
    PoolSpec spec = pool_spec(function, rank, parse_ints(function, "kernel_size", kernel_size),
                              parse_optional_ints(function, "stride", stride), parse_padding(function, padding),
                              parse_ints(function, "dilation", dilation), parse_bool(function, "ceil_mode", ceil_mode),
                              parse_bool(function, "count_include_pad", count_include_pad), divisor, any_padding);
    spec.format = parse_data_format(function, data_format);
    const Kind which = kind == "max" ? Kind::max : Kind::average;
    return is_double(x) ? run<double>(spec, x, which, out) : run<float>(spec, x, which, out);
}

// Pooling across maps is pooling per map with the channel axis seen as depth.
template <class T>
py::array run_maxout(const PoolSpec& spec, const py::array& input, py::ssize_t axis, Shape shape, py::handle out) {
    const py::array x = cast_to<T>(input, true);
    const int64_t size = spec.window[0].kernel, maps = x.shape(axis);
    const Axis d{maps, maps / size, size, size, 1, 0, 0};
    int64_t before = 1, after = 1;
    for (py::ssize_t i = 0; i < x.ndim(); ++i) (i < axis ? before : after) *= i == axis ? 1 : x.shape(i);
    const PoolShape pooled{before, 1, d, {}, Axis{after, after, 1, 1, 1, 0, 0}, true};
    shape[static_cast<size_t>(axis)] = d.out;
    Output output(spec.function, out, input.dtype(), shape, {&x});
    const int64_t plane = x.shape(axis) * after;
    const View<const T> view{static_cast<const T*>(x.data()), plane, plane, after, after, 1};
    if (x.size() > 0) execute(spec, pooled, view, static_cast<T*>(output.data()), Kind::max);
    return output.finish();
}

py::array maxout(py::handle input, py::handle pool_size, py::handle axis, py::handle out) {
    const std::string function = "maxout";
    const py::array x = as_float_array(function, "input", input);
    const int64_t size = parse_int(function, "pool_size", pool_size), given = parse_int(function, "axis", axis);
    if (size < 1) fail(function, "pool_size must be >= 1", std::to_string(size));
    if (given < -x.ndim() || given >= x.ndim())
        fail(function, "axis must be in [-" + std::to_string(x.ndim()) + ", " + std::to_string(x.ndim()) + ")",
             std::to_string(given));
    const py::ssize_t at = given < 0 ? given + x.ndim() : given;
    if (x.shape(at) == 0) fail(function, "input must have at least one map", "shape " + show(shape_of(x)));
    if (x.shape(at) % size)
        fail(function,
             "pool_size must divide the " + std::to_string(x.shape(at)) + " maps of axis " + std::to_string(given),
             std::to_string(size));
    PoolSpec spec{function, 3, false, true, {}, {}};
    spec.window[0].kernel = spec.window[0].stride = size;
    return is_double(x) ? run_maxout<double>(spec, x, at, shape_of(x), out)
                        : run_maxout<float>(spec, x, at, shape_of(x), out);
}

}  // namespace

void bind_pool(py::module_& m) {
    m.def("pool", &pool);
    m.def("maxout", &maxout);
}

}  // namespace convx::bindings
