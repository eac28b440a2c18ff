// Weights of integers packed into words.
#pragma once
#include <vector>

#include "integer_tiles.h"
#include "shape.h"

namespace convx {

// (K, C per group, taps), contiguous; somebody else owns the data.
struct IntegerWeights {
    const void* data;
    IntType type;
    std::vector<int64_t> zero_points;  // none, one, or one for each output channel
    int64_t zero_point(int64_t k) const;
    // row[i] = element i of output channel k less its zero point.
    void read(const ConvSpec& spec, int64_t k, int64_t* row) const;
    bool fit_bytes(const ConvSpec& spec) const;  // all of them, less their zero points, are signed 8-bit numbers
};

template <class T>
struct IntegerTerms {
    const DotKernels<T>& kernels;
    Lane lane;
    bool signed_x;                     // 8-bit input only
    int64_t x_zero;                    // likewise
    const std::vector<int64_t>& bias;  // none, or one for each output channel
};

template <class T>
IntegerPacking<T> pack_integers(const ConvSpec& spec, const IntegerWeights& weights, const IntegerTerms<T>& terms);

}  // namespace convx
