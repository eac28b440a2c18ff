// Functions of each element, of pairs of elements, and the softmax.
#pragma once
#include <stdint.h>

#include "epilogue.h"

namespace convx {

// f(x) by its two parameters a and b. NaN stays NaN, but that leaky_relu and elu multiply it.
enum class Unary : int32_t {
    clip,          // min(max(x, a), b)
    leaky_relu,    // x > 0 ? x : a*x
    hard_sigmoid,  // min(max(a*x + b, 0), 1)
    hard_swish,    // x * min(max(a*x + b, 0), 1)
    elu,           // x > 0 ? b*x : a*(e^x - 1)
    exp,
    tanh,
    sigmoid,   // 1 / (1 + e^-x)
    silu,      // x / (1 + e^-x)
    softplus,  // log(1 + e^x)
    mish,      // x * tanh(log(1 + e^x))
    erf,
    gelu,  // x/2 * (1 + erf(x / sqrt(2)))
};

// y[i] = f(x[i]), i < count. y may be x.
template <class T>
struct UnaryRow {
    const T* x;
    T* y;
    int64_t count;
    Unary function;
    T a, b;
};

enum class Binary : int32_t { add, subtract, multiply, divide, maximum, minimum };

// y[r*y_row + i] = act(a[r*a_row + i*a_step] op b[r*b_row + i*b_step]), r < rows, i < count; steps are 0 or 1. y may be
// an operand of step 1. maximum and minimum are NaN where either operand is.
template <class T>
struct BinaryRows {
    const T *a, *b;
    T* y;
    int64_t rows, count, a_row, b_row, y_row;
    int32_t a_step, b_step;
    Binary op;
    Epilogue<T> activation;  // without bias and residual
};

// Of x(i, j) = x[i*step + j]: y(i, j) = e^(x(i, j) - m) / s, m and s being the maximum and the sum of these powers over
// i < length for each j < count, or x(i, j) - m - log(s) if `logarithm`. y may be x.
template <class T>
struct Softmax {
    const T* x;
    T* y;
    int64_t length, step, count;
    bool logarithm;
};

}  // namespace convx
