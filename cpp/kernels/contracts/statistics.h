// What is made of rows by their statistics.
#pragma once
#include <stdint.h>

namespace convx {

// y[i] = ((x[i] - mean) - rest)*factor * scale[i*step] + bias[i*step], i < count; step is 0 or 1. mean + rest is a mean
// in twice the digits. Without scale the factor is all, without bias nothing is added. y may be x.
template <class T>
struct Standardize {
    const T* x;
    T* y;
    int64_t count;
    T mean, rest, factor;
    const T *scale, *bias;
    int32_t step;
};

}  // namespace convx
