// _core.avg_pool, lp_pool, max_pool, min_pool, max_unpool and maxout.
#include "../convx/pool/pool.h"

#include "../convx/pool/pool_indices.h"
#include "../convx/pool/unpool.h"
#include "../convx/shape/message.h"
#include "../convx/shape/window.h"
#include "functions.h"
#include "pool_output.h"

namespace convx::bindings {
namespace {

using pool::Kind;

// body(x, shape) with what is pooled and the shapes of that.
template <class T, class Body>
py::object with_input(const PoolSpec& spec, const Array& given, const Body& body) {
    const Array input = channels_first(given, spec.format, spec.rank);
    const PoolShape shape = pool_shape(spec, input.sizes(), input.ndim());
    return body(computed_in<T>(input), shape);
}

template <class T>
py::object run(const PoolSpec& spec, const Array& given, Kind kind, py::handle out, double norm = 0) {
    return with_input<T>(spec, given, [&](const Array& x, const PoolShape& shape) {
        Output output = pool_output(spec, out, given.dtype(), output_shape(spec, shape), {&x});
        const View<const T> view = view_of<T>(x, spec.rank, shape.batched);
        without_gil([&] { pool::run<T>({spec, shape, view, output.data<T>(), kind, norm}); });
        return output.finish();
    });
}

template <class T>
py::object run_indices(const PoolSpec& spec, const Array& given, py::handle out) {
    return with_input<T>(spec, given, [&](const Array& x, const PoolShape& shape) {
        IndexedOutput output(spec, out, given.dtype(), output_shape(spec, shape), x);
        const View<const T> view = view_of<T>(x, spec.rank, shape.batched);
        without_gil(
            [&] { pool::run_with_indices<T>({spec, shape, false, view, output.values<T>(), output.indices()}); });
        return output.finish();
    });
}

py::object avg_pool(const Arguments& a) {
    const Array x = a.floats(Name::input);
    const PoolSpec spec = a.pool_spec();
    return with_float(x.dtype(), [&](auto t) { return run<decltype(t)>(spec, x, Kind::average, a.out()); });
}

py::object lp_pool(const Arguments& a) {
    const Array x = a.floats(Name::input);
    const double norm = a.norm();
    const PoolSpec spec = a.pool_spec();
    return with_float(x.dtype(), [&](auto t) { return run<decltype(t)>(spec, x, Kind::norm, a.out(), norm); });
}

py::object max_pool(const Arguments& a) {
    const Array x = a.numbers(Name::input);
    const PoolSpec spec = a.pool_spec();
    const bool indices = a.flag(Name::return_indices);
    return with_number(x.dtype(), [&](auto t) {
        using T = decltype(t);
        return indices ? run_indices<T>(spec, x, a.out()) : run<T>(spec, x, Kind::max, a.out());
    });
}

// For the filters of images: no padding of theirs is any of this.
py::object min_pool(const Arguments& a) {
    const Array x = a.numbers(Name::input);
    const PoolSpec spec = a.pool_spec();
    return with_number(x.dtype(), [&](auto t) { return run<decltype(t)>(spec, x, Kind::min, a.out()); });
}

Shape result_shape(int rank, const pool::UnpoolShape& s) {
    const auto axis = [&](int i) { return Axis{s.in[i], s.out[i]}; };
    return spatial_shape(rank, s.batched, s.n, s.c, axis(0), axis(1), axis(2));
}

// The position as an index of the user's array.
std::string place(int rank, const pool::UnpoolShape& s, int64_t position, DataFormat format) {
    Shape at;
    for (int i = AXES - 1; i >= AXES - rank; --i) {
        at.insert(at.begin(), position % s.in[i]);
        position /= s.in[i];
    }
    at.insert(at.begin(), position % s.c);
    if (s.batched) at.insert(at.begin(), position / s.c);
    std::string text;
    for (const int64_t i : in_format(at, rank, format)) text += (text.empty() ? "" : ", ") + std::to_string(i);
    return "indices[" + text + "]";
}

template <class T>
py::object run_unpool(const Arguments& a, int rank, const pool::UnpoolShape& shape, const Array& input,
                      const Array& indices, DataFormat format) {
    const Array x = computed_in<T>(input);
    pool::UnpoolCall call{shape, view_of<char>(x, rank, shape.batched), view_of<char>(indices, rank, shape.batched),
                          nullptr, sizeof(T)};
    int64_t bad = -1;
    without_gil([&] { bad = pool::first_bad_index(call); });
    if (bad >= 0)
        fail(a.function(), "indices must be >= 0 and < " + std::to_string(shape.plane()),
             std::to_string(pool::index_at(call, bad)) + " in " + place(rank, shape, bad, format));
    Output output(a.function(), a.out(), input.dtype(), result_shape(rank, shape), {&x, &indices}, format, rank);
    call.out = output.data();
    without_gil([&] { pool::run_unpool(call); });
    return output.finish();
}

py::object max_unpool(const Arguments& a) {
    const Array given = a.numbers(Name::input), given_indices = a.indices();
    const DataFormat format = a.format();
    const int rank = a.rank();
    const Array x = channels_first(given, format, rank), where = channels_first(given_indices, format, rank);
    const Ints kernel = a.ints(Name::kernel_size);
    const std::optional<Ints> stride = a.optional_ints(Name::stride);
    const Padding padding = a.padding();
    const pool::UnpoolShape shape = pool::unpool_shape(a.function(), rank, x.shape(), kernel, stride, padding,
                                                       a.optional_ints(Name::output_size), format);
    if (where.shape() != x.shape())
        fail(a.function(), "indices must have the shape of input " + show(given.shape()),
             "shape " + show(given_indices.shape()));
    return with_number(given.dtype(),
                       [&](auto t) { return run_unpool<decltype(t)>(a, rank, shape, x, where, format); });
}

template <class T>
py::object run_maxout(const Arguments& a, int64_t size, const Array& input, int axis) {
    const Array x = computed_in<T>(input, true);
    int64_t before = 1, after = 1;
    for (int i = 0; i < x.ndim(); ++i) (i < axis ? before : after) *= i == axis ? 1 : x.shape(i);
    Shape shape = x.shape();
    shape[static_cast<size_t>(axis)] /= size;
    Output output(a.function(), a.out(), input.dtype(), shape, {&x});
    const T* const from = static_cast<const T*>(x.data());
    without_gil([&] { pool::maxout(from, before, x.shape(axis), after, size, output.data<T>()); });
    return output.finish();
}

py::object maxout(const Arguments& a) {
    const std::string& f = a.function();
    const Array x = a.numbers(Name::input);
    const int64_t size = a.integer(Name::pool_size), given = a.integer(Name::axis), rank = x.ndim();
    if (size < 1) fail(f, "pool_size must be >= 1", std::to_string(size));
    if (given < -rank || given >= rank)
        fail(f, "axis must be in [-" + std::to_string(rank) + ", " + std::to_string(rank) + ")", std::to_string(given));
    const int axis = static_cast<int>(given < 0 ? given + rank : given);
    const int64_t maps = x.shape(axis);
    if (maps == 0) fail(f, "input must have at least one map", "shape " + show(x.shape()));
    if (maps % size)
        fail(f, "pool_size must divide the " + std::to_string(maps) + " maps of axis " + std::to_string(given),
             std::to_string(size));
    return with_number(x.dtype(), [&](auto t) { return run_maxout<decltype(t)>(a, size, x, axis); });
}

using N = Name;
constexpr Function FUNCTIONS[] = {
    {"avg_pool",
     avg_pool,
     {N::function, N::rank, N::input, N::kernel_size, N::stride, N::padding, N::dilation, N::ceil_mode,
      N::count_include_pad, N::divisor_override, N::out, N::data_format, N::any_padding}},
    {"lp_pool",
     lp_pool,
     {N::function, N::rank, N::input, N::norm_type, N::kernel_size, N::stride, N::padding, N::dilation, N::ceil_mode,
      N::out, N::data_format, N::any_padding}},
    {"max_pool",
     max_pool,
     {N::function, N::rank, N::input, N::kernel_size, N::stride, N::padding, N::dilation, N::ceil_mode,
      N::return_indices, N::out, N::data_format, N::any_padding}},
    {"min_pool",
     min_pool,
     {N::function, N::rank, N::input, N::kernel_size, N::stride, N::padding, N::dilation, N::ceil_mode, N::out,
      N::data_format, N::any_padding}},
    {"max_unpool",
     max_unpool,
     {N::function, N::rank, N::input, N::indices, N::kernel_size, N::stride, N::padding, N::output_size, N::out,
      N::data_format}},
    {"maxout", maxout, {N::input, N::pool_size, N::axis, N::out}},
};

}  // namespace

Functions pooling_functions() { return all_of(FUNCTIONS); }

}  // namespace convx::bindings
