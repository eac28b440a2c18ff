// The algorithms of pooling that pool.cpp chooses from, and what they share.
#pragma once
#include <limits>

#include "../runtime/algorithm_table.h"
#include "../runtime/parallel.h"
#include "pool.h"

namespace convx::pool {

// A pooling, and what it is computed with.
template <class T>
struct PoolCall : Pooling<T> {
    const Kernels<T>& kernels;
    int threads;
};

// Elements under a row of windows: a kernel takes them at once, and Ctrl-C waits for it.
constexpr int64_t MOST_UNDER_WINDOWS = 1 << 28;

// What stands for padding.
template <class T>
constexpr T neutral(Kind kind) {
    using Limits = std::numeric_limits<T>;
    if (kind == Kind::max) return Limits::has_infinity ? -Limits::infinity() : Limits::min();
    if (kind == Kind::min) return Limits::has_infinity ? Limits::infinity() : Limits::max();
    return 0;
}

// Elements that an average over output o of one axis counts.
int64_t counted(const Axis& a, int64_t o, bool include_pad);

// The divisor of the only window of each map, in which three vast axes may count more than int64 holds.
template <class T>
T lone_divisor(const PoolSpec& spec, const PoolShape& s) {
    if (spec.divisor) return static_cast<T>(*spec.divisor);
    double count = 1;
    for (const Axis* a : {&s.d, &s.h, &s.w}) count *= static_cast<double>(counted(*a, 0, spec.count_include_pad));
    return static_cast<T>(count);
}

// The axis without the taps that never meet the input, so that a vast window over a small input costs nothing.
Axis trimmed(Axis a);

template <class T>
struct Algorithm : AlgorithmRow<PoolCall<T>> {
    double cost = 0;  // of an input element, compared with others that take the same calls
    void (*run)(const PoolCall<T>&) = nullptr;
};

namespace images {  // one output for each image: all of it is under the window
template <class T>
Algorithm<T> row();
}
namespace volumes {  // windows that overlap along depth
template <class T>
Algorithm<T> row();
}
namespace strips {  // rows of unit stride, windows at stride 1 or small ones at stride 2
template <class T>
Algorithm<T> row();
}
namespace general {  // everything, and all types
template <class T>
Algorithm<T> row();
}

}  // namespace convx::pool
