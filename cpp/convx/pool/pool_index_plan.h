// How the rows of a call are laid out for the kernel that finds maxima and their indices, see pool_indices.cpp.
#pragma once
#include "../data/row_layout.h"
#include "pool_indices.h"

namespace convx::pool::indices {

constexpr int64_t CODES = LIMIT - 1;  // offsets within the part of a window taken at a time stay below

template <class W>
using Code = typename PoolArgmax<W>::Code;

// The kernels of elements that are first widened to W.
struct Conversion {
    void (*widen)(const Widening&);
    void (*truncate)(const Truncation&);
};

template <class W>
struct Tools : ArgmaxKernels<W> {
    const Conversion* conversion;  // null where the elements are W
    int64_t size;                  // bytes of an element
    W lowest;
};

// The rows under a window, laid out for the kernel.
struct RowSlots {
    PhaseAxis phases;  // of one row; where windows differ in width, an element of each is a phase
    int64_t elements;  // from slot to slot
    int64_t extent_h;  // rows of a plane from the first to the last under a window
    int64_t count;     // rows laid out at a time
    bool keeps;        // these are all rows of a window: those that the next one needs are there already
};

template <class W>
struct IndexPlan {
    const IndexCall& call;
    const Tools<W>& tools;
    const Axis& w;
    Pieces outputs;  // of a row, as taken at a time
    RowSlots slots;
    bool direct;              // rows may be read where they lie
    bool scalar;              // outputs are found one by one
    bool small;               // small windows are read where they lie, but for those at the ends of the array
    bool dead;                // some windows lie between the columns
    const char *begin, *end;  // of all that may be read

    IndexPlan(const IndexCall& c, const Tools<W>& t);
    int64_t taps() const { return w.kernel; }
    int64_t outputs_padded() const { return round_up(w.out, tools.lanes) + tools.lanes; }
    void fill_tables(int64_t* taps_at, int64_t* starts, Code<W>* codes, Code<W>* firsts) const;
};

}  // namespace convx::pool::indices
