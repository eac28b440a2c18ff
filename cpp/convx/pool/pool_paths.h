// The ways of pooling that pool.cpp chooses from, and what they share.
#pragma once
#include <limits>

#include "../parallel.h"
#include "pool.h"

namespace convx::pool {

// What stands for padding under a maximum.
template <class T>
constexpr T lowest() {
    return std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::min();
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

namespace images {  // one output for each image: all of it is under the window
template <class T>
bool supports(const PoolCall<T>& call);
template <class T>
void run(const PoolCall<T>& call);
}  // namespace images

namespace strips {  // rows of unit stride, windows at stride 1 or small ones at stride 2
template <class T>
bool supports(const PoolCall<T>& call);
template <class T>
void run(const PoolCall<T>& call);
}  // namespace strips

namespace general {  // everything
template <class T>
void run(const PoolCall<T>& call);
}  // namespace general

}  // namespace convx::pool
