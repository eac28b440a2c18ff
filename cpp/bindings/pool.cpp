// _core.pool, _core.lp_pool and _core.max_pool.
#include "../convx/pool/pool.h"

#include "../convx/pool/pool_indices.h"
#include "args.h"
#include "arrays.h"
#include "call.h"
#include "indexed_output.h"
#include "module.h"
#include "numbers.h"
#include "pool_site.h"

namespace convx::bindings {
namespace {

using pool::Kind;

template <class T>
py::array run(const PoolSpec& spec, const py::array& given, Kind kind, py::handle out, double norm = 0) {
    const py::array input = channels_first(given, spec.format, spec.rank);
    const PoolShape shape = pool_shape(spec, input.shape(), static_cast<int>(input.ndim()));
    const py::array x = computed_in<T>(input);
    Output output = pool_output(spec, out, given.dtype(), output_shape(spec, shape), {&x});
    const View<const T> view = view_of<T>(x, spec.rank, shape.batched);
    without_gil([&] { pool::run<T>({spec, shape, view, static_cast<T*>(output.data()), kind, norm}); });
    return output.finish();
}

py::array pool(const std::string& function, int rank, const std::string& kind, py::handle input, py::handle kernel_size,
               py::handle stride, py::handle padding, py::handle dilation, py::handle ceil_mode,
               py::handle count_include_pad, py::handle divisor_override, py::handle out, py::handle data_format,
               bool any_padding) {
    const Kind which = kind == "max" ? Kind::max : Kind::average;
    const py::array x =
        which == Kind::max ? as_number_array(function, "input", input) : as_float_array(function, "input", input);
    std::optional<int64_t> divisor;
    if (!divisor_override.is_none()) divisor = parse_int(function, "divisor_override", divisor_override);
    PoolSpec spec = pool_spec(function, rank, parse_ints(function, "kernel_size", kernel_size),
                              parse_optional_ints(function, "stride", stride), parse_padding(function, padding),
                              parse_ints(function, "dilation", dilation), parse_bool(function, "ceil_mode", ceil_mode),
                              parse_bool(function, "count_include_pad", count_include_pad), divisor, any_padding);
    spec.format = parse_data_format(function, data_format);
    if (which == Kind::average)
        return with_float(x.dtype(), [&](auto t) { return run<decltype(t)>(spec, x, which, out); });
    return with_number(x.dtype(), [&](auto t) { return run<decltype(t)>(spec, x, which, out); });
}

py::array lp_pool(const std::string& function, int rank, py::handle input, py::handle norm_type, py::handle kernel_size,
                  py::handle stride, py::handle padding, py::handle dilation, py::handle ceil_mode, py::handle out,
                  py::handle data_format, bool any_padding) {
    const py::array x = as_float_array(function, "input", input);
    const double norm = parse_norm(function, norm_type);
    PoolSpec spec = pool_spec(function, rank, parse_ints(function, "kernel_size", kernel_size),
                              parse_optional_ints(function, "stride", stride), parse_padding(function, padding),
                              parse_ints(function, "dilation", dilation), parse_bool(function, "ceil_mode", ceil_mode),
                              any_padding);
    spec.format = parse_data_format(function, data_format);
    return with_float(x.dtype(), [&](auto t) { return run<decltype(t)>(spec, x, Kind::norm, out, norm); });
}

template <class T>
py::tuple run_indices(const PoolSpec& spec, const py::array& given, py::handle out) {
    const py::array input = channels_first(given, spec.format, spec.rank);
    const PoolShape shape = pool_shape(spec, input.shape(), static_cast<int>(input.ndim()));
    const py::array x = computed_in<T>(input);
    IndexedOutput output(spec, out, given.dtype(), output_shape(spec, shape), x);
    const View<const T> view = view_of<T>(x, spec.rank, shape.batched);
    T* const values = static_cast<T*>(output.values());
    without_gil([&] { pool::run_with_indices<T>({spec, shape, false, view, values, output.indices()}); });
    return output.finish();
}

py::object max_pool(const std::string& function, int rank, py::handle input, py::handle kernel_size, py::handle stride,
                    py::handle padding, py::handle dilation, py::handle ceil_mode, py::handle return_indices,
                    py::handle out, py::handle data_format, bool any_padding) {
    const py::array x = as_number_array(function, "input", input);
    PoolSpec spec = pool_spec(function, rank, parse_ints(function, "kernel_size", kernel_size),
                              parse_optional_ints(function, "stride", stride), parse_padding(function, padding),
                              parse_ints(function, "dilation", dilation), parse_bool(function, "ceil_mode", ceil_mode),
                              any_padding);
    spec.format = parse_data_format(function, data_format);
    const bool indices = parse_bool(function, "return_indices", return_indices);
    return with_number(x.dtype(), [&](auto t) -> py::object {
        using T = decltype(t);
        if (indices) return run_indices<T>(spec, x, out);
        return run<T>(spec, x, Kind::max, out);
    });
}

}  // namespace

void bind_pool(py::module_& m) {
    m.def("pool", &pool);
    m.def("lp_pool", &lp_pool);
    m.def("max_pool", &max_pool);
}

}  // namespace convx::bindings
