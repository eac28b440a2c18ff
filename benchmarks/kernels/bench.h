// How fast a kernel works on what lies in L1, in L2 or beyond, and which share that is of what this core can do.
#pragma once
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <type_traits>
#include <vector>

#include "../../cpp/kernels/kernels.h"

namespace convx::kernel_bench {

inline double seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Seconds of one call, the best of many: others use the machine too.
template <class Run>
double best_time(const Run& run) {
    double best = std::numeric_limits<double>::infinity();
    int64_t calls = 1;
    run();
    for (const double end = seconds() + 0.03; seconds() < end;) {
        const double start = seconds();
        for (int64_t i = 0; i < calls; ++i) run();
        const double spent = seconds() - start;
        best = std::min(best, spent / static_cast<double>(calls));
        if (spent < 1e-3) calls *= 2;
    }
    return best;
}

// Where a working set lies, its bytes, and how many of them a copy reads and writes in a second.
struct Level {
    const char* name;
    int64_t bytes;
    double copied;
};

inline const std::vector<Level>& levels() {
    static const std::vector<Level> all = [] {
        const auto size = [](int name, int64_t otherwise) {
            const int64_t bytes = sysconf(name);
            return bytes > 0 ? bytes : otherwise;
        };
        const int64_t l1 = size(_SC_LEVEL1_DCACHE_SIZE, 32 << 10), l2 = size(_SC_LEVEL2_CACHE_SIZE, 512 << 10);
        const int64_t l3 = std::min<int64_t>(size(_SC_LEVEL3_CACHE_SIZE, 8 << 20), 32 << 20);
        std::vector<Level> found{{"L1", l1 / 2, 0}, {"L2", l2 / 2, 0}, {"beyond", std::max(4 * l2, 2 * l3), 0}};
        for (Level& level : found) {
            std::vector<char> from(static_cast<size_t>(level.bytes / 2), 1), to(from.size());
            const double time = best_time([&] {
                std::memcpy(to.data(), from.data(), from.size());
                __asm__ volatile("" ::"r"(to.data()) : "memory");
            });
            level.copied = static_cast<double>(level.bytes) / time;
        }
        return found;
    }();
    return all;
}

class Bench {
  public:
    Bench(const char* isa, const char* kernel, const char* type, double peak)
        : isa_(isa), kernel_(kernel), type_(type), peak_(peak) {}

    // `run` goes once through its working set and does so many floating-point operations, or moves so many bytes.
    void operations(const Level& level, double count, const std::function<void()>& run) const {
        const double rate = count / best_time(run);
        line(level.name, rate * 1e-9, "GFLOP/s", peak_ > 0 ? rate / peak_ : 0, "of the peak");
    }
    void bytes(const Level& level, double count, const std::function<void()>& run) const {
        const double rate = count / best_time(run);
        line(level.name, rate * 1e-9, "GB/s", rate / level.copied, "of a copy");
    }

  private:
    void line(const char* level, double rate, const char* unit, double share, const char* of) const {
        std::printf("%-20s %-10s %-17s %-7s %9.1f %-8s", kernel_, isa_, type_, level, rate, unit);
        if (share > 0) std::printf("%5.0f %% %s", 100 * share, of);
        std::puts("");
        std::fflush(stdout);
    }

    const char *const isa_, *const kernel_, *const type_;
    const double peak_;
};

// `count` ones on a cache line's boundary, with slack behind them.
template <class T>
class Array {
  public:
    explicit Array(int64_t count, T value = T(1)) : values_(static_cast<size_t>(count) + 512, value) {}
    operator T*() {
        const auto address = reinterpret_cast<uintptr_t>(values_.data());
        return values_.data() + (64 - address % 64) % 64 / sizeof(T);
    }

  private:
    std::vector<T> values_;
};

template <class T>
Epilogue<T> no_epilogue() {
    constexpr T infinity =
        std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
    return {nullptr, Activation::clamp, static_cast<T>(-infinity), infinity};
}

}  // namespace convx::kernel_bench
