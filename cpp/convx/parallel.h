// Threads: how many, and the one parallel loop of the library.
#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace convx {

const char* openmp_version();   // "" when built without
int num_threads();              // of a call made now by this thread
void set_num_threads(int n);    // 0: as OpenMP says
int thread_setting();           // what set_num_threads was last told
int threads_for(double flops);  // 1 where waking a team costs more than it saves
int thread_index();             // within the parallel region below

// Where another process burns a core, a team waits for the thread that shares it, up to milliseconds a call. After such
// a call the next ones run serially: shortly, for the neighbour may be about to finish, or if it was not, ten times as
// long as was waited.
class Crowding {
  public:
    using Clock = std::chrono::steady_clock;
    static bool backs_off() { return Clock::now().time_since_epoch().count() < until_.load(std::memory_order_relaxed); }
    // start of the region, end of the calling thread's own work, end of the region
    static void observe(Clock::time_point start, Clock::time_point own, Clock::time_point end) {
        const Clock::duration worked = own - start, waited = end - own, rested = start - at(last_end_);
        last_end_.store(end.time_since_epoch().count(), std::memory_order_relaxed);
        // A team that was asleep wakes slowly, and must not be sent back to sleep for it.
        if (waited <= worked / 2 + HITCH || (rested > WAKE_UP && waited < WAKE_UP)) return;
        const bool again = start - at(until_) < RECENT;
        const Clock::duration pause = again ? std::clamp<Clock::duration>(10 * waited, LEAST, MOST) : LEAST;
        until_.store((end + pause).time_since_epoch().count(), std::memory_order_relaxed);
    }

  private:
    static constexpr Clock::duration HITCH = std::chrono::microseconds(50), WAKE_UP = std::chrono::milliseconds(1),
                                     LEAST = std::chrono::milliseconds(4), MOST = std::chrono::milliseconds(64),
                                     RECENT = std::chrono::milliseconds(200);
    static Clock::time_point at(const std::atomic<Clock::rep>& t) {
        return Clock::time_point(Clock::duration(t.load(std::memory_order_relaxed)));
    }
    static inline std::atomic<Clock::rep> last_end_{0}, until_{0};
};

// Set by the bindings: true when the caller asked to stop (Ctrl-C). Polled between tasks by the calling thread.
extern std::atomic<bool (*)()> interrupt_requested;
struct Interrupted {};

// Calls body(task, thread) for every task in [0, tasks), handed out one by one: whichever thread runs does the work.
// body must not throw. Throws Interrupted, after all threads have stopped, when the caller asked for it.
template <class Body>
void parallel_tasks(int64_t tasks, int threads, const Body& body) {
    std::atomic<int64_t> next{0};
    std::atomic<bool> stop{false};
    const auto work = [&](int thread) {
        for (int64_t t;
             !stop.load(std::memory_order_relaxed) && (t = next.fetch_add(1, std::memory_order_relaxed)) < tasks;) {
            body(t, thread);
            const auto poll = interrupt_requested.load(std::memory_order_relaxed);
            if (thread == 0 && poll && poll()) stop = true;
        }
    };
    const int team = static_cast<int>(std::min<int64_t>(tasks, threads));
    if (team <= 1 || Crowding::backs_off()) {
        work(0);
    } else {
#if defined(_OPENMP)
        const auto start = Crowding::Clock::now();
        auto own = start;
#pragma omp parallel num_threads(team)
        {
            const int thread = thread_index();
            work(thread);
            if (thread == 0) own = Crowding::Clock::now();
        }
        Crowding::observe(start, own, Crowding::Clock::now());
#endif
    }
    if (stop) throw Interrupted{};
}

}  // namespace convx
