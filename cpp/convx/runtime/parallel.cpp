#include "parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>

#include "interrupt.h"
#include "oversubscription.h"
#include "threads.h"
#include "trace.h"

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace convx {
namespace {

using Clock = std::chrono::steady_clock;

class TaskLoop {
  public:
    TaskLoop(int64_t tasks, TaskBody body) : tasks_(tasks), body_(body) {}

    // Thread 0 is the calling one. When its caller is to be asked, all threads go home, and come back after that.
    void run(int threads) {
        while (!done()) {
            leave_ = false;
            const int wanted = static_cast<int>(std::min<int64_t>(tasks_ - next_.load(), threads));
            if (wanted <= 1 || backs_off() || !run_team(wanted)) {
                work();
                if (failure_) std::rethrow_exception(failure_);
            }
            if (!done()) Asked::current()->ask();
        }
    }

  private:
    bool done() const { return next_.load(std::memory_order_relaxed) >= tasks_; }

    static bool backs_off() {
        if (!OversubscriptionGuard::backs_off()) return false;
        trace::backed_off();
        return true;
    }

    // False where no second thread can be had.
    bool run_team(int wanted) {
#if defined(_OPENMP)
        Team team(wanted);
        if (team.size() < 2) return false;
        trace::worked(team.size());
        const auto start = Clock::now();
        auto own = start;
#pragma omp parallel num_threads(team.size())
        {
            const InTeam in_team(failed_);
            if (const int thread = omp_get_thread_num()) {
                help(thread);
            } else {
                team.entered();
                work();
                own = Clock::now();
                wait();
            }
        }
        if (failure_) std::rethrow_exception(failure_);
        if (!leave_) OversubscriptionGuard::observe(start, own, Clock::now());
        return true;
#else
        static_cast<void>(wanted);
        return false;
#endif
    }

    // Tasks one by one, until none is left, the caller is to be asked, or one has failed.
    void work() {
        guarded([&] {
            const Asked* const asked = Asked::current();
            for (int64_t t; !failed_.load(std::memory_order_relaxed) && (t = next_.fetch_add(1)) < tasks_;) {
                body_.call(body_.body, t, 0);
                if (asked && t + 1 < tasks_ && asked->due()) {
                    leave_ = true;
                    return;
                }
            }
        });
    }

    void help(int thread) {
        ++helpers_;
        guarded([&] {
            for (int64_t t; !leave_ && !failed_ && (t = next_.fetch_add(1)) < tasks_;)
                body_.call(body_.body, t, thread);
        });
        --helpers_;
    }

    // The region's own barrier would hear no signal.
    void wait() {
        constexpr auto AWAKE = std::chrono::milliseconds(2);
        const auto start = Clock::now();
        while (helpers_) {
            std::this_thread::yield();
            if (Clock::now() - start < AWAKE) continue;
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

    const int64_t tasks_;
    const TaskBody body_;
    std::atomic<int64_t> next_{0};
    std::atomic<int> helpers_{0};  // beside thread 0, at work
    std::atomic<bool> leave_{false}, failed_{false};
    std::exception_ptr failure_;
};

}  // namespace

void run_tasks(int64_t tasks, int threads, TaskBody body) { TaskLoop(tasks, body).run(threads); }

}  // namespace convx
