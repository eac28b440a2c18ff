// A function for each row of the kernels' table, that tests or measures it: declared from the table, as the kernels
// are, so that a kernel without one does not link.
#pragma once
#if defined(CONVX_BENCH)
#include "../../benchmarks/kernels/bench.h"
#else
#include "test.h"
#endif

namespace convx::CONVX_ISA {  // here not an instruction set, but `cases` or `bench`

#if defined(CONVX_BENCH)
using kernel_bench::Bench;
using kernel_bench::Level;
using Subject = Bench;
#else
using kernel_tests::Expected;
using kernel_tests::Finish;
using kernel_tests::Guarded;
using kernel_tests::Test;
using kernel_tests::up_to_multiple;
using Subject = Test;
#endif

// Reductions of pools.
template <class T>
struct Max {
    using Limits = std::numeric_limits<T>;
    static constexpr bool FINITE = false, AVERAGE = false;
    static constexpr T NEUTRAL = Limits::has_infinity ? -Limits::infinity() : Limits::min();
    static T of(T a, T b) { return a != a || b != b ? a + b : a > b ? a : b; }
};
template <class T>
struct Min {
    using Limits = std::numeric_limits<T>;
    static constexpr bool FINITE = false, AVERAGE = false;
    static constexpr T NEUTRAL = Limits::has_infinity ? Limits::infinity() : Limits::max();
    static T of(T a, T b) { return a != a || b != b ? a + b : a < b ? a : b; }
};
template <class T>
struct FiniteMax : Max<T> {
    static constexpr bool FINITE = true;
};
template <class T>
struct FiniteMin : Min<T> {
    static constexpr bool FINITE = true;
};
template <class T>
struct Sum {
    static constexpr bool FINITE = false, AVERAGE = true;
    static constexpr T NEUTRAL = 0;
    static T of(T a, T b) { return a + b; }
};

// Products of words.
struct Bytes {
    static int32_t of(int32_t x, int32_t w) {
        int32_t sum = 0;
        for (int i = 0; i < 4; ++i) sum += static_cast<uint8_t>(x >> 8 * i) * static_cast<int8_t>(w >> 8 * i);
        return sum;
    }
};
struct Pairs {
    static int32_t of(int32_t x, int32_t w) {
        uint32_t sum = 0;  // wraps
        for (int i = 0; i < 2; ++i)
            sum += static_cast<uint32_t>(static_cast<int16_t>(x >> 16 * i) * static_cast<int16_t>(w >> 16 * i));
        return static_cast<int32_t>(sum);
    }
};
struct Multiply {
    static int64_t of(int64_t x, int64_t w) {
        return static_cast<int64_t>(static_cast<uint64_t>(x) * static_cast<uint64_t>(w));
    }
};

template <class T>
struct Float {
#define CONVX_FLOAT_KERNEL(result, name, contract) static void name(Subject&, const Kernels<T>&);
#include "../../cpp/kernels/kernels.inc"
};

template <class T, class Reduction>
struct Pool {
#define CONVX_POOL_KERNEL(result, name, contract) static void name(Subject&, const Kernels<T>&, const PoolKernels<T>&);
#include "../../cpp/kernels/kernels.inc"
};

template <class T, class Reduction>
struct Small {
#define CONVX_SMALL_KERNEL(result, name, contract) static void name(Subject&, const Kernels<T>&, const PoolKernels<T>&);
#include "../../cpp/kernels/kernels.inc"
};

template <class T>
struct Argmax {
#define CONVX_ARGMAX_KERNEL(result, name, contract) static void name(Subject&, const Kernels<T>&);
#include "../../cpp/kernels/kernels.inc"
};

template <class T>
struct Any {
#define CONVX_ANY_KERNEL(result, name, contract) static void name(Subject&, const Kernels<T>&);
#include "../../cpp/kernels/kernels.inc"
};

template <class T>
struct Convert {
#define CONVX_CONVERT_KERNEL(result, name, contract) static void name(Subject&, const Kernels<T>&);
#include "../../cpp/kernels/kernels.inc"
};

template <class T>
struct Pixel {
#define CONVX_PIXEL_KERNEL(result, name, contract) static void name(Subject&, const PixelKernels&);
#include "../../cpp/kernels/kernels.inc"
};

template <class T, class Product>
struct Dot {
#define CONVX_DOT_KERNEL(result, name, contract) static void name(Subject&, const DotKernels<T>&);
#include "../../cpp/kernels/kernels.inc"
};

template <class Product>
struct Word {
#define CONVX_WORD_KERNEL(result, name, contract) static void name(Subject&, const DotKernels<int32_t>&);
#include "../../cpp/kernels/kernels.inc"
};

struct Byte {
#define CONVX_BYTE_KERNEL(result, name, contract) static void name(Subject&, const DotTable&);
#include "../../cpp/kernels/kernels.inc"
};

}  // namespace convx::CONVX_ISA
