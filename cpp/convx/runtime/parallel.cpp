#include "parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>

#include "interrupt.h"
#include "oversubscription.h"
#include "shares.h"
#include "threads.h"
#include "trace.h"

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace convx {
namespace {

using Clock = OversubscriptionGuard::Clock;

OversubscriptionGuard guard;

class TaskLoop {
  public:
    TaskLoop(int64_t tasks, int threads, TaskBody body) : shares_(tasks, threads), body_(body) {}

    // Thread 0 is the calling one. When its caller is to be asked, all threads go home, and come back after that.
    void run(int threads) {
        while (const int64_t left = shares_.left()) {
            leave_ = false;
            const int wanted = static_cast<int>(std::min<int64_t>(left, threads));
            if (wanted <= 1 || backs_off() || !run_team(wanted)) {
                work();
                if (failure_) std::rethrow_exception(failure_);
            }
            if (shares_.left()) Asked::current()->ask();
        }
    }

  private:
    static bool backs_off() {
        if (!guard.backs_off(Clock::now())) return false;
        trace::backed_off();
        return true;
    }

    // False where no second thread can be had.
    bool run_team(int wanted) {
#if defined(_OPENMP)
        Team team(wanted);
        if (team.size() < 2) return false;
        trace::worked(team.size());
        const int64_t tasks = shares_.left();
        helpers_ = home_ = 0;
        pace_ = UNKNOWN;
        const auto start = Clock::now();
#pragma omp parallel num_threads(team.size())
        {
            const InTeam in_team(failed_);
            if (const int thread = omp_get_thread_num()) {
                ++helpers_;
                if (this_core() == core_) leave_core();
                Stint stint;
                help(stint, thread);
                end(stint);
                ++home_;
            } else {
                team.entered();
                core_ = this_core();
                Stint stint;
                work(&stint);
                end(stint);
                wait(omp_get_num_threads() - 1);
            }
        }
        if (failure_) std::rethrow_exception(failure_);
        const Clock::duration pace = pace_;
        if (!leave_ && pace != UNKNOWN) {
            const auto end = Clock::now();
            guard.observe(end, end - start, pace * tasks);
        }
        return true;
#else
        static_cast<void>(wanted);
        return false;
#endif
    }

    // What a thread of a team does.
    struct Stint {
        const Clock::time_point start = Clock::now();
        int64_t tasks = 0;
    };

    // The calling thread's tasks, one by one, until none is left, the caller is to be asked, or one has failed.
    void work(Stint* in_team = nullptr) {
        guarded([&] {
            const Asked* const asked = Asked::current();
            for (int64_t t; !failed_.load(std::memory_order_relaxed) && (t = shares_.take(0)) >= 0;) {
                body_.call(body_.body, t, 0);
                if (in_team && ++in_team->tasks == 1 && !helpers_) std::this_thread::yield();  // one may need this core
                if (asked && (in_team ? asked->due() : asked->due_here()) && shares_.left()) {
                    leave_ = true;
                    return;
                }
            }
        });
    }

    void help(Stint& stint, int thread) {
        guarded([&] {
            for (int64_t t; !leave_ && !failed_ && (t = shares_.take(thread)) >= 0; ++stint.tasks)
                body_.call(body_.body, t, thread);
        });
    }

    void end(const Stint& stint) {
        if (stint.tasks == 0) return;
        const Clock::duration pace = (Clock::now() - stint.start) / stint.tasks;
        for (auto quickest = pace_.load(); pace < quickest && !pace_.compare_exchange_weak(quickest, pace);) continue;
    }

    // The region's own barrier would hear no signal, nor leave the core to a helper that shares it.
    void wait(int helpers) {
        constexpr Clock::duration SPIN = std::chrono::microseconds(20), AWAKE = std::chrono::milliseconds(2);
        const auto start = Clock::now();
        while (home_ < helpers) {
            const auto waited = Clock::now() - start;
            if (waited < SPIN) continue;
            std::this_thread::yield();
            if (waited < AWAKE) continue;
            std::this_thread::sleep_for(std::chrono::microseconds(50));
            guarded(checkpoint);
        }
    }

    // No exception leaves the parallel region: the first is kept and ends the work of all.
    template <class Body>
    void guarded(const Body& body) {
        try {
            body();
        } catch (...) {
            if (!failed_.exchange(true)) failure_ = std::current_exception();
        }
    }

    static constexpr Clock::duration UNKNOWN = Clock::duration::max();

    Shares shares_;
    const TaskBody body_;
    std::atomic<int> core_{-1};                   // of the calling thread
    std::atomic<int> helpers_{0}, home_{0};       // threads beside it that have come, that have nothing left to do
    std::atomic<Clock::duration> pace_{UNKNOWN};  // time a task, of the quickest thread
    std::atomic<bool> leave_{false}, failed_{false};
    std::exception_ptr failure_;
};

}  // namespace

void run_tasks(int64_t tasks, int threads, TaskBody body) { TaskLoop(tasks, threads, body).run(threads); }

}  // namespace convx
