#include "interrupt.h"

#include <time.h>

#include <chrono>
#include <utility>

namespace convx {
namespace {

constexpr int64_t INTERVAL = 30, GRACE = 200;  // milliseconds

// A clock of some milliseconds' resolution costs a quarter of an exact one.
int64_t now() {
#if defined(CLOCK_MONOTONIC_COARSE)
    timespec t;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return int64_t{t.tv_sec} * 1000 + t.tv_nsec / 1000000;
#else
    using std::chrono::steady_clock;
    return std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now().time_since_epoch()).count();
#endif
}

thread_local Asked* asked = nullptr;
thread_local const std::atomic<bool>* team_abandoned = nullptr;

}  // namespace

void checkpoint() {
    if (team_abandoned && team_abandoned->load(std::memory_order_relaxed)) throw Interrupted{};
    if (asked && asked->due_here()) asked->ask();
}

Asked::Asked(bool (*ask)(void*), void* whom)
    : ask_(ask), whom_(whom), outer_(asked), outer_team_(team_abandoned), next_(now() + INTERVAL) {
    asked = this;
    team_abandoned = nullptr;
}

Asked::~Asked() {
    asked = outer_;
    team_abandoned = outer_team_;
}

Asked* Asked::current() { return asked; }

bool Asked::due() const { return ask_ && now() >= next_; }
bool Asked::overdue() const { return ask_ && now() >= next_ + GRACE; }
bool Asked::due_here() const { return team_abandoned ? overdue() : due(); }

// Python runs meanwhile, which may come back to the core: there this call is not to be asked.
void Asked::ask() {
    const std::atomic<bool>* const team = std::exchange(team_abandoned, nullptr);
    asked = nullptr;
    const bool end = ask_(whom_);
    asked = this;
    team_abandoned = team;
    next_ = now() + INTERVAL;
    if (end) throw Interrupted{};
}

InTeam::InTeam(const std::atomic<bool>& abandoned) : outer_(team_abandoned) { team_abandoned = &abandoned; }
InTeam::~InTeam() { team_abandoned = outer_; }

}  // namespace convx
