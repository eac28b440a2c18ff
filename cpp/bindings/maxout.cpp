// _core.maxout.
#include "../convx/message.h"
#include "../convx/pool/pool.h"
#include "args.h"
#include "arrays.h"
#include "call.h"
#include "module.h"
#include "numbers.h"

namespace convx::bindings {
namespace {

template <class T>
py::array rows_of(const py::array& a) {
    if constexpr (std::is_floating_point_v<T>)
        return cast_to<T>(a, true);
    else
        return contiguous(a);
}

template <class T>
py::array run(const std::string& function, int64_t size, const py::array& input, py::ssize_t axis, py::handle out) {
    const py::array x = rows_of<T>(input);
    int64_t before = 1, after = 1;
    for (py::ssize_t i = 0; i < x.ndim(); ++i) (i < axis ? before : after) *= i == axis ? 1 : x.shape(i);
    Shape shape = shape_of(x);
    shape[static_cast<size_t>(axis)] /= size;
    Output output(function, out, input.dtype(), shape, {&x});
    const T* const from = static_cast<const T*>(x.data());
    T* const to = static_cast<T*>(output.data());
    without_gil([&] { pool::maxout(from, before, x.shape(axis), after, size, to); });
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
    return with_number(x.dtype(), [&](auto t) { return run<decltype(t)>(function, size, x, at, out); });
}

}  // namespace

void bind_maxout(py::module_& m) { m.def("maxout", &maxout); }

}  // namespace convx::bindings
