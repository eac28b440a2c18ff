// What the estimates of several algorithms are made of.
#pragma once
#include <algorithm>
#include <cmath>

#include "../data/row_layout.h"
#include "../runtime/cache.h"
#include "../shape/integer_math.h"
#include "../shape/taps.h"
#include "cost.h"
#include "cost_slots.h"

namespace convx::cost {

inline double ceil_div(double a, double b) { return std::ceil(a / b); }

inline const Slots& slots(const Machine& m) { return slots_of(m.lanes * m.element); }

// Slots of one step of a tile: its multiply-adds, its loads (as many ports), or the latency of its accumulators.
inline double step(double rows, double vectors, const Machine& m) {
    return std::max({rows * vectors, rows + vectors, slots(m).latency});
}

inline double outputs(const ConvShape& s) { return number(s.n) * number(s.pixels()); }
inline double cached(int64_t bytes) { return number(bytes) / 2; }  // what stays beside the rest

// Rows of the input that some output reads.
inline double input_rows(const ConvShape& s) {
    const auto read = [](const Axis& a) { return number(std::min(SlotAxis(a, a.out).count, a.in)); };
    return number(s.n * s.c) * read(s.d) * read(s.h);
}

inline double input_bytes(const ConvShape& s, const Machine& m) { return input_rows(s) * number(s.w.in) * m.element; }

// An input from memory, or the more of it the more it fills the last-level cache beside the rest. Who reads a few
// pixels of all channels at a time reads from as many pages, which no prefetcher follows, and waits twice as long.
inline double remote(const ConvShape& s, const Machine& m) {
    const double bytes = input_bytes(s, m), beyond = bytes - number(caches().l3 / 4);
    return std::clamp(beyond, 0.0, number(caches().l3 / 4)) / number(caches().l3 / 4 + 1) * bytes *
           slots(m).remote_byte;
}

// Taps of an axis that meet the input, in the mean of all outputs; of long kernels, those of a sample.
inline double live(const Axis& a) {
    constexpr int64_t SAMPLE = 16;
    const int64_t step = ceil_div(a.kernel, SAMPLE);
    int64_t outputs = 0, taps = 0;
    for (int64_t t = 0; t < a.kernel; t += step, ++taps)
        outputs += Positions{t * a.dilation - a.lo, a.stride, a.out}.inside(a.in).size();
    return number(outputs) / number(a.out) * number(a.kernel) / number(taps);
}

}  // namespace convx::cost
