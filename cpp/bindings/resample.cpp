// _core.resample, a resize along one axis.
#include "../convx/elementwise/resample.h"

#include <algorithm>

#include "../convx/shape/message.h"
#include "functions.h"

namespace convx::bindings {
namespace {

int64_t product(const Shape& shape, size_t from, size_t to) {
    int64_t product = 1;
    for (size_t i = from; i < to; ++i) product *= shape[i];
    return product;
}

// indices and weight are (taps, resized).
py::object resample(const Arguments& a) {
    const Array input = a.floats(Name::input), index = contiguous(a.indices()), given = a.floats(Name::weight);
    const int64_t axis = a.integer(Name::axis);
    if (axis < 0 || axis >= input.ndim())
        fail(a.function(), "axis must be one of the " + std::to_string(input.ndim()) + " of input",
             std::to_string(axis));
    if (index.ndim() != 2 || given.shape() != index.shape())
        fail(a.function(),
             "indices and weight must have one shape (taps, resized), weight having shape " + show(given.shape()),
             "shape " + show(index.shape()));
    const auto at = static_cast<size_t>(axis);
    Shape shape = input.shape();
    const int64_t length = shape[at], taps = index.shape(0), resized = index.shape(1);
    const int64_t outer = product(shape, 0, at), inner = product(shape, at + 1, shape.size());
    const auto* const places = static_cast<const int64_t*>(index.data());
    if (std::any_of(places, places + index.size(), [&](int64_t i) { return i < 0 || i >= length; }))
        fail(a.function(), "indices must lie along axis, of " + std::to_string(length) + " elements", "others");
    if (taps < 1 || (inner == 1 && taps != 2 && taps != 4 && taps != elementwise::MOST_SAMPLES))
        fail(a.function(), "taps must be at least 1, along the last axis 2, 4 or 8", std::to_string(taps));
    shape[at] = resized;
    return with_float(input.dtype(), [&](auto t) {
        using T = decltype(t);
        const Array x = cast_to<T>(input, true), weight = cast_to<T>(given, true);
        Output output(a.function(), py::none(), input.dtype(), shape, {});
        const elementwise::ResampleArrays<T> arrays{static_cast<const T*>(x.data()),
                                                    output.data<T>(),
                                                    places,
                                                    static_cast<const T*>(weight.data()),
                                                    outer,
                                                    length,
                                                    inner,
                                                    resized,
                                                    taps};
        without_gil([&] { elementwise::resample(arrays); });
        return output.finish();
    });
}

using N = Name;
constexpr Function FUNCTIONS[] = {
    {"resample", resample, {N::function, N::input, N::axis, N::indices, N::weight}},
};

}  // namespace

Functions resample_functions() { return all_of(FUNCTIONS); }

}  // namespace convx::bindings
