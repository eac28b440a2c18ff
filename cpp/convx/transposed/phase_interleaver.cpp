#include "phase_interleaver.h"

#include <algorithm>

namespace convx {
namespace {

// What the kernels do to a sum of nothing.
template <class T>
T activated(T bias, const Epilogue<T>& e) {
    if (e.activation == Activation::leaky_relu) return bias > 0 ? bias : bias * e.lo;
    return e.lo > bias ? e.lo : e.hi < bias ? e.hi : bias;
}

}  // namespace

PhasedAxis::PhasedAxis(const Phases& p, const Axis& a) : phases(p), axis(a) {
    for (size_t f = 0; f < p.phase_groups.size(); ++f)
        for (int64_t i = 0; i < p.phase_groups[f].phases; ++i) {
            const Phase phase = p.at(a, p.phase_groups[f].phase + i);
            if (phase.count) placed.push_back({phase, static_cast<int64_t>(f), i});
        }
    std::sort(placed.begin(), placed.end(),
              [](const PlacedPhase& x, const PlacedPhase& y) { return x.phase.first < y.phase.first; });
}

bool PhasedAxis::has_gaps() const { return static_cast<int64_t>(placed.size()) < std::min(phases.stride, axis.in); }

Range PhasedAxis::positions(int64_t phase_group, Range units) const {
    Range all{0, 0};
    for (const PlacedPhase& m : placed) {
        const Range u = outputs_of(m.phase, units), at{m.phase.position + u.begin, m.phase.position + u.end};
        if (m.phase_group != phase_group || u.empty()) continue;
        all = all.empty() ? at : Range{std::min(all.begin, at.begin), std::max(all.end, at.end)};
    }
    return all;
}

Range PhasedAxis::outputs(Range units) const {
    return {units.begin * phases.stride, std::min(units.end * phases.stride, axis.in)};
}

template <class T>
void PhaseInterleaver<T>::run(const PhaseBlock& block, const std::vector<SubResult<T>>& maps, int64_t task,
                              PhaseRows<T>* row) const {
    const int64_t channel = task % shape_.c, image = task / shape_.c;
    T* const out = out_ + ((block.n0 + image) * shape_.c + channel) * shape_.d.in * shape_.h.in * shape_.w.in;
    if (axes_[0].has_gaps() || axes_[1].has_gaps() || axes_[2].has_gaps()) fill(block, channel, out);
    for (const PlacedPhase& d : axes_[0].placed) {
        const Range depth = outputs_of(d.phase, block.units[0]);
        for (int64_t z = depth.begin; z < depth.end; ++z)
            for (const PlacedPhase& h : axes_[1].placed)
                rows(block, maps, image * shape_.c + channel, d, z, h, out, row);
    }
}

// Where no tap writes: the bias alone.
template <class T>
void PhaseInterleaver<T>::fill(const PhaseBlock& block, int64_t channel, T* image) const {
    const T value = activated(epilogue_.bias ? epilogue_.bias[channel] : T(0), epilogue_);
    const Range d = axes_[0].outputs(block.units[0]), h = axes_[1].outputs(block.units[1]);
    const Range w = axes_[2].outputs(block.units[2]);
    for (int64_t z = d.begin; z < d.end; ++z)
        for (int64_t y = h.begin; y < h.end; ++y) {
            T* const row = image + (z * shape_.h.in + y) * shape_.w.in;
            std::fill(row + w.begin, row + w.end, value);
        }
}

// The rows of phase h in output plane z of phase d.
template <class T>
void PhaseInterleaver<T>::rows(const PhaseBlock& block, const std::vector<SubResult<T>>& maps, int64_t plane,
                               const PlacedPhase& d, int64_t z, const PlacedPhase& h, T* image,
                               PhaseRows<T>* rows) const {
    const Range height = outputs_of(h.phase, block.units[1]), across = axes_[2].outputs(block.units[2]);
    if (height.empty()) return;
    const Phases &ph = axes_[1].phases, &pw = axes_[2].phases;
    const auto phase_groups = [](const Phases& p) { return static_cast<int64_t>(p.phase_groups.size()); };
    PhaseRows<T>* row = rows;
    for (const PlacedPhase& w : axes_[2].placed) {
        const SubResult<T>& m =
            maps[(d.phase_group * phase_groups(ph) + h.phase_group) * phase_groups(pw) + w.phase_group];
        const PhaseGroup* const f = m.sub->axis;
        const Range width = outputs_of(w.phase, block.units[2]);
        const int64_t map = plane * m.sub->phases() + (d.index * f[1].phases + h.index) * f[2].phases + w.index;
        const int64_t at_d = d.phase.position + z - m.positions[0].begin;
        const int64_t at_h = h.phase.position + height.begin - m.positions[1].begin;
        const int64_t at_w = w.phase.position + width.begin - m.positions[2].begin;
        *row++ = {m.data + map * m.pixels() + (at_d * m.size(1) + at_h) * m.size(2) + at_w, m.size(2), w.phase.first,
                  width.size()};
    }
    const int64_t out_d = d.phase.first + z * axes_[0].phases.stride;
    const int64_t out_h = h.phase.first + height.begin * ph.stride;
    kernels_.interleave_rows({rows, image + (out_d * shape_.h.in + out_h) * shape_.w.in + across.begin, height.size(),
                              ph.stride * shape_.w.in, pw.stride, row - rows});
}

#define CONVX_INSTANTIATE(T) template class PhaseInterleaver<T>;
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx
