// _core.max_unpool.
#include "../convx/pool/unpool.h"

#include "../convx/message.h"
#include "../convx/window.h"
#include "args.h"
#include "arrays.h"
#include "call.h"
#include "module.h"
#include "numbers.h"

namespace convx::bindings {
namespace {

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
py::array run(const std::string& function, int rank, const pool::UnpoolShape& shape, const py::array& input,
              const py::array& indices, py::handle out, DataFormat format) {
    const py::array x = computed_in<T>(input);
    pool::UnpoolCall call{shape, view_of<char>(x, rank, shape.batched), view_of<char>(indices, rank, shape.batched),
                          nullptr, sizeof(T)};
    int64_t bad = -1;
    without_gil([&] { bad = pool::first_bad_index(call); });
    if (bad >= 0)
        fail(function, "indices must be >= 0 and < " + std::to_string(shape.plane()),
             std::to_string(pool::index_at(call, bad)) + " in " + place(rank, shape, bad, format));
    Output output(function, out, input.dtype(), result_shape(rank, shape), {&x, &indices}, format, rank);
    call.out = output.data();
    without_gil([&] { pool::run_unpool(call); });
    return output.finish();
}

py::array max_unpool(const std::string& function, int rank, py::handle input, py::handle indices,
                     py::handle kernel_size, py::handle stride, py::handle padding, py::handle output_size,
                     py::handle out, py::handle data_format) {
    const py::array given = as_number_array(function, "input", input);
    const py::array given_indices = as_indices(function, indices);
    const DataFormat format = parse_data_format(function, data_format);
    const py::array x = channels_first(given, format, rank), where = channels_first(given_indices, format, rank);
    const pool::UnpoolShape shape =
        pool::unpool_shape(function, rank, shape_of(x), parse_ints(function, "kernel_size", kernel_size),
                           parse_optional_ints(function, "stride", stride), parse_padding(function, padding),
                           parse_optional_ints(function, "output_size", output_size), format);
    if (shape_of(where) != shape_of(x))
        fail(function, "indices must have the shape of input " + show(shape_of(given)),
             "shape " + show(shape_of(given_indices)));
    return with_number(given.dtype(),
                       [&](auto t) { return run<decltype(t)>(function, rank, shape, x, where, out, format); });
}

}  // namespace

void bind_unpool(py::module_& m) { m.def("max_unpool", &max_unpool); }

}  // namespace convx::bindings
