// The tiles for integers, and the table of the integer kernels.
#include "direct_tile.h"
#include "dot.h"
#include "dot_pixels.h"

namespace convx::CONVX_ISA {

template <class Op>
void word_row(const WordRow&);
void requantize(const Requantize&);

namespace {

template <class T, class Op>
constexpr DotKernels<T> tiles() {
    DotKernels<T> k{};
    k.lanes = LANES<T>;
    k.fma = HAS_FMA;
    k.mr = MR;
    k.nr = NR<T>;
    k.pixel_rows = DOT_ROWS;
    k.pixel_registers = PIXEL_REGISTERS;
    k.direct_tile = direct_tile<T, Op>;
    k.pixel_tile = dot_pixel_tile<T, Op>;
    return k;
}

template <class Op>
constexpr DotKernels<int32_t> words() {
    if constexpr (Op::AVAILABLE) {
        DotKernels<int32_t> k = tiles<int32_t, Op>();
        k.parts = Op::PARTS;
        k.word_row = word_row<Op>;
        return k;
    } else {
        return {};
    }
}

constexpr DotKernels<int64_t> wide() {
    DotKernels<int64_t> k = tiles<int64_t, Multiply>();
    k.parts = 1;
    return k;
}

}  // namespace

extern const DotTable dots;
const DotTable dots = {words<Bytes>(), words<Pairs>(), wide(), requantize};

}  // namespace convx::CONVX_ISA
