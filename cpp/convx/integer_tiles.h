// Integer convolution by register tiles over words of channels.
#pragma once
#include "buffer.h"
#include "integers.h"
#include "shape.h"

namespace convx {

// Which operand is in the lanes: output channels ("direct") or pixels ("narrow").
enum class Lane { channels, pixels };

template <class T>
struct IntegerPacking {
    const DotKernels<T>* kernels = nullptr;
    Lane lane = Lane::channels;
    Buffer<T> words;
    Buffer<T> bias;  // with what the unsigned input adds to the sums taken off
    WordFormat<T> format;
    bool padding_is_zero = false;  // words of padding add nothing
};

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

// Input channels counted in words.
ConvShape in_words(ConvShape shape, int64_t parts);

template <class T>
void run_tiles(const IntegerCall<T>& call);
template <class T>
int64_t tiles_workspace(const IntegerCall<T>& call);

// Output channels of a group in pixel tiles: as many of `most` as there are, then smaller powers of two.
struct DotPanels {
    int64_t rows, most, count;
    DotPanels(int64_t rows, int64_t most);
    int64_t size(int64_t i) const;
    int64_t start(int64_t i) const;
};

}  // namespace convx
