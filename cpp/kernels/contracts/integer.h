// Integers are multiplied in words of neighbouring channels: a word holds `parts` channels of one pixel, or of one tap
// of the weight, least significant first, and the product of two words is the sum of the products of their parts. All
// sums wrap. The tiles are those of direct.h over words, of whole sums: first and last are set, the activation is a
// clamp.
#pragma once
#include <stdint.h>

namespace convx {

// dst[i] = the word of pixel i whose part c is (x[c*channel + i*step] ^ flip) - offset, for c < channels; parts behind
// them are anything. x holds bytes: flip = 128 turns signed ones into unsigned ones 128 larger.
struct WordRow {
    const uint8_t* x;
    int32_t* dst;
    int64_t count, step, channel;
    int32_t channels;  // 1..parts
    uint8_t flip;
    int16_t offset;  // 0 where parts are bytes
};

// dst[i*dst_row + p] = zero + round(clamp(src[i*src_row + p] * scale[i], lo, hi)) for p < count, i < rows; in float,
// halves to even. lo and hi are whole numbers that lead to 8 bits.
struct Requantize {
    const int32_t* src;
    uint8_t* dst;
    const float* scale;
    int64_t rows, count, src_row, dst_row;
    float lo, hi;
    int32_t zero;
};

}  // namespace convx
