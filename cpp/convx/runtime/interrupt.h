// Ctrl-C: how work that lasts learns that it is to end. Whoever works for long asks between pieces of some
// milliseconds.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstdint>

namespace convx {

struct Interrupted {};

// Throws Interrupted where the call is to end: on the calling thread when its caller says so, on the others of its team
// when that has happened. Costs a look at the clock.
void checkpoint();

constexpr int64_t CHECKED_STEPS = 1 << 20;  // of a few nanoseconds or less each, between two checkpoints

// Counts such steps.
class Pace {
  public:
    void step(int64_t n = 1) {
        if ((steps_ += n) < CHECKED_STEPS) return;
        steps_ = 0;
        checkpoint();
    }

  private:
    int64_t steps_ = 0;
};

// Calls body(first, n) for all of [0, count) in pieces of at most `piece`.
template <class Body>
void in_pieces(int64_t count, int64_t piece, const Body& body) {
    for (int64_t i = 0; i < count; i += piece) {
        if (i) checkpoint();
        body(i, std::min(piece, count - i));
    }
}

// The same for elements that are a step each.
template <class Body>
void in_pieces(int64_t count, const Body& body) {
    in_pieces(count, CHECKED_STEPS, body);
}

// Whom a call asks, for as long as this lives on the stack of the calling thread. A call made meanwhile, by a signal
// handler, has its own.
class Asked {
  public:
    // ask(whom) says whether to end the call; it may run any code. Null: never ended.
    Asked(bool (*ask)(void*), void* whom);
    ~Asked();
    Asked(const Asked&) = delete;
    Asked& operator=(const Asked&) = delete;

    static Asked* current();  // of this thread, or null
    bool due() const;
    bool overdue() const;  // even in a team
    bool due_here() const;
    void ask();  // throws Interrupted

  private:
    bool (*const ask_)(void*);
    void* const whom_;
    Asked* const outer_;
    const std::atomic<bool>* const outer_team_;
    int64_t next_;  // in milliseconds of a clock of its own
};

// While it lives this thread works in a team, until `abandoned`. There the caller is asked a little later: between
// tasks the team is sent home first, for what a signal handler does - fork, another call - is better done outside.
class InTeam {
  public:
    explicit InTeam(const std::atomic<bool>& abandoned);
    ~InTeam();
    InTeam(const InTeam&) = delete;
    InTeam& operator=(const InTeam&) = delete;

  private:
    const std::atomic<bool>* const outer_;
};

}  // namespace convx
