// Where another process burns a core, a team waits for the thread that shares it, up to milliseconds a call. So an
// account is kept: half of what a team gains over its quickest thread alone, up to FULL, it may lose again to a thread
// that wakes late or to whatever the system runs for a moment. Once it has lost more, calls run serially for a pause,
// after which a team is tried again on the credit of TRIAL. Each trial that soon fails doubles the pause, and a full
// account ends that: a neighbour that stays costs little, and one that comes and goes, as threads of another library
// that spin for a while after each call, does not keep a team from what it gains in between. A team that rested may
// wake up late, which says little about a neighbour: it loses TRIAL at most.
#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>

namespace convx {

class OversubscriptionGuard {
  public:
    using Clock = std::chrono::steady_clock;

    bool backs_off(Clock::time_point now) {
        if (now.time_since_epoch().count() >= get(until_)) return false;
        set(last_, now.time_since_epoch().count());
        return true;
    }

    // A team's call: when it ended, how long it took, how long its quickest thread alone would have taken.
    void observe(Clock::time_point end, Clock::duration took, Clock::duration alone) {
        const bool rested = (end - took).time_since_epoch().count() - get(last_) > REST.count();
        set(last_, end.time_since_epoch().count());
        Clock::duration gain = alone - took;
        if (took < alone) gain /= 2;  // threads share more than cores
        if (rested) gain = std::max(gain, -TRIAL);
        const Clock::rep credit = get(credit_) + std::min(gain, FULL).count();
        if (credit >= FULL.count()) set(pause_, LEAST.count());
        set(credit_, credit < 0 ? TRIAL.count() : std::min(credit, FULL.count()));
        if (credit >= 0) return;
        const bool lasted = end.time_since_epoch().count() - get(until_) >= get(pause_);
        const Clock::rep pause = lasted ? LEAST.count() : get(pause_);
        set(until_, end.time_since_epoch().count() + pause);
        set(pause_, std::min(2 * pause, MOST.count()));
    }

  private:
    using Time = std::atomic<Clock::rep>;  // several threads may call at once: what one of them overwrites is no matter
    static constexpr Clock::duration FULL = std::chrono::milliseconds(6), TRIAL = std::chrono::milliseconds(2),
                                     LEAST = std::chrono::milliseconds(8), REST = std::chrono::milliseconds(10),
                                     MOST = std::chrono::milliseconds(64);

    static Clock::rep get(const Time& time) { return time.load(std::memory_order_relaxed); }
    static void set(Time& time, Clock::rep to) { time.store(to, std::memory_order_relaxed); }

    Time credit_{FULL.count()}, pause_{LEAST.count()}, until_{0};
    Time last_{0};  // when there was a call
};

}  // namespace convx
