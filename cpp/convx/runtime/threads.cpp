#include "threads.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif
#if defined(_OPENMP)
#include <omp.h>
#include <pthread.h>
#include <strings.h>

extern "C" int kmp_get_blocktime() __attribute__((weak));  // LLVM's and Intel's OpenMP have it
#endif

#define CONVX_TEXT_(x) #x
#define CONVX_TEXT(x) CONVX_TEXT_(x)

namespace convx {

#if defined(__linux__)
int this_core() { return sched_getcpu(); }

void leave_core() {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed)) return;
    cpu_set_t others = allowed;
    CPU_CLR(static_cast<size_t>(this_core()), &others);
    if (CPU_COUNT(&others) == 0 || sched_setaffinity(0, sizeof others, &others)) return;
    sched_setaffinity(0, sizeof allowed, &allowed);
}
#else
int this_core() { return -1; }
void leave_core() {}
#endif

#if defined(_OPENMP)

namespace {

std::atomic<int> requested{0};  // 0: as OpenMP says

thread_local int raised = 1;  // size of this thread's last team, whose threads libgomp keeps for the next one
std::atomic<bool> someone_grows{false};

// LLVM's runtime sees to forks itself, unless it is told not to; scikit-learn tells it.
bool kmp_ignores_forks() {
    const char* const value = kmp_get_blocktime ? std::getenv("KMP_INIT_AT_FORK") : nullptr;
    for (const char* no : {"0", "f", ".f", "n", "of", "d"})  // what it takes for false begins so
        if (value && strncasecmp(value, no, std::strlen(no)) == 0) return true;
    return false;
}

bool team_is_lost = false;  // in a child whose runtime believes in the parent's threads

// A child of fork() inherits libgomp's list of threads but not the threads, and would wait for them forever: let them
// go first. LLVM's runtime holds what a pause waits for while its own handler runs; where it has none, the child
// computes alone. Nor does the child inherit the thread that may just be raising a team.
const int initial_threads = [] {
    static const bool ignores_forks = kmp_ignores_forks();
    const auto before = [] {
        if (!kmp_get_blocktime) omp_pause_resource_all(omp_pause_hard);
        raised = 1;
    };
    const auto in_child = [] {
        someone_grows = false;
        team_is_lost = ignores_forks;
    };
    pthread_atfork(before, nullptr, in_child);
    return omp_get_max_threads();
}();

// Bytes of the stacks that libgomp gives its threads, by the variables that it reads; 0: as the system says.
size_t stack_bytes() {
    for (const char* name : {"OMP_STACKSIZE", "GOMP_STACKSIZE"}) {
        const char* const value = std::getenv(name);
        if (!value) continue;
        char* unit = nullptr;
        const unsigned long long n = std::strtoull(value, &unit, 10);
        while (*unit == ' ') ++unit;
        const char u = *unit | 0x20;  // lower case; kilobytes where there is none
        const int shift = u == 'b' ? 0 : u == 'm' ? 20 : u == 'g' ? 30 : 10;
        if (unit != value && n < (1ull << 30)) return static_cast<size_t>(n << shift);
    }
    return 0;
}

// LLVM's runtime adds some to each stack, and glibc keeps none that is too small.
void enlarge(pthread_attr_t& attributes) {
    size_t stack = 0;
    pthread_attr_getstacksize(&attributes, &stack);
    pthread_attr_setstacksize(&attributes, stack + (256 << 10));
}

// How many of `wanted` threads start, all of them alive at the same time. They do nothing but wait for each other.
int started(int wanted) {
    static const size_t stack = stack_bytes();
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    if (stack) pthread_attr_setstacksize(&attributes, stack);
    if (kmp_get_blocktime) enlarge(attributes);
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    const auto pass = [](void* g) -> void* {
        pthread_mutex_lock(static_cast<pthread_mutex_t*>(g));
        pthread_mutex_unlock(static_cast<pthread_mutex_t*>(g));
        return nullptr;
    };
    std::vector<pthread_t> threads(static_cast<size_t>(wanted));
    int count = 0;
    pthread_mutex_lock(&gate);
    while (count < wanted && pthread_create(&threads[static_cast<size_t>(count)], &attributes, pass, &gate) == 0)
        ++count;
    pthread_mutex_unlock(&gate);
    for (int i = 0; i < count; ++i) pthread_join(threads[static_cast<size_t>(i)], nullptr);
    pthread_attr_destroy(&attributes);
    return count;
}

// Where threads cannot start, what was found to be possible holds for a while: starting threads for nothing costs more
// than it could bring, and scratch for them would take what is left.
using Clock = std::chrono::steady_clock;
std::atomic<Clock::rep> short_until{0};
std::atomic<int> most{0};  // until then

bool is_short() {
    const Clock::rep until = short_until.load(std::memory_order_relaxed);
    return until && Clock::now().time_since_epoch().count() < until;
}

// The largest team up to `wanted` that can be raised from one of `raised`.
int raisable(int wanted) {
    constexpr auto PAUSE = std::chrono::seconds(1);
    constexpr int SPARE = 2;  // for scratch, and what libgomp needs beside the stacks
    if (is_short()) return raised;
    const int count = started(wanted - raised + SPARE);
    if (count == wanted - raised + SPARE) return wanted;
    most = raised + std::max(count - SPARE, 0);
    short_until = (Clock::now() + PAUSE).time_since_epoch().count();
    return most;
}

}  // namespace

int threads_for(double flops) {
    if (flops < 1e6) return 1;
    return is_short() ? std::min(num_threads(), most.load(std::memory_order_relaxed)) : num_threads();
}

Team::Team(int wanted) : size_(wanted) {
    if (omp_in_parallel() || team_is_lost) size_ = 1;
    if (size_ <= raised) return;
    while (someone_grows.exchange(true)) std::this_thread::yield();
    growing_ = true;
    size_ = raisable(wanted);
}

void Team::entered() {
    raised = omp_get_num_threads();
    let_others();
}

void Team::let_others() {
    if (growing_) someone_grows = false;
    growing_ = false;
}

const char* openmp_version() { return CONVX_TEXT(_OPENMP); }

// A limit that somebody lowered for this thread (threadpoolctl, omp_set_num_threads) holds for our own setting too.
int num_threads() {
    const int limit = omp_get_max_threads();
    const int own = requested.load(std::memory_order_relaxed);
    if (own == 0) return limit;
    return limit < initial_threads ? std::min(own, limit) : own;
}

void set_num_threads(int n) { requested = n; }
int thread_setting() { return requested; }

#else

Team::Team(int) : size_(1) {}
void Team::entered() {}
void Team::let_others() {}

const char* openmp_version() { return ""; }
int threads_for(double) { return 1; }
int num_threads() { return 1; }
void set_num_threads(int) {}
int thread_setting() { return 0; }

#endif

}  // namespace convx
