// Reductions of any size, in pieces between which Ctrl-C is heard.
#pragma once
#include <algorithm>

#include "../../kernels/kernels.h"
#include "../runtime/interrupt.h"

namespace convx::pool {

// What `op` would do. Many terms are reduced some at a time, by the size of the reduction alone: `join` reduces what
// `op` has made of each part.
template <class T>
void reduce_in_pieces(const Reduce<T>& all, void (*op)(const Reduce<T>&), void (*join)(const Reduce<T>&)) {
    constexpr int64_t PIECE = 1 << 22, COLUMNS = 1024;
    if (all.count <= PIECE && all.terms <= PIECE && all.count * all.terms <= PIECE) return op(all);
    if (all.terms <= PIECE / std::min(all.count, COLUMNS)) {
        in_pieces(all.count, std::max(PIECE / all.terms, COLUMNS),
                  [&](int64_t i, int64_t n) { op({all.src + i, all.dst + i, all.offset, all.terms, n}); });
        return;
    }
    alignas(64) T parts[2 * COLUMNS];
    constexpr int64_t two[] = {0, COLUMNS};
    in_pieces(all.count, COLUMNS, [&](int64_t i, int64_t n) {
        in_pieces(all.terms, PIECE / COLUMNS, [&](int64_t first, int64_t terms) {
            T* const to = first ? parts + COLUMNS : all.dst + i;
            op({all.src + i, to, all.offset + first, terms, n});
            if (!first) return;
            std::copy_n(all.dst + i, n, parts);
            join({parts, all.dst + i, two, 2, n});
        });
    });
}

}  // namespace convx::pool
