// What the gradients of pooling share: planes of the input, each the work of one thread.
#pragma once
#include <algorithm>

#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../shape/integer_math.h"
#include "pool_paths.h"

namespace convx::pool {

inline int64_t plane_in(const PoolShape& s) { return s.d.in * s.h.in * s.w.in; }
inline int64_t plane_out(const PoolShape& s) { return s.d.out * s.h.out * s.w.out; }

// Calls body(item, thread) for every item, so many to a task that it is worth handing out.
template <class Body>
void for_each_item(int64_t items, int64_t elements, int threads, const Body& body) {
    parallel_pieces(worth_a_task(items, elements), threads, [&](const Range& some, int thread) {
        for (int64_t i = some.begin; i < some.end; ++i) body(i, thread);
    });
}

template <class T>
void fill(T* x, int64_t count, T value) {
    in_pieces(count, [&](int64_t first, int64_t n) { std::fill_n(x + first, n, value); });
}

}  // namespace convx::pool
