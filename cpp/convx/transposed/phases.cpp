#include "phases.h"

#include <algorithm>
#include <numeric>

namespace convx {
namespace {

int64_t ceil_of_any(int64_t a, int64_t b) { return a / b + (a % b > 0); }

}  // namespace

Phases::Phases(const Window& w, bool merge)
    : kernel(w.kernel), stride(w.stride), step(w.stride / std::gcd(w.stride, w.dilation)), dilation(1) {
    dilation = w.dilation / std::gcd(w.stride, w.dilation);
    const int64_t longer = kernel % step;  // phases below this have one tap more than the others
    if (merge && w.dilation == 1) {
        if (longer) phase_groups.push_back({0, longer, kernel / step + 1});
        if (longer < count()) phase_groups.push_back({longer, count() - longer, kernel / step});
        return;
    }
    for (int64_t r = 0; r < count(); ++r) phase_groups.push_back({r, 1, kernel / step + (r < longer)});
}

Phase Phases::at(const Axis& a, int64_t phase) const {
    const int64_t offset = phase * a.dilation - a.lo, position = ceil_of_any(-offset, stride);
    const int64_t first = position * stride + offset;
    return {position, first, first < a.in ? (a.in - 1 - first) / stride + 1 : 0};
}

PhaseInput phase_input(const Phases& phases, const PhaseGroup& phase_group, const Axis& a, Range positions) {
    const int64_t reach = (phase_group.taps - 1) * phases.dilation, outputs = positions.size();
    const int64_t from = positions.begin - reach, to = positions.end;  // inputs that taps lie on
    const int64_t begin = std::max<int64_t>(from, 0), end = std::min(to, a.out);
    if (begin >= end)  // all of them beyond the input: zeros before any one element
        return {{1, outputs, phase_group.taps, 1, phases.dilation, outputs + reach, 0}, 0};
    return {{end - begin, outputs, phase_group.taps, 1, phases.dilation, begin - from, to - end}, begin};
}

}  // namespace convx
