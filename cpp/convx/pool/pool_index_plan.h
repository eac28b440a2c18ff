// How the rows of a call are laid out for the kernel that finds maxima and their indices, see pool_indices.cpp.
#pragma once
#include <algorithm>

#include "../integer_math.h"
#include "../row_layout.h"
#include "pool_indices.h"

namespace convx::pool::indices {

constexpr int64_t PIECE = 1024;           // outputs of a longer row taken at a time
constexpr int64_t ROW_BYTES = 16 * 1024;  // of rows laid out, where that is enough for one
constexpr int64_t MOST_ROWS = 1024;       // under a window taken at a time
constexpr int64_t MOST_TAPS = 1 << 20;    // of one row taken at a time
constexpr int64_t CODES = LIMIT - 1;      // offsets within such a part of a window stay below

template <class W>
using Code = typename PoolArgmax<W>::Code;

// What the kernels of W are, whichever table they stand in.
template <class W>
struct Tools {
    int64_t lanes;
    void (*copy_rows)(const RowCopy<W>&);
    void (*split_rows)(const RowSplit<W>&);
    void (*pool_argmax)(const PoolArgmax<W>&);
    void (*pool_argmax_row)(const PoolArgmaxRow<W>&);
    const Conversion* conversion;  // of the elements to W; null where they are W
    int64_t size;                  // bytes of an element
    W lowest;
};

template <class W>
struct Plan {
    const IndexCall& call;
    const Tools<W>& tools;
    const Axis& w;
    int64_t piece, pieces;
    PhaseAxis phases;
    int64_t taps, slot_elements;
    int64_t extent_h;         // rows from the first to the last under a window
    int64_t slots;            // rows laid out at a time
    bool keeps;               // slots hold all rows of a window: those that the next one needs are there already
    bool direct;              // rows may be read where they lie
    bool scalar;              // outputs are found one by one
    bool dead;                // some windows lie between the columns
    bool small;               // small windows are read where they lie, but for those at the ends of the array
    const char *begin, *end;  // of all that may be read

    Plan(const IndexCall& c, const Tools<W>& t)
        : call(c),
          tools(t),
          w(c.w.axis),
          piece(std::min(w.out, PIECE)),
          pieces(ceil_div(w.out, piece)),
          phases(c.w.sliding && w.kernel ? w : Axis{1, piece, 1, 1, 1, 0, 0}, piece),
          taps(w.kernel) {
        if (!c.w.sliding) phases.phases = taps;
        slot_elements = round_up(phases.elements() + t.lanes, t.lanes);
        // Where all windows lie in the padding, none has an element.
        const auto extent = [](const AxisWindows& a) { return a.most() ? (a.most() - 1) * a.step() + 1 : 0; };
        extent_h = extent(c.h);
        const int64_t fit =
            std::clamp<int64_t>(ROW_BYTES / static_cast<int64_t>(sizeof(W)) / slot_elements, 1, MOST_ROWS);
        const int64_t window = extent_h > fit ? fit + 1 : extent_h * std::min(extent(c.d), fit + 1);
        keeps = window <= fit;
        slots = keeps ? window : std::min(fit, c.d.most() * c.h.most());
        direct = c.w.sliding && !phases.per_tap && !t.conversion && w.stride == 1 &&
                 c.x.w == static_cast<int64_t>(sizeof(W)) && w.lo <= 0 && w.out - 1 - w.lo + w.extent() <= w.in;
        scalar = !t.conversion && 4 * w.out <= t.lanes;
        dead = std::any_of(c.w.runs.begin(), c.w.runs.end(), [](const Run& r) { return r.count == 0; });
        const bool columns = (w.stride == 2 && (w.kernel == 2 || w.kernel == 3)) || (w.stride == 1 && w.kernel == 3);
        const int64_t most_code = (c.h.most() - 1) * c.h.step() * c.index_h + LIMIT / 2;
        small = c.w.sliding && columns && w.dilation == 1 && !dead && !t.conversion && c.index_w == 1 &&
                c.x.w == static_cast<int64_t>(sizeof(W)) && c.d.most() <= 1 && most_code < CODES && w.in < LIMIT / 4;
        const Range all = offsets_of(c.x, c.n, c.c, c.d.axis.in, c.h.axis.in, w.in);
        begin = c.x.data + all.begin;
        end = c.x.data + all.end - 1 + t.size;
    }

    int64_t outputs_padded() const { return round_up(w.out, tools.lanes) + tools.lanes; }

    void fill_tables(int64_t* taps_at, int64_t* starts, Code<W>* codes, Code<W>* firsts) const {
        for (int64_t t = 0; t < (scalar ? 0 : taps); ++t) {
            taps_at[t] = call.w.sliding ? phases.offset(w, t) : t * phases.length;
            codes[t] = static_cast<Code<W>>(t * w.dilation * call.index_w);
        }
        std::fill_n(starts, outputs_padded(), 0);
        std::fill_n(firsts, outputs_padded(), 0);
        for (int64_t q = 0; q < w.out; ++q) {
            const Run& run = call.w.runs[static_cast<size_t>(q)];
            starts[q] = (call.w.sliding ? q * w.stride - w.lo : run.first) * call.index_w;
            if (run.count) firsts[q] = static_cast<Code<W>>(run.first * call.index_w - starts[q]);
        }
    }
};

}  // namespace convx::pool::indices
