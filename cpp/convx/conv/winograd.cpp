#include "winograd.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <stdexcept>

#include "../data/finite.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../shape/integer_math.h"
#include "winograd_setup.h"

namespace convx::winograd {
namespace {

constexpr const char* LEVELS[] = {"off", "accurate", "all"};

std::atomic<Level>& chosen_level() {
    static std::atomic<Level> chosen{[] {
        const char* const value = std::getenv("CONVX_WINOGRAD");
        const std::string text = value ? value : "";
        return text == "0" ? Level::off : text.empty() || text == "1" ? Level::all : level_named(text);
    }()};
    return chosen;
}

}  // namespace

Level level() { return chosen_level().load(std::memory_order_relaxed); }
void set_level(Level level) { chosen_level() = level; }

Level level_named(const std::string& name) {
    for (int i = 0; i < 3; ++i)
        if (name == LEVELS[i]) return static_cast<Level>(i);
    throw std::invalid_argument("level must be a bool, 'off', 'accurate' or 'all', got '" + name + "'");
}

const char* name_of(Level level) { return LEVELS[static_cast<int>(level)]; }

namespace {

bool supports(const ConvSpec& spec) { return schemes_of(spec).count > 0; }

// Of three taps, eight points along an axis double the error of six, and seven add half of it: for a gain that shows.
double burden(const AxisScheme& a) { return a.taps != 3 ? 1 : a.points == 8 ? 1.015 : a.points == 7 ? 1.01 : 1; }
double burden(const Scheme& scheme) { return burden(scheme.h) * burden(scheme.w); }

struct Best {
    const Scheme* scheme;
    double cost;
};

// That of one image, so that a batch changes no bit.
Best best_of(const Schemes& schemes, ConvShape s, const cost::Machine& m, Level level) {
    Best best{nullptr, NOT_TAKEN};
    s.n = 1;
    for (const Scheme& scheme : schemes) {
        if (!scheme.within(level)) continue;
        const double slots = cost::winograd(in_rows(s), m, scheme) * burden(scheme);
        if (slots < best.cost) best = {&scheme, slots};
    }
    return best;
}

template <class T>
int variant(const ConvShape& s, const Kernels<T>& k, Level level) {
    const Schemes schemes = schemes_of(s);
    const Best best = best_of(schemes, s, cost::machine_of<T>(k, false), level);
    return best.scheme ? best.scheme->variant() : schemes.all[0].variant();
}

double cost(const ConvShape& s, const cost::Machine& m) {
    if (!cost::worth_winograd(s, m)) return NOT_TAKEN;
    const Schemes schemes = schemes_of(s);
    const Scheme* const scheme = best_of(schemes, s, m, level()).scheme;
    return scheme ? cost::winograd(in_rows(stacked(s)), m, *scheme) * burden(*scheme) : NOT_TAKEN;
}

// Parts of so many rows begin with tiles that the whole has there, too: none begins among narrow ones.
template <class T>
int64_t row_step(const ConvShape& s, int variant) {
    const Schemes schemes = schemes_of(s);
    const Scheme& scheme = schemes.of(variant);
    const AxisTiles tiles = scheme.tiles_h(s.h.out, sizeof(T));
    const int64_t outputs = scheme.h.outputs();
    int64_t step = outputs;
    while (tiles.count() > tiles.wide() && round_up(tiles.wide() * outputs + 1, step) < s.h.out) step += outputs;
    return step * (s.h.kernel > 1 ? s.h.dilation : 1);
}

}  // namespace

template <class T>
PackedWeight<T> pack(const ConvSpec& spec, const T* weight, const Kernels<T>& k, int variant, int threads) {
    const Schemes schemes = schemes_of(spec);
    const Scheme& scheme = schemes.of(variant);
    const std::vector<double> gh = scheme.h.g(), gw = scheme.w.g();
    const int64_t rows = spec.k_per_group(), slabs = ceil_div(rows, k.nr), depth = spec.depth();
    const int64_t planes = spec.window[0].kernel, u_plane = spec.c_per_group * k.nr, u_point = planes * u_plane;
    const int64_t plane_taps = scheme.h.taps * scheme.w.taps;
    PackedWeight<T> packed{Buffer<T>(spec.groups * slabs * scheme.weights() * u_point),
                           all_finite(weight, spec.k * depth, k)};
    const int64_t tasks = spec.groups * slabs;
    const int team = static_cast<int>(std::min<int64_t>(tasks, threads));
    const Buffer<T> scratch(team * depth * k.nr);
    parallel_tasks(tasks, team, [&](int64_t task, int thread) {
        const int64_t r = task % slabs * k.nr;
        T* const slab = scratch.data() + thread * depth * k.nr;
        T* const u = packed.data.data() + task * scheme.weights() * u_point;
        pack_rows(k, {weight + (task / slabs * rows + r) * depth, slab, std::min<int64_t>(k.nr, rows - r), depth, depth,
                      k.nr});
        for (int64_t t = 0; t < planes; ++t)
            in_pieces(spec.c_per_group, CHECKED_STEPS / (scheme.points() * k.nr), [&](int64_t c, int64_t count) {
                k.winograd_weight({slab + (c * spec.taps() + t * plane_taps) * k.nr, u + t * u_plane + c * k.nr,
                                   gh.data(), gw.data(), count, spec.taps() * k.nr, u_point, scheme.h.weights(),
                                   scheme.w.weights(), scheme.h.taps, scheme.w.taps});
            });
    });
    return packed;
}

template <class T>
Algorithm<T> row() {
    Algorithm<T> a;
    a.name = "winograd";
    a.summary = "fewer multiplications for small kernels, at some cost in accuracy";
    a.supports = supports;
    a.needs =
        "along H and W, one tap, or two to seven with stride 1 and dilation 1, or three with stride 2, and more than "
        "one along either";
    a.spreads_nonfinite = true;
    a.cost = cost;
    a.variant = variant<T>;
    a.pack = pack<T>;
    a.workspace = workspace<T>;
    a.run = run<T>;
    a.in_place = any_shape<T>;
    a.writes_last = any_format<T>;
    a.row_step = row_step<T>;
    return a;
}

#define CONVX_INSTANTIATE(T)                                                               \
    template PackedWeight<T> pack(const ConvSpec&, const T*, const Kernels<T>&, int, int); \
    template Algorithm<T> row();
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::winograd
