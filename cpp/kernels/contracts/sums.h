// Sums over many elements.
#pragma once
#include <stdint.h>

namespace convx {

// out[k*out_row + j] = (first ? 0 : itself) + sum_{i < count} g[k*g_channel + i] * x[tap[j] + i], k < rows, j < taps.
// Lanes are the terms of the sum. g and x are readable up to the next multiple of lanes; what lies there is ignored.
template <class T>
struct RowDots {
    const T* g;
    const T* x;
    T* out;
    const int64_t* tap;
    int64_t count, g_channel, out_row, rows, taps;
    bool first;
};

// all_finite: neither NaN nor infinity among x[i], i < count. sum: their sum, added in double; sum_sizes: that of
// |x[i]|. largest, smallest: of them, NaN where one is, count >= 1.
template <class T>
struct Elements {
    const T* x;
    int64_t count;
};

// The sum of (x[i] - mean)^2, i < count, in double.
template <class T>
struct Deviations {
    const T* x;
    int64_t count;
    double mean;
};

// rounds * mr * nr multiply-adds on registers alone; returns how many operations that is, twice as many. What depends
// on all of them is left in sink.
template <class T>
struct Burst {
    int64_t rounds;
    T* sink;
};

}  // namespace convx
