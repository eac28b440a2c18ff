// The algorithms of integer convolution.
#pragma once
#include "../conv/cost.h"
#include "../runtime/algorithm_table.h"
#include "integer_weights.h"

namespace convx {

// T: of the sums.
template <class T>
struct IntegerCall {
    const ConvSpec& spec;
    const ConvShape& shape;  // as the caller sees it
    IntView x;
    const IntegerWeights& weights;
    const std::vector<int64_t>& bias;  // none, or one for each output channel
    int64_t x_zero;
    T lo, hi;
    void* out;  // T, or bytes with `requantization`; contiguous
    const Requantization* requantization;
    const DotTable& table;
    int threads;
    const IntegerPacking<T>* packing;  // by the algorithm, or null
};

template <class T>
struct IntegerAlgorithm : AlgorithmRow<ConvSpec> {
    double (*cost)(const ConvShape& packed, const cost::Machine&) = nullptr;  // null: never chosen by "auto"
    // null: reads the weights as they are
    IntegerPacking<T> (*pack)(const ConvSpec&, const IntegerWeights&, const IntegerTerms<T>&) = nullptr;
    int64_t (*workspace)(const IntegerCall<T>&) = nullptr;
    void (*run)(const IntegerCall<T>&) = nullptr;
};

namespace integer_reference {
template <class T>
IntegerAlgorithm<T> row();
}
namespace integer_tiles {
template <class T>
IntegerAlgorithm<T> direct();
template <class T>
IntegerAlgorithm<T> narrow();
}  // namespace integer_tiles

}  // namespace convx
