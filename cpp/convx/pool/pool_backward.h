// Gradients of max and average pooling with respect to their input.
#pragma once
#include "pool.h"

namespace convx::pool {

template <class T>
struct MaxBackward {
    const PoolShape& shape;  // n, c and the sizes of its axes, in and out
    View<const T> gy;
    View<const int64_t> indices;  // of elements of the input's plane
    T* gx;                        // contiguous
};

// gx[n, c, i] = sum over outputs o with indices[n, c, o] == i of gy[n, c, o], in the order of the outputs.
// False if an index does not lie in its plane: then gx is undefined or, where all are checked first, untouched.
template <class T>
bool run_backward(const MaxBackward<T>& call, bool check_first);
template <class T>
bool run_backward(const MaxBackward<T>& call, bool check_first, const Context& context);

template <class T>
struct AverageBackward {
    const PoolSpec& spec;
    const PoolShape& shape;
    View<const T> gy;
    T* gx;  // contiguous
};

// gx[n, c, i] = sum over windows o that hold i of gy[n, c, o] / divisor(o).
template <class T>
void run_backward(const AverageBackward<T>& call);
template <class T>
void run_backward(const AverageBackward<T>& call, const Context& context);

}  // namespace convx::pool
