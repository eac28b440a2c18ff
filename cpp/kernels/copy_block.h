// Edge tiles live in a full-width copy of what they belong to, so that tiles know whole vectors only.
#pragma once
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class T>
__attribute__((noinline)) void copy_block(T* dst, int64_t ld_dst, const T* src, int64_t ld_src, int64_t rows,
                                          int64_t cols) {
    constexpr int L = LANES<T>;
    const int64_t whole = (cols - 1) / L * L;
    for (int64_t i = 0; i < rows; ++i, dst += ld_dst, src += ld_src) {
        for (int64_t j = 0; j < whole; j += L) store(dst + j, load(src + j));
        copy_few(dst + whole, src + whole, cols - whole);
    }
}

}  // namespace
}  // namespace convx::CONVX_ISA
