// The contract of the integer kernels, part of kernels.h. Integers are multiplied in words of neighbouring channels:
// a word holds `parts` channels of one pixel, or of one tap of the weight, least significant first, and the product of
// two words is the sum of the products of their parts. All sums wrap.
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

// Tiles over words, of whole sums: first and last are set. Epilogue::activation is a clamp.
template <class T>
struct DotKernels {
    int32_t parts;       // of a word; 0: this instruction set has no such kernels
    int32_t lanes;       // words of a vector
    bool fma;            // as of Kernels
    int32_t mr, nr;      // register tile
    int32_t pixel_rows;  // most rows of a pixel tile, which has 1, 2, 4 or 8
    int32_t pixel_registers;
    void (*word_row)(const WordRow&);  // null where a word is one element
    void (*direct_tile)(const DirectTile<T>&);
    void (*pixel_tile)(const PixelTile<T>&);
};

struct DotTable {
    DotKernels<int32_t> bytes;  // four: x unsigned, w signed
    DotKernels<int32_t> pairs;  // two of 16 bits, both signed
    DotKernels<int64_t> wide;   // one of 64 bits
    void (*requantize)(const Requantize&);
};

}  // namespace convx
