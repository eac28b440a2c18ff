// Where another process burns a core, a team waits for the thread that shares it, up to milliseconds a call. A call is
// held up if its quickest thread alone would have been done sooner. Once in a while that happens to every team: a
// thread that slept wakes late, or the system runs something for a moment. Where it happens twice in short time, the
// next calls run serially: shortly, for the neighbour may be about to finish, or if it was not, twenty times as long as
// was waited.
#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>

namespace convx {

class OversubscriptionGuard {
  public:
    using Clock = std::chrono::steady_clock;

    bool backs_off(Clock::time_point now) const { return now < at(until_); }

    // A team's call: when it ended, how long it took, how long its quickest thread alone would have taken.
    void observe(Clock::time_point end, Clock::duration took, Clock::duration alone) {
        if (took <= alone + HITCH) return;
        const Clock::time_point start = end - took;
        const bool twice = start - at(held_up_) < SHORT_TIME;
        set(held_up_, end);
        if (!twice) return;
        const bool again = start - at(until_) < RECENT;
        set(until_, end + (again ? std::clamp<Clock::duration>(20 * (took - alone), LEAST, MOST) : LEAST));
    }

  private:
    static constexpr Clock::duration HITCH = std::chrono::microseconds(50), SHORT_TIME = std::chrono::milliseconds(20),
                                     LEAST = std::chrono::milliseconds(4), MOST = std::chrono::milliseconds(64),
                                     RECENT = std::chrono::milliseconds(200);
    using Time = std::atomic<Clock::rep>;  // several threads may call at once
    static constexpr Clock::rep LONG_AGO = std::numeric_limits<Clock::rep>::min() / 2;

    static Clock::time_point at(const Time& time) {
        return Clock::time_point(Clock::duration(time.load(std::memory_order_relaxed)));
    }
    static void set(Time& time, Clock::time_point to) {
        time.store(to.time_since_epoch().count(), std::memory_order_relaxed);
    }

    Time held_up_{LONG_AGO}, until_{LONG_AGO};
};

}  // namespace convx
