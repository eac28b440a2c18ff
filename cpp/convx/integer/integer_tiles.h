// Integer convolution by register tiles over words of channels.
#pragma once
#include "integer_weights.h"

namespace convx {

template <class T>
struct IntegerCall {
    const ConvShape& shape;  // as the caller sees it
    IntView x;
    const IntegerPacking<T>& weight;
    void* out;  // T, or bytes with `requantization`; contiguous
    T lo, hi;
    const Requantization* requantization;
    const DotTable& table;
    int threads;
};

template <class T>
void run_tiles(const IntegerCall<T>& call);
template <class T>
int64_t tiles_workspace(const IntegerCall<T>& call);

}  // namespace convx
