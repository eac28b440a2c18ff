// Sums and extremes along rows, with the same bits for any number of threads.
#pragma once
#include <type_traits>

#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/workspace.h"

namespace convx::elementwise {

// How the blocks of a row are gone through: one after the other, or handed out.
struct Alone {
    template <class Body>
    void operator()(const Pieces& blocks, const Body& body) const {
        for (int64_t b = 0; b < blocks.count(); ++b) {
            if (b) checkpoint();
            body(blocks.at(b), b);
        }
    }
};
struct Together {
    int threads;
    template <class Body>
    void operator()(const Pieces& blocks, const Body& body) const {
        parallel_tasks(blocks.count(), threads, [&](int64_t b, int) { body(blocks.at(b), b); });
    }
};

inline Pieces blocks_of(int64_t length) { return {length, TASK_ELEMENTS}; }

// The sum of sum(first, count) over a row, in double. Doubles are added in short stretches first, as each addition
// rounds.
template <class T, class Each, class Sum>
double row_sum(int64_t length, double* partial, const Each& each, const Sum& sum) {
    constexpr int64_t STRETCH = std::is_same_v<T, float> ? TASK_ELEMENTS : 512;
    const Pieces blocks = blocks_of(length);
    each(blocks, [&](const Range& block, int64_t b) {
        partial[b] = 0;
        for (int64_t i = block.begin; i < block.end; i += STRETCH)
            partial[b] += sum(i, std::min(STRETCH, block.end - i));
    });
    double total = 0;
    for (int64_t b = 0; b < blocks.count(); ++b) total += partial[b];
    return total;
}

// The largest or the least of extreme(first, count) over a row; NaN where one of them is.
template <class Each, class Extreme>
double row_extreme(int64_t length, double* partial, const Each& each, bool largest, const Extreme& extreme) {
    const Pieces blocks = blocks_of(length);
    each(blocks, [&](const Range& block, int64_t b) { partial[b] = extreme(block.begin, block.size()); });
    double found = partial[0];
    for (int64_t b = 1; b < blocks.count() && found == found; ++b)
        if (partial[b] != partial[b] || (largest ? partial[b] > found : partial[b] < found)) found = partial[b];
    return found;
}

// Calls body(row, partial, each) for every row, with room for the partial sums of its blocks. Many rows are handed out
// whole, of few long ones their blocks.
template <class Body>
void for_rows(int64_t rows, int64_t length, int threads, const Body& body) {
    const int64_t blocks = blocks_of(length).count();
    const bool together = blocks > 1 && rows < 4 * threads;
    Workspace workspace(together ? 1 : threads);
    const Part<double> partial = workspace.own<double>(blocks);
    workspace.allocate();
    if (together) {
        for (int64_t row = 0; row < rows; ++row) body(row, workspace.at(partial), Together{threads});
        return;
    }
    parallel_pieces(worth_a_task(rows, 2 * length), threads, [&](const Range& some, int thread) {
        for (int64_t row = some.begin; row < some.end; ++row) body(row, workspace.at(partial, thread), Alone{});
    });
}

}  // namespace convx::elementwise
