// Weights packed once for an algorithm and an instruction set.
#pragma once
#include <algorithm>
#include <cstdint>

#include "../../kernels/kernels.h"
#include "../runtime/buffer.h"
#include "../runtime/interrupt.h"
#include "../shape/range.h"
#include "../shape/shape.h"

namespace convx {

template <class T>
struct PackedWeight {
    Buffer<T> data;
    bool finite = false;  // known to be: only then may taps over zero padding be skipped, 0 * inf is NaN
};

template <class T>
void pack_rows(const Kernels<T>& k, const WeightPack<T>& all) {
    checkpoint();
    in_pieces(all.depth, std::max<int64_t>(CHECKED_STEPS / all.width, 1), [&](int64_t first, int64_t n) {
        WeightPack<T> piece = all;
        piece.src += first;
        piece.dst += first * all.width;
        piece.depth = n;
        k.pack_weight(piece);
    });
}

template <class T>
void copy_weight(const T* weight, int64_t count, T* to) {
    in_pieces(count, [&](int64_t first, int64_t n) { std::copy_n(weight + first, n, to + first); });
}

}  // namespace convx
