// _core.adaptive_avg_pool, _core.adaptive_max_pool and _core.global_pool.
#include "../convx/pool/pool_adaptive.h"

#include "../convx/pool/pool_indices.h"
#include "../convx/shape/message.h"
#include "../convx/shape/window.h"
#include "functions.h"
#include "pool_output.h"

namespace convx::bindings {
namespace {

using pool::Kind;
using Sizes = std::vector<std::optional<int64_t>>;

// One size for all axes, or one per axis; None keeps that of the input.
Sizes parse_sizes(const Arguments& a, int rank) {
    const auto axes = static_cast<size_t>(rank);
    const py::handle value = a[Name::output_size];
    const auto size = [&](py::handle item) -> std::optional<int64_t> {
        if (item.is_none()) return std::nullopt;
        return to_int64(a.function(), "output_size", item, item, "must be an int");
    };
    if (!is_sequence(value)) return Sizes(axes, size(value));
    Sizes sizes;
    for (const py::handle item : as_tuple(value)) sizes.push_back(size(item));
    if (sizes.size() != 1 && sizes.size() != axes)
        fail(a.function(), "output_size must be one int or None, or " + std::to_string(rank) + ", one per spatial axis",
             shown(value));
    return sizes.size() == axes ? sizes : Sizes(axes, sizes[0]);
}

Shape result_shape(int rank, const PoolShape& s) { return spatial_shape(rank, s.batched, s.n, s.c, s.d, s.h, s.w); }

PoolSpec adaptive_spec(const Arguments& a, int rank) {
    return {a.function(), rank, false, true, std::nullopt, {}, a.format()};
}

template <class T>
void execute(const PoolSpec& spec, const PoolShape& shape, const Array& x, Output& output, Kind kind, double norm) {
    const View<const T> view = view_of<T>(x, spec.rank, shape.batched);
    without_gil([&] { pool::run_adaptive<T>({spec, shape, view, output.data<T>(), kind, norm}); });
}

template <class T>
py::object run(const PoolSpec& spec, const Array& given, Kind kind, const Sizes& sizes, py::handle out) {
    const Array x = computed_in<T>(channels_first(given, spec.format, spec.rank));
    const PoolShape shape = pool::adaptive_shape(spec.function, spec.rank, x.shape(), sizes, spec.format);
    Output output = pool_output(spec, out, given.dtype(), result_shape(spec.rank, shape), {&x});
    execute<T>(spec, shape, x, output, kind, 0);
    return output.finish();
}

py::object adaptive_avg_pool(const Arguments& a) {
    const Array x = a.floats(Name::input);
    const Sizes sizes = parse_sizes(a, a.rank());
    const PoolSpec spec = adaptive_spec(a, a.rank());
    return with_float(x.dtype(), [&](auto t) { return run<decltype(t)>(spec, x, Kind::average, sizes, a.out()); });
}

template <class T>
py::object run_indices(const PoolSpec& spec, const Array& given, const Sizes& sizes, py::handle out) {
    const Array x = computed_in<T>(channels_first(given, spec.format, spec.rank));
    const PoolShape shape = pool::adaptive_shape(spec.function, spec.rank, x.shape(), sizes, spec.format);
    IndexedOutput output(spec, out, given.dtype(), result_shape(spec.rank, shape), x);
    const View<const T> view = view_of<T>(x, spec.rank, shape.batched);
    without_gil([&] { pool::run_with_indices<T>({spec, shape, true, view, output.values<T>(), output.indices()}); });
    return output.finish();
}

py::object adaptive_max_pool(const Arguments& a) {
    const Array x = a.numbers(Name::input);
    const Sizes sizes = parse_sizes(a, a.rank());
    const bool indices = a.flag(Name::return_indices);
    const PoolSpec spec = adaptive_spec(a, a.rank());
    return with_number(x.dtype(), [&](auto t) {
        using T = decltype(t);
        return indices ? run_indices<T>(spec, x, sizes, a.out()) : run<T>(spec, x, Kind::max, sizes, a.out());
    });
}

// All axes behind N and C (or, channels last, between them) become one element, or vanish.
template <class T>
py::object run_global(const PoolSpec& spec, const Array& given, Kind kind, double norm, bool keepdims, py::handle out) {
    const Array x = computed_in<T>(channels_first(given, spec.format, spec.rank));
    const Sizes ones(static_cast<size_t>(spec.rank), 1);
    const PoolShape shape = pool::adaptive_shape(spec.function, spec.rank, x.shape(), ones, spec.format);
    Output output = keepdims ? pool_output(spec, out, given.dtype(), result_shape(spec.rank, shape), {&x})
                             : Output(spec.function, out, given.dtype(), {shape.n, shape.c}, {&x});
    execute<T>(spec, shape, x, output, kind, norm);
    return output.finish();
}

Kind parse_kind(const Arguments& a) {
    const std::string kind = a.text(Name::kind);
    if (kind == "avg") return Kind::average;
    if (kind == "max") return Kind::max;
    if (kind == "lp") return Kind::norm;
    fail(a.function(), "kind must be one of 'avg', 'max', 'lp'", "'" + kind + "'");
}

py::object global_pool(const Arguments& a) {
    const Kind kind = parse_kind(a);
    const Array x = kind == Kind::max ? a.numbers(Name::input) : a.floats(Name::input);
    const double norm = kind == Kind::norm ? a.norm() : 0;
    const bool keepdims = a.flag(Name::keepdims);
    const PoolSpec spec = adaptive_spec(a, x.ndim() - 2);
    if (spec.rank < 1 || spec.rank > AXES)
        fail(a.function(), "input must have 3, 4 or 5 axes: N, C and one to three spatial ones",
             "shape " + show(x.shape()));
    const auto run = [&](auto t) { return run_global<decltype(t)>(spec, x, kind, norm, keepdims, a.out()); };
    return kind == Kind::max ? with_number(x.dtype(), run) : with_float(x.dtype(), run);
}

using N = Name;
constexpr Function FUNCTIONS[] = {
    {"adaptive_avg_pool", adaptive_avg_pool, {N::function, N::rank, N::input, N::output_size, N::out, N::data_format}},
    {"adaptive_max_pool",
     adaptive_max_pool,
     {N::function, N::rank, N::input, N::output_size, N::return_indices, N::out, N::data_format}},
    {"global_pool", global_pool, {N::function, N::kind, N::input, N::norm_type, N::keepdims, N::out, N::data_format}},
};

}  // namespace

Functions adaptive_pooling_functions() { return all_of(FUNCTIONS); }

}  // namespace convx::bindings
