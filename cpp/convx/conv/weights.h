// Weights packed once for an algorithm and an instruction set.
#pragma once
#include <cstdint>

#include "../buffer.h"
#include "../shape.h"

namespace convx {

template <class T>
struct PackedWeight {
    Buffer<T> data;
    bool finite = false;  // known to be: only then may taps over zero padding be skipped, 0 * inf is NaN
};

// A group's output channels cut into `count` nearly equal panels of at most `most` rows.
struct Panels {
    int64_t rows, count;
    Panels(int64_t rows_, int64_t most) : rows(rows_), count((rows_ + most - 1) / most) {}
    int64_t start(int64_t i) const { return i * (rows / count) + (i < rows % count ? i : rows % count); }
    int64_t size(int64_t i) const { return rows / count + (i < rows % count); }
};

}  // namespace convx
