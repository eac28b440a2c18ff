// The kernels of the instruction set this directory is compiled for.
#include "table.h"

#include "sets.h"
#include "tile.h"

namespace convx::CONVX_ISA {
namespace {

template <class T, class Reduction>
constexpr PoolKernels<T> pool_kernels() {
    PoolKernels<T> k{};
#define CONVX_POOL_KERNEL(result, name, contract) k.name = Pool<T, Reduction>::name;
#include "kernels.inc"
    return k;
}

template <class T, class Reduction>
constexpr PoolKernels<T> float_pool_kernels() {
    PoolKernels<T> k = pool_kernels<T, Reduction>();
#define CONVX_SMALL_KERNEL(result, name, contract) k.name = Small<T, Reduction>::name;
#include "kernels.inc"
    return k;
}

template <class T>
constexpr void set_any(AnyKernels<T>& k) {
    k.lanes = LANES<T>;
    k.pool_max = pool_kernels<T, Max<T>>();
    k.pool_min = pool_kernels<T, Min<T>>();
#define CONVX_ANY_KERNEL(result, name, contract) k.name = Any<T>::name;
#include "kernels.inc"
}

template <class T>
constexpr void set(ConvertKernels<T>& k) {
    set_any(k);
#define CONVX_CONVERT_KERNEL(result, name, contract) k.name = Convert<T>::name;
#include "kernels.inc"
}

template <class T>
constexpr void set(ArgmaxKernels<T>& k) {
    set_any(k);
#define CONVX_ARGMAX_KERNEL(result, name, contract) k.name = Argmax<T>::name;
#include "kernels.inc"
}

template <class T>
constexpr void set(FloatKernels<T>& k) {
    set(static_cast<ArgmaxKernels<T>&>(k));
    k.half_lanes = HALF_LANES<T>;
    k.fma = HAS_FMA;
    k.mr = MR;
    k.nr = NR<T>;
    k.pixel_rows = PIXEL_ROWS;
    k.pixel_registers = PIXEL_REGISTERS;
    k.fft_outputs = FFT_OUTPUTS;
#define CONVX_FLOAT_KERNEL(result, name, contract) k.name = Float<T>::name;
#include "kernels.inc"
    k.pool_finite_max = float_pool_kernels<T, FiniteMax<T>>();
    k.pool_finite_min = float_pool_kernels<T, FiniteMin<T>>();
    k.pool_max = float_pool_kernels<T, Max<T>>();
    k.pool_min = float_pool_kernels<T, Min<T>>();
    k.pool_average = float_pool_kernels<T, Sum<T>>();
}

template <class T>
constexpr PixelKernels pixel_kernels() {
    PixelKernels k{};
#define CONVX_PIXEL_KERNEL(result, name, contract) k.name = Pixel<T>::name;
#include "kernels.inc"
    return k;
}

constexpr KernelTable all_kernels() {
    KernelTable t{};
#define CONVX_SET(T) set(t.of_##T);
    CONVX_NUMBERS(CONVX_SET)
#undef CONVX_SET
#define CONVX_SET_PIXEL(T) t.pixel_##T = pixel_kernels<T>();
    CONVX_PIXELS(CONVX_SET_PIXEL)
#undef CONVX_SET_PIXEL
    return t;
}

}  // namespace

extern const KernelTable kernels;
constexpr KernelTable kernels = all_kernels();

}  // namespace convx::CONVX_ISA
