// What makes bytes of bytes: sums along one axis. One kernel takes them all, as they are few and small.
#pragma once
#include <stdint.h>

#include "filter.h"

namespace convx {

enum class ByteWay : int32_t { mirrored, three, means_down, means_along };

struct FilterBytes {
    ByteWay way;  // tells which of those below it is
};

// A weight below 1/2, as (upper + lower / 2^16) / 2^16.
struct SplitWeight {
    int16_t upper, lower;
};

constexpr int64_t MOST_MIRRORED = 81;  // taps: beyond, whole numbers would be uncertain

// Mirrored sums by weights that sum up to one: an odd number of taps, w[t] = w[taps - 1 - t] >= 0.
// For r < rows, i < count: dst[r*dst_row + i] = sum over t < taps of w[t] * src[r + t][i], cut off
struct MirroredBytes : FilterBytes {
    const void* const* src;
    const SplitWeight* units;  // the weights before the middle
    const double* w;
    uint8_t* dst;
    int64_t rows, taps, count, dst_row;
    // Of areas of one value: bit v / 16 % 8 of byte v / 128 * 16 + v % 16 tells that v becomes v - 1, not v. Null where
    // weights have 14 bits of fraction, and sums are exact.
    const uint8_t* flat_less;
};

// Three taps that sum up to one: x + w * (a + b - 2 * x), cut off, where w = factor / 2^(16 + shift) gives the right
// whole number for each of the 1021 differences; but where that is zero, flat_less decides, unless null.
struct ThreeBytes : FilterBytes {
    const void* const* src;  // of a, x and b
    uint8_t* dst;
    int64_t count;
    uint16_t factor;  // at least 2^15
    int32_t shift;
    const uint8_t* flat_less;
};

constexpr int64_t MOST_MEAN = 256;    // bytes, whose sum fits 16 bits
constexpr int64_t BYTES_SLACK = 128;  // elements, of which any may be read behind a row

// A quotient of x < 2^16: (x + plus) * factor / 2^(16 + shift), cut off.
struct Divisor {
    uint16_t factor, plus;
    int32_t shift;
};

// With 2^shift the largest power of two up to n, one of the two whole numbers beside 2^(16 + shift) / n is off by so
// little that all quotients are exact: the larger one by at most 2^shift / n, or the smaller one of x + 1.
constexpr Divisor divisor_of(int64_t n) {
    int32_t shift = 0;
    while (int64_t{2} << shift <= n) ++shift;
    const int64_t scale = int64_t{1 << 16} << shift, factor = scale / n, rest = scale % n;
    if (rest && n - rest <= int64_t{1} << shift) return {static_cast<uint16_t>(factor + 1), 0, shift};
    return {static_cast<uint16_t>(rest ? factor : factor - 1), 1, shift};
}

// For r < rows, i < count: dst[r*dst_row + i] = sum over t < taps of src[r + t][i], divided.
struct ByteMeansDown : FilterBytes {
    const void* const* src;  // rows + taps - 1 rows
    uint16_t* sums;          // of taps - 1 rows, kept from call to call: count + BYTES_SLACK elements
    uint8_t* dst;
    int64_t rows, taps, count, dst_row;
    bool first;  // nothing is kept yet
    Divisor divisor;
};

// For r < rows, i < count: dst[r*dst_row + i] = sum over t < taps of src[r*src_row + i + t*step], divided.
struct ByteMeansAlong : FilterBytes {
    const uint8_t* src;  // readable for BYTES_SLACK elements behind the last one named
    uint16_t* sums;      // scratch of count + taps * step + BYTES_SLACK elements
    uint8_t* dst;
    int64_t rows, taps, step, count, src_row, dst_row;
    Divisor divisor;
};

}  // namespace convx
