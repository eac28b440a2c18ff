// The kernels of the instruction set this file is compiled for: each a static member of the class that stands for the
// types of its row in kernels.inc.
#pragma once
#include "table.h"

namespace convx::CONVX_ISA {

#define CONVX_TYPED_MEMBER(result, name, contract) static result name(const contract<T>&);
#define CONVX_MEMBER(result, name, contract) static result name(const contract&);

template <class T>
struct Float {
#define CONVX_FLOAT_KERNEL CONVX_TYPED_MEMBER
#include "kernels.inc"
};

template <class T, class Reduction>
struct Pool {
#define CONVX_POOL_KERNEL CONVX_TYPED_MEMBER
#include "kernels.inc"
};

template <class T, class Reduction>
struct Small {
#define CONVX_SMALL_KERNEL CONVX_TYPED_MEMBER
#include "kernels.inc"
};

template <class T>
struct Argmax {
#define CONVX_ARGMAX_KERNEL CONVX_TYPED_MEMBER
#include "kernels.inc"
};

template <class T>
struct Any {
#define CONVX_ANY_KERNEL CONVX_TYPED_MEMBER
#include "kernels.inc"
};

template <class T>
struct Convert {
#define CONVX_CONVERT_KERNEL CONVX_MEMBER
#include "kernels.inc"
};

template <class T>
struct Pixel {
#define CONVX_PIXEL_KERNEL CONVX_MEMBER
#include "kernels.inc"
};

template <class T, class Product>
struct Dot {
#define CONVX_DOT_KERNEL CONVX_TYPED_MEMBER
#include "kernels.inc"
};

template <class Product>
struct Word {
#define CONVX_WORD_KERNEL CONVX_MEMBER
#include "kernels.inc"
};

struct Byte {
#define CONVX_BYTE_KERNEL CONVX_MEMBER
#include "kernels.inc"
};

#undef CONVX_TYPED_MEMBER
#undef CONVX_MEMBER

// Reductions of pools, see pool_ops.h.
template <class T>
struct FiniteMax;
template <class T>
struct FiniteMin;
template <class T>
struct Max;
template <class T>
struct Min;
template <class T>
struct Sum;

// Products of words, see dot.h and simd.h.
struct Bytes;
struct Pairs;
struct Multiply;

}  // namespace convx::CONVX_ISA
