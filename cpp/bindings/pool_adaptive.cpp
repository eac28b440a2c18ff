// _core.adaptive_avg_pool, _core.adaptive_max_pool and _core.global_pool.
#include "../convx/pool/pool_adaptive.h"

#include "../convx/message.h"
#include "../convx/pool/pool_indices.h"
#include "../convx/window.h"
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
using Sizes = std::vector<std::optional<int64_t>>;

// One size for all axes, or one per axis; None keeps that of the input.
Sizes parse_sizes(const std::string& function, int rank, py::handle value) {
    const auto axes = static_cast<size_t>(rank);
    const auto size = [&](py::handle item) -> std::optional<int64_t> {
        if (item.is_none()) return std::nullopt;
        return parse_int(function, "output_size", item);
    };
    if (!is_sequence(value)) return Sizes(axes, size(value));
    Sizes sizes;
    for (const py::handle item : as_tuple(value)) sizes.push_back(size(item));
    if (sizes.size() != 1 && sizes.size() != axes)
        fail(function, "output_size must be one int or None, or " + std::to_string(rank) + ", one per spatial axis",
             shown(value));
    return sizes.size() == axes ? sizes : Sizes(axes, sizes[0]);
}

Shape result_shape(int rank, const PoolShape& s) { return spatial_shape(rank, s.batched, s.n, s.c, s.d, s.h, s.w); }

PoolSpec adaptive_spec(const std::string& function, int rank, DataFormat format) {
    return {function, rank, false, true, std::nullopt, {}, format};
}

template <class T>
void execute(const PoolSpec& spec, const PoolShape& shape, const py::array& x, Output& output, Kind kind, double norm) {
    const View<const T> view = view_of<T>(x, spec.rank, shape.batched);
    T* const out = static_cast<T*>(output.data());
    without_gil([&] { pool::run_adaptive<T>({spec, shape, view, out, kind, norm}); });
}

template <class T>
py::array run(const std::string& function, int rank, const py::array& given, Kind kind, const Sizes& sizes,
              py::handle out, DataFormat format) {
    const py::array x = computed_in<T>(channels_first(given, format, rank));
    const PoolShape shape = pool::adaptive_shape(function, rank, shape_of(x), sizes, format);
    const PoolSpec spec = adaptive_spec(function, rank, format);
    Output output = pool_output(spec, out, given.dtype(), result_shape(rank, shape), {&x});
    execute<T>(spec, shape, x, output, kind, 0);
    return output.finish();
}

py::array adaptive_avg_pool(const std::string& function, int rank, py::handle input, py::handle output_size,
                            py::handle out, py::handle data_format) {
    const py::array x = as_float_array(function, "input", input);
    const Sizes sizes = parse_sizes(function, rank, output_size);
    const DataFormat format = parse_data_format(function, data_format);
    return with_float(x.dtype(),
                      [&](auto t) { return run<decltype(t)>(function, rank, x, Kind::average, sizes, out, format); });
}

template <class T>
py::tuple run_indices(const std::string& function, int rank, const py::array& given, const Sizes& sizes, py::handle out,
                      DataFormat format) {
    const py::array x = computed_in<T>(channels_first(given, format, rank));
    const PoolShape shape = pool::adaptive_shape(function, rank, shape_of(x), sizes, format);
    const PoolSpec spec = adaptive_spec(function, rank, format);
    IndexedOutput output(spec, out, given.dtype(), result_shape(rank, shape), x);
    const View<const T> view = view_of<T>(x, rank, shape.batched);
    T* const values = static_cast<T*>(output.values());
    without_gil([&] { pool::run_with_indices<T>({spec, shape, true, view, values, output.indices()}); });
    return output.finish();
}

py::object adaptive_max_pool(const std::string& function, int rank, py::handle input, py::handle output_size,
                             py::handle return_indices, py::handle out, py::handle data_format) {
    const py::array x = as_number_array(function, "input", input);
    const Sizes sizes = parse_sizes(function, rank, output_size);
    const bool indices = parse_bool(function, "return_indices", return_indices);
    const DataFormat format = parse_data_format(function, data_format);
    return with_number(x.dtype(), [&](auto t) -> py::object {
        using T = decltype(t);
        if (indices) return run_indices<T>(function, rank, x, sizes, out, format);
        return run<T>(function, rank, x, Kind::max, sizes, out, format);
    });
}

// All axes behind N and C (or, channels last, between them) become one element, or vanish.
template <class T>
py::array run_global(const std::string& function, const py::array& given, Kind kind, double norm, bool keepdims,
                     py::handle out, DataFormat format) {
    const int rank = static_cast<int>(given.ndim()) - 2;
    const py::array x = computed_in<T>(channels_first(given, format, rank));
    const Sizes ones(static_cast<size_t>(rank), 1);
    const PoolShape shape = pool::adaptive_shape(function, rank, shape_of(x), ones, format);
    const PoolSpec spec = adaptive_spec(function, rank, format);
    Output output = keepdims ? pool_output(spec, out, given.dtype(), result_shape(rank, shape), {&x})
                             : Output(function, out, given.dtype(), {shape.n, shape.c}, {&x});
    execute<T>(spec, shape, x, output, kind, norm);
    return output.finish();
}

py::array global_pool(const std::string& function, const std::string& kind, py::handle input, py::handle norm_type,
                      py::handle keepdims, py::handle out, py::handle data_format) {
    const Kind which = kind == "max" ? Kind::max : kind == "avg" ? Kind::average : Kind::norm;
    const py::array x =
        which == Kind::max ? as_number_array(function, "input", input) : as_float_array(function, "input", input);
    const double norm = which == Kind::norm ? parse_norm(function, norm_type) : 0;
    const bool keep = parse_bool(function, "keepdims", keepdims);
    const DataFormat format = parse_data_format(function, data_format);
    if (x.ndim() < 3 || x.ndim() > 2 + AXES)
        fail(function, "input must have 3, 4 or 5 axes: N, C and one to three spatial ones",
             "shape " + show(shape_of(x)));
    const auto run = [&](auto t) { return run_global<decltype(t)>(function, x, which, norm, keep, out, format); };
    return which == Kind::max ? with_number(x.dtype(), run) : with_float(x.dtype(), run);
}

}  // namespace

void bind_pool_adaptive(py::module_& m) {
    m.def("adaptive_avg_pool", &adaptive_avg_pool);
    m.def("adaptive_max_pool", &adaptive_max_pool);
    m.def("global_pool", &global_pool);
}

}  // namespace convx::bindings
