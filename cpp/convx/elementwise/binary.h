// Arithmetic of two arrays that broadcast.
#pragma once
#include "../../kernels/kernels.h"
#include "../shape/shape.h"

namespace convx::elementwise {

// y, in C order, of a shape; strides of the operands in elements, 0 along axes that they lack, 0 or 1 along the last.
template <class T>
struct BinaryArrays {
    const T *a, *b;
    T* y;
    Shape shape, a_strides, b_strides;
    Binary op;
    Epilogue<T> activation;
};

template <class T>
void binary(const BinaryArrays<T>& arrays);

}  // namespace convx::elementwise
