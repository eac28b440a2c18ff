// Weights of integers packed into words.
#pragma once
#include <vector>

#include "../runtime/buffer.h"
#include "../shape/shape.h"
#include "integers.h"

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

// Which operand is in the lanes: output channels ("direct") or pixels ("narrow").
enum class Lane { channels, pixels };

template <class T>
struct IntegerPacking {
    const DotKernels<T>* kernels = nullptr;
    Lane lane = Lane::channels;
    Buffer<T> data;
    Buffer<T> bias;  // with what the unsigned input adds to the sums taken off
    PackFormat<T> format;
    bool padding_is_zero = false;  // words of padding add nothing
};

// Output channels of a group in pixel tiles: as many of `most` as there are, then smaller powers of two.
struct PowerOfTwoSplit {
    int64_t rows, most, count;
    PowerOfTwoSplit(int64_t rows, int64_t most);
    int64_t size(int64_t i) const;
    int64_t start(int64_t i) const;
};

// Input channels counted in words.
ConvShape in_packed_channels(ConvShape shape, int64_t parts);

template <class T>
struct IntegerTerms {
    const DotKernels<T>& kernels;
    bool signed_x;                     // 8-bit input only
    int64_t x_zero;                    // likewise
    const std::vector<int64_t>& bias;  // none, or one for each output channel
};

template <class T>
IntegerPacking<T> pack_integers(const ConvSpec& spec, const IntegerWeights& weights, const IntegerTerms<T>& terms,
                                Lane lane);

}  // namespace convx
