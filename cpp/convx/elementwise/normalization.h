// Rows made to have a mean of 0 and a variance of 1, a mean square of 1, or a norm of 1.
#pragma once
#include "../../kernels/kernels.h"

namespace convx::elementwise {

// What becomes of a row: (x - mean) / sqrt(variance + epsilon), x / sqrt(mean of squares + epsilon), x / sum of sizes,
// x / root of the sum of squares (both 0 where that is 0), or x.
enum class Norm { standard, root_mean_square, l1, l2, none };

// y = normalized x * scale + bias, of rows in C order; y may be x. Scale and bias, which may be null, have an element
// for each of a row or, with maps > 0, one for each of `channels` maps, `maps` of which lie in a row.
template <class T>
struct NormArrays {
    const T* x;
    T* y;
    int64_t rows, length;
    Norm norm;
    double epsilon;
    const T *scale, *bias;
    int64_t maps, channels;
};

template <class T>
void normalize(const NormArrays<T>& arrays);

}  // namespace convx::elementwise
