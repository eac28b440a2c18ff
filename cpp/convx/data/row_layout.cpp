#include "row_layout.h"

#include <numeric>

namespace convx {
namespace {

double as_double(int64_t x) { return static_cast<double>(x); }

// What split_rows knows.
bool kernel_splits(int64_t phases) { return phases == 2 || phases == 3 || phases == 4 || phases == 8; }

}  // namespace

SlotAxis::SlotAxis(const Axis& a, int64_t outputs)
    : step(std::max<int64_t>(std::gcd(outputs > 1 ? a.stride : 0, a.kernel > 1 ? a.dilation : 0), 1)),
      count(slots(a, outputs)) {}

int64_t SlotAxis::slots(const Axis& a, int64_t outputs) const {
    return ((outputs - 1) * a.stride + (a.kernel - 1) * a.dilation) / step + 1;
}

PhaseAxis::PhaseAxis(const Axis& w, int64_t outputs)
    : phases(w.kernel == 1 ? 1 : w.stride / std::gcd(w.stride, w.dilation)),
      length(outputs + (w.kernel - 1) * w.dilation / w.stride),
      start_step(std::gcd(w.stride, w.dilation)),
      per_tap(as_double(phases) * as_double(length) * (kernel_splits(phases) ? 0.5 : 1) >
              as_double(w.kernel) * as_double(outputs)) {
    if (!per_tap) return;
    phases = w.kernel;
    length = outputs;
    start_step = w.dilation;
}

int64_t PhaseAxis::offset(const Axis& w, int64_t tap) const {
    if (per_tap) return tap * length;
    return tap * w.dilation % w.stride / start_step * length + tap * w.dilation / w.stride;
}

bool PhaseAxis::splits(const Axis& w) const { return !per_tap && phases == w.stride && kernel_splits(phases); }

double patch_elements(const ConvShape& s, int64_t d_out, int64_t p_out, int64_t q_out) {
    const PhaseAxis w(s.w, q_out);
    return as_double(w.phases) * as_double(w.length) * as_double(SlotAxis(s.h, p_out).count) *
           as_double(SlotAxis(s.d, d_out).count);
}

}  // namespace convx
