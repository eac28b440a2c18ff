// The one parallel loop of the library.
#pragma once
#include <cstdint>

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

}  // namespace convx
