// _core.maxout.
#include "../convx/isa.h"
#include "../convx/message.h"
#include "../convx/pool/pool.h"
#include "../convx/threads.h"
#include "args.h"
#include "arrays.h"
#include "call.h"
#include "module.h"
#include "numbers.h"
#include "pool_site.h"

namespace convx::bindings {
namespace {

template <class T>
py::array rows_of(const py::array& a) {
    if constexpr (std::is_floating_point_v<T>)
        return cast_to<T>(a, true);
    else
        return contiguous(a);
}

// Pooling across maps is pooling per map with the axis of the maps seen as depth.
template <class T>
py::array run(const PoolSpec& spec, const py::array& input, py::ssize_t axis, py::handle out) {
    const py::array x = rows_of<T>(input);
    const int64_t size = spec.window[0].kernel, maps = x.shape(axis);
    int64_t before = 1, after = 1;
    for (py::ssize_t i = 0; i < x.ndim(); ++i) (i < axis ? before : after) *= i == axis ? 1 : x.shape(i);
    const PoolShape pooled{before, 1, {maps, maps / size, size, size, 1, 0, 0}, {}, {after, after, 1, 1, 1, 0, 0},
                           true};
    Shape shape = shape_of(x);
    shape[static_cast<size_t>(axis)] = maps / size;
    Output output(spec.function, out, input.dtype(), shape, {&x});
    const int64_t plane = maps * after;
    const View<const T> view{static_cast<const T*>(x.data()), plane, plane, after, after, 1};
    if (x.size() > 0)
        without_gil([&] {
            pool::run<T>({spec, pooled, view, static_cast<T*>(output.data()), pool::Kind::max,
                          kernels_of<T>(*active_isa().kernels), threads_for(work(pooled))});
        });
    return output.finish();
}

py::array maxout(py::handle input, py::handle pool_size, py::handle axis, py::handle out) {
    const std::string function = "maxout";
    const py::array x = as_number_array(function, "input", input);
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
    return with_number(x.dtype(), [&](auto t) { return run<decltype(t)>(spec, x, at, out); });
}

}  // namespace

void bind_maxout(py::module_& m) { m.def("maxout", &maxout); }

}  // namespace convx::bindings
