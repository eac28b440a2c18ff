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
    bool split = false;   // into columns and rows
};

template <class T>
void pack_rows(const Kernels<T>& k, const TransposePack<T>& all) {
    checkpoint();
    in_pieces(all.depth, std::max<int64_t>(CHECKED_STEPS / all.width, 1), [&](int64_t first, int64_t n) {
        TransposePack<T> piece = all;
        piece.src += first;
        piece.dst += first * all.width;
        piece.depth = n;
        k.transpose_pack(piece);
    });
}

// Panels of at most `most` output channels of each group, [panel][term][channel].
template <class T>
PackedWeight<T> pack_panels(const ConvSpec& spec, const T* weight, const Kernels<T>& k, int64_t most) {
    const int64_t depth = spec.depth(), rows = spec.k_per_group();
    PackedWeight<T> packed{Buffer<T>(spec.k * depth)};
    const EvenSplit panels(rows, most);
    for (int64_t g = 0; g < spec.groups; ++g)
        for (int64_t i = 0; i < panels.count; ++i) {
            const int64_t row = g * rows + panels.start(i), size = panels.size(i);
            pack_rows(k, {weight + row * depth, packed.data.data() + row * depth, size, depth, depth, size});
        }
    return packed;
}

template <class T>
void copy_weight(const T* weight, int64_t count, T* to) {
    in_pieces(count, [&](int64_t first, int64_t n) { std::copy_n(weight + first, n, to + first); });
}

}  // namespace convx
