#include "top.h"

#include <algorithm>

#include "../runtime/context.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/workspace.h"

namespace convx::elementwise {
namespace {

constexpr double WORK = 8;  // multiply-adds that take as long as an element

template <class T>
struct Entry {
    T value;
    int64_t index;
};

// Whether a comes before b.
template <class T, bool LARGEST>
bool before(const Entry<T>& a, const Entry<T>& b) {
    if (LARGEST ? a.value > b.value : a.value < b.value) return true;
    if (a.value == b.value) return a.index < b.index;
    const bool a_nan = a.value != a.value, b_nan = b.value != b.value;
    if (a_nan && b_nan) return a.index < b.index;
    return LARGEST ? a_nan : b_nan && !a_nan;
}

// The best so far are a heap whose first is the worst of them: most elements are compared with that one alone.
template <class T, bool LARGEST>
void of_row(const T* x, int64_t length, Entry<T>* best, int64_t k) {
    const auto order = before<T, LARGEST>;
    for (int64_t i = 0; i < k; ++i) best[i] = {x[i], i};
    std::make_heap(best, best + k, order);
    in_pieces(length - k, [&](int64_t first, int64_t count) {
        for (int64_t i = k + first; i < k + first + count; ++i) {
            if (LARGEST ? x[i] <= best->value : x[i] >= best->value) continue;
            const Entry<T> entry{x[i], i};
            if (!order(entry, *best)) continue;
            std::pop_heap(best, best + k, order);
            best[k - 1] = entry;
            std::push_heap(best, best + k, order);
        }
    });
    std::sort_heap(best, best + k, order);
}

}  // namespace

template <class T>
void top(const TopArrays<T>& a) {
    if (a.rows == 0 || a.k == 0) return;
    const Context context = decide(static_cast<double>(a.rows) * static_cast<double>(a.length) * WORK);
    Workspace workspace(context.threads);
    const auto best = workspace.own<Entry<T>>(a.k);
    workspace.allocate();
    parallel_pieces(worth_a_task(a.rows, a.length), context.threads, [&](const Range& some, int thread) {
        Entry<T>* const entries = workspace.at(best, thread);
        for (int64_t row = some.begin; row < some.end; ++row) {
            const T* const x = a.x + row * a.length;
            a.largest ? of_row<T, true>(x, a.length, entries, a.k) : of_row<T, false>(x, a.length, entries, a.k);
            for (int64_t i = 0; i < a.k; ++i) {
                a.value[row * a.k + i] = entries[i].value;
                a.index[row * a.k + i] = entries[i].index;
            }
        }
    });
}

#define CONVX_INSTANTIATE(T) template void top(const TopArrays<T>&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::elementwise
