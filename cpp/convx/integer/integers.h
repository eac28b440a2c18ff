// Integer arrays: their element types, and the terms in which a convolution of them is put.
#pragma once
#include <cstdint>

#include "../../kernels/kernels.h"

namespace convx {

enum class IntType { i8, u8, i16, u16, i32, u32, i64 };

inline bool is_byte(IntType t) { return t == IntType::i8 || t == IntType::u8; }

// Calls f with a zero of the type.
template <class F>
auto with_type(IntType t, const F& f) {
    switch (t) {
        case IntType::i8:
            return f(int8_t{});
        case IntType::u8:
            return f(uint8_t{});
        case IntType::i16:
            return f(int16_t{});
        case IntType::u16:
            return f(uint16_t{});
        case IntType::i32:
            return f(int32_t{});
        case IntType::u32:
            return f(uint32_t{});
        case IntType::i64:
            break;
    }
    return f(int64_t{});
}

// A strided (N, C, D, H, W) array that somebody else owns; strides count elements.
struct IntView {
    const void* data;
    IntType type;
    int64_t n, c, d, h, w;
};

// How elements become the parts of words: (x ^ flip) - offset. An element in the padding makes the word `fill`.
template <class T>
struct PackFormat {
    uint8_t flip = 0;
    int16_t offset = 0;
    T fill = 0;
};

// From sums to 8 bits, see kernels/contracts/integer.h.
struct Requantization {
    const float* scale;  // of each output channel
    float lo, hi;
    int32_t zero;
};

template <class T>
const DotKernels<T>& widest_packing(const DotTable& table);
template <>
inline const DotKernels<int32_t>& widest_packing(const DotTable& table) {
    return table.pairs;
}
template <>
inline const DotKernels<int64_t>& widest_packing(const DotTable& table) {
    return table.wide;
}

// Sums wrap modulo 2^32 or 2^64; signed arithmetic would not.
inline int64_t wrapping_add(int64_t a, int64_t b) {
    return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
inline int64_t wrapping_multiply(int64_t a, int64_t b) {
    return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

}  // namespace convx
