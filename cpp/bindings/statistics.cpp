// _core.normalize, reduce, argmax and top: rows are what lies along all axes from one on.
#include "../convx/elementwise/argmax.h"
#include "../convx/elementwise/normalization.h"
#include "../convx/elementwise/reduction.h"
#include "../convx/elementwise/top.h"
#include "../convx/shape/message.h"
#include "functions.h"
#include "kinds.h"

namespace convx::bindings {
namespace {

// In the order of Norm and of Reduction.
constexpr const char* NORMS[] = {"standard", "root_mean_square", "l1", "l2", "none"};
constexpr const char* REDUCTIONS[] = {"sum", "mean", "l1", "l2", "squares", "max", "min"};

constexpr const char* PLACES[] = {"first_max", "last_max", "first_min", "last_min"};
constexpr const char* ENDS[] = {"largest", "smallest"};

struct Cut {
    int64_t rows = 1, length = 1;
};

// At an axis, which may be the one behind the last.
Cut cut_at(const Array& a, int64_t axis) {
    Cut cut;
    for (int i = 0; i < a.ndim(); ++i) (i < axis ? cut.rows : cut.length) *= a.shape(i);
    return cut;
}

int axis_of(const Arguments& a, const Array& input) {
    const int64_t axis = a.integer(Name::axis);
    if (axis < 0 || axis > input.ndim())
        fail(a.function(), "axis must be one of the " + std::to_string(input.ndim()) + " of input",
             std::to_string(axis));
    return static_cast<int>(axis);
}

// Scale or bias in T, in C order; of no data where it is left out.
template <class T>
Array vector_of(const Arguments& a, Name name, int64_t size) {
    if (!a.given(name)) return {};
    const Array vector = cast_to<T>(a.floats(name), true);
    if (vector.size() != size)
        fail(a.function(), std::string(text_of(name)) + " must have " + std::to_string(size) + " elements",
             "shape " + show(vector.shape()));
    return vector;
}
template <class T>
const T* data_of(const Array& vector) {
    return vector ? static_cast<const T*>(vector.data()) : nullptr;
}

// Which elements are normalized together, and which have a scale in common.
struct Parts {
    Cut cut;
    int64_t maps = 0, channels = 0;
};

// groups: 0 where rows begin at `axis` and each element of one has its own scale, else the rows of an image, whose
// axis 1 holds maps with a scale each.
Parts parts_of(const Arguments& a, const Array& input) {
    const int64_t groups = a.integer(Name::groups);
    if (groups == 0) return {cut_at(input, axis_of(a, input))};
    if (groups < 0 || input.ndim() < 2 || input.shape(1) % groups)
        fail(a.function(), "groups must divide the maps of input, of shape " + show(input.shape()),
             std::to_string(groups));
    const Cut images = cut_at(input, 1);
    return {{images.rows * groups, images.length / groups}, input.shape(1) / groups, input.shape(1)};
}

py::object normalize(const Arguments& a) {
    const auto norm = static_cast<elementwise::Norm>(kind_of(a, NORMS));
    const double epsilon = a.real(Name::alpha);
    const Array input = a.floats(Name::input);
    const Parts parts = parts_of(a, input);
    const int64_t size = parts.maps ? parts.channels : parts.cut.length;
    return with_float(input.dtype(), [&](auto t) {
        using T = decltype(t);
        const Array x = cast_to<T>(input, true);
        const Array scale = vector_of<T>(a, Name::weight, size), bias = vector_of<T>(a, Name::bias, size);
        Output output(a.function(), a.out(), input.dtype(), input.shape(),
                      {is_same_view(a.out(), x) ? nullptr : &x, scale ? &scale : nullptr, bias ? &bias : nullptr});
        const elementwise::NormArrays<T> arrays{static_cast<const T*>(x.data()),
                                                output.data<T>(),
                                                parts.cut.rows,
                                                parts.cut.length,
                                                norm,
                                                epsilon,
                                                data_of<T>(scale),
                                                data_of<T>(bias),
                                                parts.maps,
                                                parts.channels};
        without_gil([&] { elementwise::normalize(arrays); });
        return output.finish();
    });
}

py::object reduce(const Arguments& a) {
    const auto kind = static_cast<elementwise::Reduction>(kind_of(a, REDUCTIONS));
    const bool keep = a.flag(Name::keepdims);
    const Array input = a.floats(Name::input);
    const int axis = axis_of(a, input);
    const Cut cut = cut_at(input, axis);
    if (cut.length == 0) fail(a.function(), "input must have elements to reduce", "shape " + show(input.shape()));
    Shape shape = input.shape();
    for (int i = axis; i < input.ndim(); ++i) shape[static_cast<size_t>(i)] = 1;
    if (!keep) shape.resize(static_cast<size_t>(axis));
    return with_float(input.dtype(), [&](auto t) {
        using T = decltype(t);
        const Array x = cast_to<T>(input, true);
        Output output(a.function(), py::none(), input.dtype(), shape, {});
        T* const y = output.data<T>();
        without_gil([&] { elementwise::reduce<T>({static_cast<const T*>(x.data()), y, cut.rows, cut.length, kind}); });
        return output.finish();
    });
}

Shape without_axis(const Array& a, int axis, bool keep) {
    Shape shape = a.shape();
    if (keep)
        shape[static_cast<size_t>(axis)] = 1;
    else
        shape.erase(shape.begin() + axis);
    return shape;
}

py::object argmax(const Arguments& a) {
    const int kind = kind_of(a, PLACES);
    const Array input = a.floats(Name::input);
    const int axis = axis_of(a, input);
    const int64_t length = axis < input.ndim() ? input.shape(axis) : 0;
    if (length < 1 || length > INT32_MAX)
        fail(a.function(), "input must have 1 to 2**31 - 1 elements along axis", std::to_string(length));
    const Cut cut = cut_at(input, axis);
    const Array index = fresh(dtype_of<int64_t>(), without_axis(input, axis, a.flag(Name::keepdims)));
    with_float(input.dtype(), [&](auto t) {
        using T = decltype(t);
        const Array x = cast_to<T>(input, true);
        const elementwise::ArgmaxArrays<T> arrays{static_cast<const T*>(x.data()),
                                                  static_cast<int64_t*>(index.data()),
                                                  cut.rows,
                                                  length,
                                                  cut.length / length,
                                                  kind >= 2,
                                                  kind % 2 == 1};
        without_gil([&] { elementwise::argmax(arrays); });
    });
    return index;
}

py::object top(const Arguments& a) {
    const bool largest = kind_of(a, ENDS) == 0;
    const Array input = a.floats(Name::input);
    const int64_t k = a.integer(Name::n), length = input.ndim() ? input.shape(input.ndim() - 1) : 0;
    if (k < 0 || k > length || input.ndim() == 0)
        fail(a.function(), "n must be at most the " + std::to_string(length) + " elements of a row", std::to_string(k));
    const Cut cut = cut_at(input, input.ndim() - 1);
    Shape shape = input.shape();
    if (!shape.empty()) shape.back() = k;
    const Array index = fresh(dtype_of<int64_t>(), shape);
    return with_float(input.dtype(), [&](auto t) {
        using T = decltype(t);
        const Array x = cast_to<T>(input, true);
        Output value(a.function(), py::none(), input.dtype(), shape, {});
        const elementwise::TopArrays<T> arrays{static_cast<const T*>(x.data()),
                                               value.data<T>(),
                                               static_cast<int64_t*>(index.data()),
                                               cut.rows,
                                               length,
                                               k,
                                               largest};
        without_gil([&] { elementwise::top(arrays); });
        return make_tuple({value.finish(), index});
    });
}

using N = Name;
constexpr Function FUNCTIONS[] = {
    {"normalize",
     normalize,
     {N::function, N::kind, N::input, N::axis, N::groups, N::weight, N::bias, N::alpha, N::out}},
    {"reduce", reduce, {N::function, N::kind, N::input, N::axis, N::keepdims}},
    {"argmax", argmax, {N::function, N::kind, N::input, N::axis, N::keepdims}},
    {"top", top, {N::function, N::kind, N::input, N::n}},
};

}  // namespace

Functions statistics_functions() { return all_of(FUNCTIONS); }

}  // namespace convx::bindings
