// How the sums along one axis are made.
#pragma once
#include <cstdint>

#include "../../kernels/contracts/filter.h"
#include "separable.h"

namespace convx::filter {

enum class Way {
    sums,     // products in the type of the sums, which are not cut off or exact
    settled,  // the same; what lies too near to a whole number is summed exactly
    exactly,  // in double, in SciPy's order
    box,      // of equal weights, by a few additions each
};

constexpr int64_t LONG_BOX = 9;  // taps from which additions cost less than products

struct Stage {
    Way way = Way::sums;
    bool wide = false;  // sums are in double
    double weight = 1;  // of a box
    double within = 0;  // of a whole number
    TermOrder order = TermOrder::last_first;
};

// largest: magnitude of what is summed. cut: sums are kept as integers. wide: they are in double.
Stage stage_of(const Line& line, double largest, bool integers, bool cut, bool wide);

// Whether no sum of numbers from 0 to `largest` is negative or beyond what `out` holds.
bool sums_fit(const Line& line, double largest, const PixelType& out);

}  // namespace convx::filter
