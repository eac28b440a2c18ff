// How the sums of an image's filter are made: in which floating point, and whether some have to be added up again.
#pragma once
#include <cstdint>

#include "filter_tile.h"
#include "image_filter.h"

namespace convx {

struct SumPlan {
    bool wide;         // in double
    bool settles;      // what lies near a tie is added up again
    bool small;        // no sum exceeds 2**31
    double tolerance;  // of the sums that are settled
    int64_t part;      // so many taps are summed by themselves before they are added to others
};

SumPlan plan_sums(const ImageFilter& f, const FilterTile& tile);

// The terms of the sums of one output channel, in their order, from the offsets of its taps in the input. Returns their
// number, at most depth().
int64_t list_terms(const ImageFilter& f, const int64_t* taps, const double* w, SettleTerm* terms);

}  // namespace convx
