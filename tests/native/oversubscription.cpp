// When a team steps back, by a clock of our own: calls of 200 us in one thread follow one another, and the second
// thread is late when the case says so.
#include "../../cpp/convx/runtime/oversubscription.h"

#include <cstdio>

#include "families.h"

namespace convx::native {
namespace {

using Guard = OversubscriptionGuard;
using Clock = Guard::Clock;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr microseconds ALONE{200};

struct Told {
    int64_t serial = 0, team = 0, held_up = 0;
};

// Calls for a while. late(time since the start, since the last team) is how late the second thread is.
template <class Late>
Told calls(Guard& guard, Clock::time_point& now, Clock::duration lasting, const Late& late) {
    Told told;
    const auto start = now;
    auto last_team = now;
    while (now - start < lasting) {
        if (guard.backs_off(now)) {
            now += ALONE;
            ++told.serial;
            continue;
        }
        const Clock::duration lateness = late(now - start, now - last_team);
        const Clock::duration took = lateness > Clock::duration{} ? ALONE + lateness : ALONE / 2;
        now += took;
        guard.observe(now, took, ALONE);
        last_team = now;
        ++told.team;
        told.held_up += lateness > Clock::duration{};
    }
    return told;
}

Clock::duration never(Clock::duration, Clock::duration) { return {}; }
// A scheduler gives either its slice in turn.
Clock::duration neighbour(Clock::duration time, Clock::duration) {
    constexpr Clock::duration SLICE = milliseconds(3);
    const Clock::duration within = time % (2 * SLICE);
    return within < SLICE ? SLICE - within : Clock::duration{};
}
// One that slept for more than a millisecond.
Clock::duration slow_to_wake(Clock::duration, Clock::duration rested) {
    return rested > milliseconds(1) ? milliseconds(2) : Clock::duration{};
}
// Four milliseconds in each fifty.
Clock::duration now_and_then(Clock::duration time, Clock::duration) {
    return time % milliseconds(50) < microseconds(100) ? milliseconds(4) : Clock::duration{};
}

bool expect(bool right, const char* what) {
    if (!right) std::printf("oversubscription: %s: WRONG\n", what);
    return right;
}

}  // namespace

bool check_oversubscription(const Plan&) {
    bool right = true;
    for (const auto start : {Clock::time_point(), Clock::time_point(std::chrono::hours(10000))}) {
        Guard guard;
        Clock::time_point now = start;
        right &= expect(calls(guard, now, milliseconds(500), never).serial == 0, "alone");
        right &= expect(calls(guard, now, milliseconds(500), now_and_then).serial == 0, "held up now and then");
        right &= expect(calls(guard, now, milliseconds(500), slow_to_wake).serial == 0, "slow to wake");

        // It stays: a call or two in 64 ms are late. It goes: the team is back within 64 ms, although it wakes slowly.
        const Told beside = calls(guard, now, milliseconds(2000), neighbour);
        right &= expect(beside.held_up <= 2 * 2000 / 64 + 4, "beside a neighbour");
        right &= expect(calls(guard, now, milliseconds(64), never).serial <= 64000 / ALONE.count(), "the end of it");
        right &= expect(calls(guard, now, milliseconds(500), slow_to_wake).serial == 0, "after a neighbour");

        // It is about to finish: short back-off.
        Guard shortly;
        const Told brief = calls(shortly, now, milliseconds(100), [](auto time, auto rested) {
            return time < milliseconds(12) ? neighbour(time, rested) : Clock::duration{};
        });
        right &= expect(brief.serial * ALONE <= milliseconds(40), "a brief neighbour");

        // Turns of 6 ms whose first call waits 5 ms for a thread that wakes up.
        Guard turns;
        int64_t late_turns = 0;
        for (int i = 0; i < 50; ++i, now += milliseconds(30))
            late_turns += calls(turns, now, milliseconds(11), [](auto time, auto) {
                              return time < microseconds(100) ? milliseconds(5) : milliseconds(0);
                          }).serial > 0;
        right &= expect(late_turns == 0, "turns that begin late");

        // A neighbour that burns a core half of the time costs no more than a fifth of what the team gains in the rest.
        Guard mixed;
        const auto busy = now;
        const Told half = calls(mixed, now, milliseconds(2000), [](auto time, auto rested) {
            return time % milliseconds(100) < milliseconds(50) ? neighbour(time, rested) : Clock::duration{};
        });
        right &= expect((half.serial + half.team) * ALONE >= (now - busy) * 13 / 10, "a neighbour that comes and goes");

        // Calls that are rare and whose team always wakes in vain: alone they are sooner done.
        Guard rare;
        int64_t serial = 0;
        for (int i = 0; i < 100; ++i) {
            now += milliseconds(5);
            if (rare.backs_off(now)) {
                ++serial;
            } else {
                now += milliseconds(2);
                rare.observe(now, milliseconds(2), ALONE);
            }
        }
        right &= expect(serial >= 50, "always in vain");
    }
    std::printf("oversubscription: %s\n", right ? "right" : "WRONG");
    return right;
}

}  // namespace convx::native
