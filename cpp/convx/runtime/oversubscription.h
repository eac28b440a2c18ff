// Where another process burns a core, a team waits for the thread that shares it, up to milliseconds a call. After such
// a call the next ones run serially: shortly, for the neighbour may be about to finish, or if it was not, ten times as
// long as was waited.
#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>

namespace convx {

class OversubscriptionGuard {
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

}  // namespace convx
