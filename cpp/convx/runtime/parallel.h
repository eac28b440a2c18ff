// The one parallel loop of the library.
#pragma once
#include <cstdint>

#include "../shape/range.h"

namespace convx {

// One task: body(task, thread).
struct TaskBody {
    void (*call)(const void* body, int64_t task, int thread);
    const void* body;
};
void run_tasks(int64_t tasks, int threads, TaskBody body);

// Calls body(task, thread) for every task in [0, tasks), handed out one by one: whichever thread runs does the work.
// thread < threads; fewer run where no more can be had. What body throws comes out here, once all threads have stopped,
// and so does Interrupted. A body that may last longer than some milliseconds calls checkpoint().
template <class Body>
void parallel_tasks(int64_t tasks, int threads, const Body& body) {
    const auto call = [](const void* b, int64_t task, int thread) { (*static_cast<const Body*>(b))(task, thread); };
    run_tasks(tasks, threads, {call, &body});
}

// The same for the pieces of a range, each a task: body(range, thread).
template <class Body>
void parallel_pieces(const Pieces& pieces, int threads, const Body& body) {
    parallel_tasks(pieces.count(), threads, [&](int64_t i, int thread) { body(pieces.at(i), thread); });
}

constexpr int64_t TASK_ELEMENTS = 16384;  // read or written by a task of simple work: about 5 us

// Items of so many elements each, as many to a piece as are worth handing out.
inline Pieces worth_a_task(int64_t items, int64_t elements) {
    return {items, std::clamp<int64_t>(TASK_ELEMENTS / std::max<int64_t>(elements, 1), 1, std::max<int64_t>(items, 1))};
}

}  // namespace convx
