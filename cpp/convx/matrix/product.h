// Products of matrices, stacked.
#pragma once
#include "../../kernels/kernels.h"
#include "../shape/shape.h"

namespace convx::matrix {

// Matrices that lie `stack` apart along each axis of a stack, of any strides in elements; that of rows or of columns
// is 1.
template <class T>
struct Matrices {
    const T* data;
    Shape stack;
    int64_t row, column;
};

// y = a b, with y in C order and apart from a and b: rows x columns, summed over `depth`.
template <class T>
struct Products {
    Matrices<T> a, b;
    T* y;
    Shape stack;
    int64_t rows, depth, columns;
};

// Terms are added in their order, for any number of threads.
template <class T>
void multiply(const Products<T>& products);

}  // namespace convx::matrix
