#include "parallel.h"

#include <string>

#if defined(_OPENMP)
#include <omp.h>
#include <pthread.h>

extern "C" int kmp_get_blocktime() __attribute__((weak));  // LLVM's and Intel's OpenMP have it
#endif

#define CONVX_TEXT_(x) #x
#define CONVX_TEXT(x) CONVX_TEXT_(x)

namespace convx {

std::atomic<bool (*)()> interrupt_requested{nullptr};

int threads_for(double flops) { return flops < 1e6 ? 1 : num_threads(); }

#if defined(_OPENMP)

namespace {

std::atomic<int> requested{0};  // 0: as OpenMP says

// A child of fork() inherits libgomp's list of threads but not the threads, and would wait for them forever: let them
// go first. LLVM's and Intel's runtimes, linked or preloaded, see to forks themselves; they hold their locks meanwhile,
// so that a call of them would wait for ever.
const int initial_threads = [] {
    if (!kmp_get_blocktime) pthread_atfork([] { omp_pause_resource_all(omp_pause_hard); }, nullptr, nullptr);
    return omp_get_max_threads();
}();

}  // namespace

const char* openmp_version() { return CONVX_TEXT(_OPENMP); }

int thread_index() { return omp_get_thread_num(); }

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

const char* openmp_version() { return ""; }
int num_threads() { return 1; }
void set_num_threads(int) {}
int thread_setting() { return 0; }
int thread_index() { return 0; }

#endif

}  // namespace convx
