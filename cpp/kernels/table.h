// What one instruction set offers: a pointer to each kernel of kernels.inc, and the sizes that the core has to know.
#pragma once
#include <stdint.h>

#include "types.h"

namespace convx {

// The contracts, of which a table needs but the names.
#define CONVX_TEMPLATE(result, name, contract) \
    template <class T>                         \
    struct contract;
#define CONVX_STRUCT(result, name, contract) struct contract;
#define CONVX_FLOAT_KERNEL CONVX_TEMPLATE
#define CONVX_POOL_KERNEL CONVX_TEMPLATE
#define CONVX_SMALL_KERNEL CONVX_TEMPLATE
#define CONVX_ARGMAX_KERNEL CONVX_TEMPLATE
#define CONVX_ANY_KERNEL CONVX_TEMPLATE
#define CONVX_DOT_KERNEL CONVX_TEMPLATE
#define CONVX_CONVERT_KERNEL CONVX_STRUCT
#define CONVX_PIXEL_KERNEL CONVX_STRUCT
#define CONVX_WORD_KERNEL CONVX_STRUCT
#define CONVX_BYTE_KERNEL CONVX_STRUCT
#include "kernels.inc"
#undef CONVX_TEMPLATE
#undef CONVX_STRUCT

#define CONVX_TYPED_FIELD(result, name, contract) result (*name)(const contract<T>&);
#define CONVX_FIELD(result, name, contract) result (*name)(const contract&);

// For one reduction; what returns a bool returns false when the result is not to be used, see finite_max below.
template <class T>
struct PoolKernels {
#define CONVX_POOL_KERNEL CONVX_TYPED_FIELD
#define CONVX_SMALL_KERNEL CONVX_TYPED_FIELD  // null where T is an integer
#include "kernels.inc"
};

template <class T>
struct AnyKernels {
    int32_t lanes;  // elements of a vector
    PoolKernels<T> pool_max, pool_min;
#define CONVX_ANY_KERNEL CONVX_TYPED_FIELD
#include "kernels.inc"
};

template <class T>
struct ConvertKernels : AnyKernels<T> {
#define CONVX_CONVERT_KERNEL CONVX_FIELD
#include "kernels.inc"
};

template <class T>
struct ArgmaxKernels : AnyKernels<T> {
#define CONVX_ARGMAX_KERNEL CONVX_TYPED_FIELD
#include "kernels.inc"
};

template <class T>
struct FloatKernels : ArgmaxKernels<T> {
    int32_t half_lanes;                   // of a vector that the pixel tile takes in half of the time, or 0
    bool fma;                             // one instruction multiplies and adds
    int32_t mr, nr;                       // register tile: mr broadcast operands x nr = 2 vectors
    int32_t pixel_rows, pixel_registers;  // most output channels of a pixel tile, and what bounds its vectors
    int32_t fft_outputs;                  // output channels whose spectra lie side by side
#define CONVX_FLOAT_KERNEL CONVX_TYPED_FIELD
#include "kernels.inc"
    PoolKernels<T> pool_finite_max, pool_finite_min;  // give up where they meet a NaN or an infinity
    PoolKernels<T> pool_average;
};

// For filters of images, whose contracts name no type.
struct PixelKernels {
#define CONVX_PIXEL_KERNEL CONVX_FIELD
#include "kernels.inc"
};

// For words: bytes, pairs of bytes, or one number of 64 bits.
template <class T>
struct DotKernels {
    int32_t parts;       // of a word; 0: this instruction set has no such kernels
    int32_t lanes;       // words of a vector
    bool fma;            // as of FloatKernels
    int32_t mr, nr;      // register tile
    int32_t pixel_rows;  // most rows of a pixel tile, which has 1, 2, 4 or 8
    int32_t pixel_registers;
#define CONVX_WORD_KERNEL CONVX_FIELD  // null where a word is one number
#define CONVX_DOT_KERNEL CONVX_TYPED_FIELD
#include "kernels.inc"
};

struct DotTable {
    DotKernels<int32_t> bytes;  // four: x unsigned, w signed
    DotKernels<int32_t> pairs;  // two of 16 bits, both signed
    DotKernels<int64_t> wide;   // one of 64 bits
#define CONVX_BYTE_KERNEL CONVX_FIELD
#include "kernels.inc"
};

#undef CONVX_TYPED_FIELD
#undef CONVX_FIELD

template <class T>
struct Kernels : ConvertKernels<T> {};
#define CONVX_FLOAT(T) \
    template <>        \
    struct Kernels<T> : FloatKernels<T> {};
#define CONVX_WORD(T) \
    template <>       \
    struct Kernels<T> : ArgmaxKernels<T> {};
CONVX_FLOATS(CONVX_FLOAT)
CONVX_WORDS(CONVX_WORD)
#undef CONVX_FLOAT
#undef CONVX_WORD

struct KernelTable {
#define CONVX_NUMBER(T) \
    Kernels<T> of_##T;  \
    constexpr operator const Kernels<T>&() const { return of_##T; }
    CONVX_NUMBERS(CONVX_NUMBER)
#undef CONVX_NUMBER
#define CONVX_PIXEL(T) PixelKernels pixel_##T;
    CONVX_PIXELS(CONVX_PIXEL)
#undef CONVX_PIXEL
};

template <class T>
constexpr const Kernels<T>& kernels_of(const KernelTable& table) {
    return table;
}

template <class T>
constexpr const PixelKernels& pixels_of(const KernelTable& table);
#define CONVX_PIXEL(T)                                                     \
    template <>                                                            \
    constexpr const PixelKernels& pixels_of<T>(const KernelTable& table) { \
        return table.pixel_##T;                                            \
    }
CONVX_PIXELS(CONVX_PIXEL)
#undef CONVX_PIXEL

}  // namespace convx
