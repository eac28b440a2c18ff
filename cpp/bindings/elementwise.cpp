// _core.unary, binary and softmax, which take shapes as NumPy has them.
#include "../convx/elementwise/binary.h"
#include "../convx/elementwise/softmax.h"
#include "../convx/elementwise/unary.h"
#include "../convx/shape/message.h"
#include "functions.h"
#include "kinds.h"

namespace convx::bindings {
namespace {

// In the order of Unary and of Binary.
constexpr const char* UNARY[] = {"clip",    "leaky_relu", "hard_sigmoid", "hard_swish", "elu", "exp", "tanh",
                                 "sigmoid", "silu",       "softplus",     "mish",       "erf", "gelu"};
constexpr const char* BINARY[] = {"add", "subtract", "multiply", "divide", "maximum", "minimum"};
constexpr const char* SOFTMAX[] = {"softmax", "log_softmax"};

// body(x, y) on a result of the input's shape; out may be the input.
template <class Body>
py::object like_input(const Arguments& a, const Body& body) {
    const Array input = a.floats(Name::input);
    return with_float(input.dtype(), [&](auto t) {
        using T = decltype(t);
        const Array x = cast_to<T>(input, true);
        Output output(a.function(), a.out(), input.dtype(), input.shape(), {is_same_view(a.out(), x) ? nullptr : &x});
        T* const y = output.data<T>();
        without_gil([&] { body(x, static_cast<const T*>(x.data()), y); });
        return output.finish();
    });
}

py::object unary(const Arguments& a) {
    const auto f = static_cast<Unary>(kind_of(a, UNARY));
    const double alpha = a.real(Name::alpha), beta = a.real(Name::beta);
    return like_input(a, [&](const Array& array, const auto* x, auto* y) {
        using T = std::remove_reference_t<decltype(*y)>;
        elementwise::unary<T>({x, y, array.size(), f, static_cast<T>(alpha), static_cast<T>(beta)});
    });
}

py::object softmax(const Arguments& a) {
    const bool logarithm = kind_of(a, SOFTMAX) == 1;
    const int64_t given = a.integer(Name::axis);
    return like_input(a, [&](const Array& array, const auto* x, auto* y) {
        const int64_t rank = array.ndim(), axis = given < 0 ? given + rank : given;
        if (axis < 0 || axis >= rank)
            fail(a.function(), "axis must be one of the " + std::to_string(rank) + " of input", std::to_string(given));
        int64_t outer = 1, inner = 1;
        for (int i = 0; i < rank; ++i)
            if (i != axis) (i < axis ? outer : inner) *= array.shape(i);
        elementwise::softmax<std::remove_reference_t<decltype(*y)>>(
            {x, y, outer, array.shape(static_cast<int>(axis)), inner, logarithm});
    });
}

Shape broadcast(const Arguments& a, const Array& x, const Array& w) {
    Shape shape(static_cast<size_t>(std::max(x.ndim(), w.ndim())), 1);
    for (const Array* operand : {&x, &w})
        for (int i = 1; i <= operand->ndim(); ++i) {
            int64_t& size = shape[shape.size() - static_cast<size_t>(i)];
            const int64_t n = operand->shape(operand->ndim() - i);
            if (n != size && n != 1 && size != 1)
                fail(a.function(), "input and other must broadcast, input having shape " + show(x.shape()),
                     "shape " + show(w.shape()));
            if (n != 1) size = n;
        }
    return shape;
}

// Of an operand in a shape that it broadcasts to.
Shape strides_in(const Shape& shape, const Array& a) {
    Shape strides(shape.size(), 0);
    for (int i = 1; i <= a.ndim(); ++i)
        if (a.shape(a.ndim() - i) > 1)
            strides[shape.size() - static_cast<size_t>(i)] = a.stride(a.ndim() - i) / a.itemsize();
    return strides;
}

// In T, with neighbouring elements along the last axis of the shape that has more than one.
template <class T>
Array in_rows(const Array& given, const Shape& shape) {
    const Array a = cast_to<T>(given);
    auto last = static_cast<int>(shape.size()) - 1;
    while (last > 0 && shape[static_cast<size_t>(last)] == 1) --last;
    last -= static_cast<int>(shape.size()) - a.ndim();
    const bool lies = last < 0 || a.shape(last) <= 1 || a.stride(last) == a.itemsize() || a.stride(last) == 0;
    return lies ? a : contiguous(a);
}

py::object binary(const Arguments& a) {
    const auto op = static_cast<Binary>(kind_of(a, BINARY));
    const Epilogue<double> e = a.activation();
    const Array x = a.floats(Name::input), w = a.floats(Name::other);
    const Dtype dtype = promote(a.function(), "other", x.dtype(), w.dtype());
    const Shape shape = broadcast(a, x, w);
    return with_float(dtype, [&](auto t) {
        using T = decltype(t);
        const Array u = in_rows<T>(x, shape), v = in_rows<T>(w, shape);
        const auto apart = [&](const Array& operand) { return is_same_view(a.out(), operand) ? nullptr : &operand; };
        Output output(a.function(), a.out(), dtype, shape, {apart(u), apart(v)});
        const elementwise::BinaryArrays<T> arrays{static_cast<const T*>(u.data()),
                                                  static_cast<const T*>(v.data()),
                                                  output.data<T>(),
                                                  shape,
                                                  strides_in(shape, u),
                                                  strides_in(shape, v),
                                                  op,
                                                  {nullptr, e.activation, static_cast<T>(e.lo), static_cast<T>(e.hi)}};
        without_gil([&] { elementwise::binary(arrays); });
        return output.finish();
    });
}

using N = Name;
constexpr Function FUNCTIONS[] = {
    {"unary", unary, {N::function, N::kind, N::input, N::alpha, N::beta, N::out}},
    {"binary", binary, {N::function, N::kind, N::input, N::other, N::activation, N::out}},
    {"softmax", softmax, {N::function, N::kind, N::input, N::axis, N::out}},
};

}  // namespace

Functions elementwise_functions() { return all_of(FUNCTIONS); }

}  // namespace convx::bindings
