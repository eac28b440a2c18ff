#include "pool_index_plan.h"

#include <algorithm>

namespace convx::pool::indices {
namespace {

constexpr int64_t PIECE = 1024;           // outputs of a longer row taken at a time
constexpr int64_t ROW_BYTES = 16 * 1024;  // of rows laid out, where that is enough for one
constexpr int64_t MOST_ROWS = 1024;       // under a window taken at a time

// Elements from the first to the last under a window; none where all windows lie in the padding.
int64_t extent(const AxisWindows& a) { return a.most() ? (a.most() - 1) * a.step() + 1 : 0; }

PhaseAxis phases_of(const AxisWindows& windows, int64_t outputs) {
    if (windows.sliding && windows.axis.kernel) return {windows.axis, outputs};
    PhaseAxis phases(Axis{1, outputs, 1, 1, 1, 0, 0}, outputs);
    if (!windows.sliding) phases.phases = windows.axis.kernel;
    return phases;
}

RowSlots row_slots(const IndexCall& c, int64_t outputs, int64_t lanes, int64_t element) {
    RowSlots s{phases_of(c.w, outputs), 0, extent(c.h), 0, false};
    s.elements = round_up(s.phases.elements() + lanes, lanes);
    const int64_t fit = std::clamp<int64_t>(ROW_BYTES / element / s.elements, 1, MOST_ROWS);
    const int64_t window = s.extent_h > fit ? fit + 1 : s.extent_h * std::min(extent(c.d), fit + 1);
    s.keeps = window <= fit;
    s.count = s.keeps ? window : std::min(fit, c.d.most() * c.h.most());
    return s;
}

// What the kernel for small windows knows.
bool is_small(const IndexCall& c) {
    const Axis& w = c.w.axis;
    const bool columns = (w.stride == 2 && (w.kernel == 2 || w.kernel == 3)) || (w.stride == 1 && w.kernel == 3);
    const int64_t most_code = (c.h.most() - 1) * c.h.step() * c.index_h + LIMIT / 2;
    return columns && w.dilation == 1 && c.index_w == 1 && c.d.most() <= 1 && most_code < CODES && w.in < LIMIT / 4;
}

}  // namespace

template <class W>
IndexPlan<W>::IndexPlan(const IndexCall& c, const Tools<W>& t)
    : call(c),
      tools(t),
      w(c.w.axis),
      outputs{w.out, std::min(w.out, PIECE)},
      slots(row_slots(c, outputs.size, t.lanes, sizeof(W))),
      scalar(!t.conversion && 4 * w.out <= t.lanes),
      dead(std::any_of(c.w.spans.begin(), c.w.spans.end(), [](const WindowSpan& r) { return r.count == 0; })) {
    const bool adjacent = c.w.sliding && !t.conversion && c.x.w == static_cast<int64_t>(sizeof(W));
    direct = adjacent && !slots.phases.per_tap && w.stride == 1 && w.lo <= 0 && w.out - 1 - w.lo + w.extent() <= w.in;
    small = adjacent && !dead && is_small(c);
    const Range all = offsets_of(c.x, c.n, c.c, c.d.axis.in, c.h.axis.in, w.in);
    begin = c.x.data + all.begin;
    end = c.x.data + all.end - 1 + t.size;
}

template <class W>
void IndexPlan<W>::fill_tables(int64_t* taps_at, int64_t* starts, Code<W>* codes, Code<W>* firsts) const {
    const PhaseAxis& phases = slots.phases;
    for (int64_t t = 0; t < (scalar ? 0 : taps()); ++t) {
        taps_at[t] = call.w.sliding ? phases.offset(w, t) : t * phases.length;
        codes[t] = static_cast<Code<W>>(t * w.dilation * call.index_w);
    }
    std::fill_n(starts, outputs_padded(), 0);
    std::fill_n(firsts, outputs_padded(), 0);
    for (int64_t q = 0; q < w.out; ++q) {
        const WindowSpan& span = call.w.spans[static_cast<size_t>(q)];
        starts[q] = (call.w.sliding ? q * w.stride - w.lo : span.first) * call.index_w;
        if (span.count) firsts[q] = static_cast<Code<W>>(span.first * call.index_w - starts[q]);
    }
}

#define CONVX_INSTANTIATE(T) template struct IndexPlan<T>;
CONVX_FLOATS(CONVX_INSTANTIATE)
CONVX_WORDS(CONVX_INSTANTIATE)

}  // namespace convx::pool::indices
