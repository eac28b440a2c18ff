// Weights packed once for an algorithm and an instruction set.
#pragma once
#include <algorithm>
#include <cstdint>

#include "../../kernels/kernels.h"
#include "../runtime/buffer.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
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
PackedWeight<T> pack_panels(const ConvSpec& spec, const T* weight, const Kernels<T>& k, int64_t most, int threads) {
    const int64_t depth = spec.depth(), rows = spec.k_per_group();
    PackedWeight<T> packed{Buffer<T>(spec.k * depth)};
    const EvenSplit panels(rows, most);
    parallel_pieces(worth_a_task(spec.groups * panels.count, most * depth), threads, [&](const Range& some, int) {
        for (int64_t i = some.begin; i < some.end; ++i) {
            const int64_t row = i / panels.count * rows + panels.start(i % panels.count);
            const int64_t size = panels.size(i % panels.count);
            pack_rows(k, {weight + row * depth, packed.data.data() + row * depth, size, depth, depth, size});
        }
    });
    return packed;
}

// The rows of a panel in which neighbouring rows stand side by side and terms `width` apart, to rows `to_row` apart.
template <class T>
void unpack_rows(const T* panel, int64_t rows, int64_t depth, int64_t width, T* to, int64_t to_row) {
    for (int64_t r = 0; r < rows; ++r)
        in_pieces(depth, [&](int64_t first, int64_t n) {
            for (int64_t i = first; i < first + n; ++i) to[r * to_row + i] = panel[i * width + r];
        });
}

template <class T>
void unpack_panels(const ConvSpec& spec, const PackedWeight<T>& packed, int64_t most, T* weight) {
    const int64_t depth = spec.depth(), rows = spec.k_per_group();
    const EvenSplit panels(rows, most);
    in_pieces(spec.groups * panels.count, 1, [&](int64_t i, int64_t) {
        const int64_t row = i / panels.count * rows + panels.start(i % panels.count);
        const int64_t size = panels.size(i % panels.count);
        unpack_rows(packed.data.data() + row * depth, size, depth, size, weight + row * depth, depth);
    });
}

template <class T>
void copy_weight(const T* weight, int64_t count, T* to) {
    in_pieces(count, [&](int64_t first, int64_t n) { std::copy_n(weight + first, n, to + first); });
}

}  // namespace convx
