// The table of the integer kernels.
#include "table.h"

#include "sets.h"
#include "tile.h"

namespace convx::CONVX_ISA {
namespace {

template <class T, class Product>
constexpr DotKernels<T> tiles(int32_t parts) {
    DotKernels<T> k{};
    k.parts = parts;
    k.lanes = LANES<T>;
    k.fma = HAS_FMA;
    k.mr = MR;
    k.nr = NR<T>;
    k.pixel_rows = DOT_ROWS;
    k.pixel_registers = PIXEL_REGISTERS;
#define CONVX_DOT_KERNEL(result, name, contract) k.name = Dot<T, Product>::name;
#include "kernels.inc"
    return k;
}

template <class Product>
constexpr DotKernels<int32_t> words(int32_t parts) {
    DotKernels<int32_t> k = tiles<int32_t, Product>(parts);
#define CONVX_WORD_KERNEL(result, name, contract) k.name = Word<Product>::name;
#include "kernels.inc"
    return k;
}

constexpr DotTable all_kernels() {
    DotTable t{};
#if defined(CONVX_DOT_BYTES)
    t.bytes = words<Bytes>(4);
#endif
    t.pairs = words<Pairs>(2);
    t.wide = tiles<int64_t, Multiply>(1);
#define CONVX_BYTE_KERNEL(result, name, contract) t.name = Byte::name;
#include "kernels.inc"
    return t;
}

}  // namespace

extern const DotTable dots;
constexpr DotTable dots = all_kernels();

}  // namespace convx::CONVX_ISA
