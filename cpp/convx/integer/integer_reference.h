// Integer convolution as it is defined: seven loops, sums modulo 2^64. Slow, for every shape.
#pragma once
#include "integer_weights.h"

namespace convx {

template <class T>
struct IntegerReference {
    const ConvShape& shape;
    const ConvSpec& spec;
    IntView x;
    const IntegerWeights& weights;
    const std::vector<int64_t>& bias;
    int64_t x_zero;
    T lo, hi;
    void* out;
    const Requantization* requantization;
    const DotTable& table;
    int threads;
};

template <class T>
int64_t integer_reference_workspace(const ConvShape& shape, int threads);
template <class T>
void integer_reference(const IntegerReference<T>& call);

}  // namespace convx
