#include "phase_weight.h"

#include <algorithm>

#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../shape/integer_math.h"

namespace convx {
namespace {

// Weights are turned around in tiles of some given by some computed channels: read as they lie into a buffer in L1,
// with rows that do not all fall into the same cache sets, and written as runs of one cache line or more.
constexpr int64_t GIVEN = 16;
constexpr int64_t TILE_ELEMENTS = 4096;
constexpr int64_t ROW_GAP = 16;

constexpr int64_t FEW_CHANNELS = 32;  // fill no register tile
constexpr int64_t MANY_PHASES = 16;   // too many calls

// Merged phases share the input and fill the tiles, but are computed at positions that some of them do not need.
bool should_merge(const ConvSpec& conv) {
    double phases = 1;
    for (const Window& w : conv.window) phases *= static_cast<double>(Phases(w, true).count());
    return conv.c_per_group < FEW_CHANNELS || phases > MANY_PHASES;
}

// Where the taps of a tile's given channels lie in its buffer, phase by phase.
Buffer<int64_t> list_taps(const ConvSpec& conv, const PhaseSplit& split, const SubConvolution& sub, int64_t row) {
    Buffer<int64_t> taps(sub.phases() * sub.taps() * GIVEN);
    int64_t* at = taps.data();
    const PhaseGroup &d = sub.axis[0], &h = sub.axis[1], &w = sub.axis[2];
    const auto tap = [&](int axis, int64_t phase, int64_t i) {
        const PhaseGroup& f = sub.axis[axis];
        return f.phase + phase + (f.taps - 1 - i) * split.axis[axis].step;
    };
    for (int64_t p = 0; p < sub.phases(); ++p) {
        const int64_t pw = p % w.phases, ph = p / w.phases % h.phases, pd = p / w.phases / h.phases;
        for (int64_t c = 0; c < GIVEN; ++c)
            for (int64_t t = 0; t < d.taps; ++t)
                for (int64_t r = 0; r < h.taps; ++r)
                    for (int64_t s = 0; s < w.taps; ++s)
                        *at++ = c * row +
                                (tap(0, pd, t) * conv.window[1].kernel + tap(1, ph, r)) * conv.window[2].kernel +
                                tap(2, pw, s);
    }
    return taps;
}

// Not inlined: among the variables of the loops around it, the pointers would not stay in registers.
template <class T>
[[gnu::noinline]] void gather(T* dst, const T* src, const int64_t* from, int64_t count) {
    for (int64_t i = 0; i < count; ++i) dst[i] = src[from[i]];
}

}  // namespace

PhaseSplit::PhaseSplit(const ConvSpec& conv)
    : axis{Phases(conv.window[0], should_merge(conv)), Phases(conv.window[1], should_merge(conv)),
           Phases(conv.window[2], should_merge(conv))} {}

std::vector<SubConvolution> PhaseSplit::sub_convolutions() const {
    std::vector<SubConvolution> subs;
    for (const PhaseGroup& d : axis[0].phase_groups)
        for (const PhaseGroup& h : axis[1].phase_groups)
            for (const PhaseGroup& w : axis[2].phase_groups) subs.push_back({{d, h, w}});
    return subs;
}

ConvSpec sub_spec(const ConvSpec& conv, const PhaseSplit& split, const SubConvolution& sub) {
    const int64_t channels = conv.groups * conv.c_per_group * sub.phases();
    ConvSpec spec{conv.function, conv.rank, channels, conv.k_per_group(), conv.groups, {}};
    spec.is_part = true;
    for (int i = 0; i < AXES; ++i) {
        spec.window[i].kernel = sub.axis[i].taps;
        spec.window[i].dilation = split.axis[i].dilation;
    }
    return spec;
}

template <class T>
std::vector<Buffer<T>> sub_weights(const Context& call, const ConvSpec& conv, const PhaseSplit& split,
                                   const std::vector<SubConvolution>& subs, const T* weight) {
    const int64_t given = conv.k_per_group(), computed = conv.c_per_group, kernel = conv.taps();
    const int64_t step = std::clamp<int64_t>(TILE_ELEMENTS / GIVEN / kernel, 1, computed);
    const int64_t parts = ceil_div(computed, step), row = step * kernel + ROW_GAP;
    const int threads = call.part(4.0 * static_cast<double>(conv.k * computed * kernel)).threads;
    std::vector<Buffer<T>> gathered;
    std::vector<Buffer<int64_t>> taps;
    for (const SubConvolution& sub : subs) {
        gathered.emplace_back(conv.groups * computed * sub.phases() * given * sub.taps());
        taps.push_back(list_taps(conv, split, sub, row));
    }
    const Buffer<T> tiles(threads * GIVEN * row);
    const auto write = [&](size_t i, const T* tile, int64_t channel, int64_t c0, int64_t count) {
        const int64_t phases = subs[i].phases(), run = subs[i].taps();
        for (int64_t p = 0; p < phases; ++p) {
            const int64_t* tap = taps[i].data() + p * run * GIVEN;
            gather(gathered[i].data() + ((channel * phases + p) * given + c0) * run, tile, tap, count * run);
        }
    };
    parallel_tasks(conv.groups * parts, threads, [&](int64_t task, int thread) {
        const int64_t g = task / parts, k0 = task % parts * step, k1 = std::min(k0 + step, computed);
        T* const tile = tiles.data() + thread * GIVEN * row;
        for (int64_t c0 = 0; c0 < given; c0 += GIVEN) {
            const int64_t count = std::min(GIVEN, given - c0);
            if (c0) checkpoint();
            for (int64_t c = 0; c < count; ++c)
                std::copy_n(weight + ((g * given + c0 + c) * computed + k0) * kernel, (k1 - k0) * kernel,
                            tile + c * row);
            for (int64_t k = k0; k < k1; ++k)
                for (size_t i = 0; i < subs.size(); ++i)
                    write(i, tile + (k - k0) * kernel, g * computed + k, c0, count);
        }
    });
    return gathered;
}

template <class T>
Buffer<T> sub_bias(const ConvSpec& conv, const SubConvolution& sub, const T* bias) {
    const int64_t channels = conv.groups * conv.c_per_group, phases = sub.phases();
    Buffer<T> repeated(channels * phases);
    for (int64_t k = 0; k < channels; ++k) std::fill_n(repeated.data() + k * phases, phases, bias[k]);
    return repeated;
}

#define CONVX_INSTANTIATE(T)                                                                        \
    template std::vector<Buffer<T>> sub_weights(const Context&, const ConvSpec&, const PhaseSplit&, \
                                                const std::vector<SubConvolution>&, const T*);      \
    template Buffer<T> sub_bias(const ConvSpec&, const SubConvolution&, const T*);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx
