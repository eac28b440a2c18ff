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
    int threads;
};

// gx[n, c, i] = sum over outputs o with indices[n, c, o] == i of gy[n, c, o], in the order of the outputs.
// False, with gx undefined, if an index does not lie in its plane.
template <class T>
bool run_backward(const MaxBackward<T>& call);

bool indices_fit(const PoolShape& shape, const View<const int64_t>& indices, int threads);

template <class T>
struct AverageBackward {
    const PoolSpec& spec;
    const PoolShape& shape;
    View<const T> gy;
    T* gx;  // contiguous
    const Kernels<T>& kernels;
    int threads;
};

// gx[n, c, i] = sum over windows o that hold i of gy[n, c, o] / divisor(o).
template <class T>
void run_backward(const AverageBackward<T>& call);

}  // namespace convx::pool
