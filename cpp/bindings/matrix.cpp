// _core.matmul, for stacks of matrices as numpy.matmul takes them.
#include "../convx/matrix/product.h"
#include "../convx/shape/message.h"
#include "functions.h"

namespace convx::bindings {
namespace {

// In T, with neighbouring elements along one of the last two axes.
template <class T>
Array in_lines(const Array& given) {
    const Array a = cast_to<T>(given);
    for (int axis = a.ndim() - 2; axis < a.ndim(); ++axis)
        if (a.shape(axis) <= 1 || a.stride(axis) == a.itemsize()) return a;
    return contiguous(a);
}

// Strides in a stack that the matrices broadcast to.
template <class T>
matrix::Matrices<T> matrices_of(const Array& a, const Shape& stack) {
    const int last = a.ndim() - 1;
    const auto stride = [&](int axis) { return a.shape(axis) <= 1 ? 1 : a.stride(axis) / a.itemsize(); };
    Shape strides(stack.size(), 0);
    for (int i = 2; i < a.ndim(); ++i)
        if (a.shape(last - i) > 1) strides[stack.size() - static_cast<size_t>(i) + 1] = stride(last - i);
    return {static_cast<const T*>(a.data()), strides, stride(last - 1), stride(last)};
}

Shape stack_of(const Arguments& a, const Array& x, const Array& w) {
    Shape stack(static_cast<size_t>(std::max(x.ndim(), w.ndim()) - 2), 1);
    for (const Array* operand : {&x, &w})
        for (int i = 0; i < operand->ndim() - 2; ++i) {
            int64_t& size = stack[stack.size() - static_cast<size_t>(i) - 1];
            const int64_t n = operand->shape(operand->ndim() - 3 - i);
            if (n != size && n != 1 && size != 1)
                fail(a.function(), "stacks must broadcast, input having shape " + show(x.shape()),
                     "shape " + show(w.shape()));
            if (n != 1) size = n;
        }
    return stack;
}

py::object matmul(const Arguments& a) {
    const Array x = a.floats(Name::input), w = a.floats(Name::other);
    if (x.ndim() < 2 || w.ndim() < 2 || x.shape(x.ndim() - 1) != w.shape(w.ndim() - 2))
        fail(a.function(), "input and other must be (..., n, k) and (..., k, m), input having shape " + show(x.shape()),
             "shape " + show(w.shape()));
    const Dtype dtype = promote(a.function(), "other", x.dtype(), w.dtype());
    const Shape stack = stack_of(a, x, w);
    const int64_t rows = x.shape(x.ndim() - 2), depth = x.shape(x.ndim() - 1), columns = w.shape(w.ndim() - 1);
    Shape shape = stack;
    shape.insert(shape.end(), {rows, columns});
    return with_float(dtype, [&](auto t) {
        using T = decltype(t);
        const Array u = in_lines<T>(x), v = in_lines<T>(w);
        Output output(a.function(), a.out(), dtype, shape, {&u, &v});
        const matrix::Products<T> products{
            matrices_of<T>(u, stack), matrices_of<T>(v, stack), output.data<T>(), stack, rows, depth, columns};
        without_gil([&] { matrix::multiply(products); });
        return output.finish();
    });
}

using N = Name;
constexpr Function FUNCTIONS[] = {
    {"matmul", matmul, {N::function, N::input, N::other, N::out}},
};

}  // namespace

Functions matrix_functions() { return all_of(FUNCTIONS); }

}  // namespace convx::bindings
