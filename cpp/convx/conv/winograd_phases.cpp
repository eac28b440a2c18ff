#include "winograd_phases.h"

#include <algorithm>
#include <cmath>
#include <new>

#include "../data/row_layout.h"
#include "../runtime/cache.h"
#include "../runtime/parallel.h"
#include "../runtime/workspace.h"
#include "../shape/integer_math.h"
#include "cost_slots.h"
#include "winograd.h"

namespace convx::winograd::phases {
namespace {

double number(int64_t n) { return static_cast<double>(n); }

template <class T>
const Algorithm<T>& plain() {
    static const Algorithm<T> plain = winograd::row<T>();
    return plain;
}

// Tap t reads phase t % phases of the input, each of them with stride 1; of an axis of one tap but one.
template <class A>
int64_t phase_count(const A& a) {
    return a.kernel == 1 ? 1 : a.stride / a.dilation;
}
template <class A>
bool has_phases(const A& a) {
    return a.kernel == 1 || a.stride % a.dilation == 0;
}
template <class A>
int64_t taps_of_phase(const A& a) {
    return ceil_div(a.kernel, phase_count(a));
}

template <class A>
bool is_split(const A& h, const A& w) {
    return schemes_of(h, w).count == 0 && has_phases(h) && has_phases(w);
}

Axis split(const Axis& a) { return {a.out + taps_of_phase(a) - 1, a.out, taps_of_phase(a), 1, 1, 0, 0}; }

// The convolution of stride 1, whose channels are [channel][phase along H][phase along W].
ConvShape split(const ConvShape& s) {
    ConvShape p = s;
    p.c *= phase_count(s.h) * phase_count(s.w);
    p.h = split(s.h);
    p.w = split(s.w);
    return p;
}
ConvShape as_taken(const ConvShape& s) { return is_split(s.h, s.w) ? split(s) : s; }

ConvSpec split(const ConvSpec& s) {
    const Window &h = s.window[1], &w = s.window[2];
    ConvSpec p = s;
    p.c_per_group *= phase_count(h) * phase_count(w);
    p.window[1] = {taps_of_phase(h), 1, 1, 0, 0};
    p.window[2] = {taps_of_phase(w), 1, 1, 0, 0};
    return p;
}

bool supports(const ConvSpec& s) {
    const Window &h = s.window[1], &w = s.window[2];
    return plain<float>().supports(is_split(h, w) ? split(s) : s);
}

// The input of some images, [image][plane][row][channel of the split][column], with its padding along H and W.
template <class T>
class Phases {
  public:
    Phases(const ConvShape& s, const Kernels<T>& k)
        : s_(s),
          kernels_(k),
          of_h_(phase_count(s.h)),
          channels_(s.c * of_h_ * phase_count(s.w)),
          rows_(split(s.h).in),
          w_(s.w, s.w.out) {
        w_.phases = phase_count(s.w);  // also where it would be cheaper to have one for each tap
        w_.length = split(s.w).in;
        w_.start_step = s.w.dilation;
        w_.per_tap = false;
    }

    int64_t elements() const { return s_.d.in * plane(); }
    bool too_large() const { return number(s_.d.in) * number(rows_) * number(channels_) * number(w_.length) > MOST; }
    View<const T> view(const T* x) const { return {x, elements(), w_.length, plane(), row(), 1}; }

    // One channel and phase along H of an image.
    void fill(const View<const T>& x, int64_t n, int64_t c, int64_t phase, T* images) const {
        const Positions rows{phase * s_.h.dilation - s_.h.lo, s_.h.stride, rows_};
        const Axis whole{s_.d.in, s_.d.in};
        const T* const from = x.data + n * x.n + c * x.c;
        T* const to = images + n * elements() + (c * of_h_ + phase) * w_.elements();
        RowWalk(s_.border, whole, {0, 1, whole.in}, s_.h, rows)
            .run([&](int64_t i, int64_t j, int64_t count) { clear(to + i * plane() + j * row(), count); },
                 [&](int64_t i, int64_t j, int64_t count, int64_t z, int64_t y) {
                     copy({from + z * x.d + y * x.h, count, s_.h.stride * x.h, x.w}, to + i * plane() + j * row());
                 });
    }

  private:
    static constexpr double MOST = 1e18;

    int64_t row() const { return channels_ * w_.length; }
    int64_t plane() const { return rows_ * row(); }

    void clear(T* to, int64_t count) const {
        for (; count > 0; --count, to += row()) std::fill_n(to, w_.elements(), T(0));
    }

    void copy(const Rows<T>& rows, T* to) const {
        const Axis& w = s_.w;
        copy_phases(row_kernels(kernels_), rows, w, w_, -w.lo, to, row(), T(0));
        for (int64_t f = 0; f < w_.phases; ++f)
            for_each_repeated(s_.border, w, w_.columns(w, -w.lo, f), [&](int64_t i, int64_t at) {
                for (int64_t r = 0; r < rows.count; ++r)
                    to[r * row() + f * w_.length + i] = rows.src[r * rows.row + at * rows.column];
            });
    }

    const ConvShape& s_;
    const Kernels<T>& kernels_;
    const int64_t of_h_, channels_, rows_;
    PhaseAxis w_;
};

// Images that are split at a time: that stay in L3 until they are read.
int64_t images_at_once(const ConvShape& s, int64_t bytes) {
    return std::clamp<int64_t>(caches().l3 / 4 / bytes, 1, std::max<int64_t>(s.n, 1));
}

// How a call is cut, and its images.
template <class T>
struct Setup {
    ConvShape shape;  // of a pass
    Phases<T> phases;
    Workspace workspace{1};
    Part<T> images;

    Setup(const ConvShape& s, const Kernels<T>& k) : shape(split(s)), phases(s, k) {
        if (phases.too_large()) throw std::bad_alloc();
        shape.n = images_at_once(s, phases.elements() * static_cast<int64_t>(sizeof(T)));
        images = workspace.shared<T>(shape.n * phases.elements());
    }
};

template <class T>
void run(const ConvCall<T>& call) {
    const ConvShape& s = call.shape;
    if (!is_split(s.h, s.w)) return plain<T>().run(call);
    Setup<T> setup(s, call.kernels);
    setup.workspace.allocate();
    T* const images = setup.workspace.at(setup.images);
    const int64_t parts = s.c * phase_count(s.h);
    View<const T> x = call.x;
    for (int64_t n = 0; n < s.n; n += setup.shape.n) {
        ConvShape some = setup.shape;
        some.n = std::min(some.n, s.n - n);
        x.data = call.x.data + n * x.n;
        parallel_tasks(some.n * parts, call.threads, [&](int64_t i, int) {
            setup.phases.fill(x, i / parts, i % parts / phase_count(s.h), i % phase_count(s.h), images);
        });
        plain<T>().run({some, setup.phases.view(images), call.weight, call.out_at(n, 0, 0), call.epilogue, call.kernels,
                        call.threads, call.variant, call.format, call.pixels});
    }
}

template <class T>
int64_t workspace(const ConvShape& s, const Kernels<T>& k, int threads, int variant) {
    if (!is_split(s.h, s.w)) return plain<T>().workspace(s, k, threads, variant);
    const Setup<T> setup(s, k);
    return setup.workspace.bytes() + plain<T>().workspace(setup.shape, k, threads, variant);
}

// w'[k][channel, phases][tap of D][taps of the phase] from w[k][channel][tap of D][taps]; zeros behind the last tap.
template <class T>
Buffer<T> split_weight(const ConvSpec& s, const ConvSpec& to, const T* weight) {
    const Window &h = s.window[1], &w = s.window[2];
    const int64_t of_h = phase_count(h), of_w = phase_count(w), depth = s.window[0].kernel;
    const int64_t rows = to.window[1].kernel, cols = to.window[2].kernel;
    Buffer<T> all(to.k * to.depth());
    T* at = all.data();
    for (int64_t i = 0; i < s.k * s.c_per_group; ++i, weight += s.taps())
        for (int64_t phase = 0; phase < of_h * of_w; ++phase)
            for (int64_t tap = 0; tap < depth * rows * cols; ++tap) {
                const int64_t y = tap / cols % rows * of_h + phase / of_w, x = tap % cols * of_w + phase % of_w;
                const bool in = y < h.kernel && x < w.kernel;
                *at++ = in ? weight[(tap / cols / rows * h.kernel + y) * w.kernel + x] : T(0);
            }
    return all;
}

template <class T>
PackedWeight<T> pack(const ConvSpec& s, const T* weight, const Kernels<T>& k, int variant, int threads) {
    if (!is_split(s.window[1], s.window[2])) return plain<T>().pack(s, weight, k, variant, threads);
    const ConvSpec to = split(s);
    return plain<T>().pack(to, split_weight(s, to, weight).data(), k, variant, threads);
}

template <class T>
int variant(const ConvShape& s, const Kernels<T>& k, Level level) {
    return plain<T>().variant(as_taken(s), k, level);
}

double cost(const ConvShape& s, const cost::Machine& m) {
    const ConvShape taken = as_taken(s);
    const double winograd = plain<float>().cost(taken, m);
    if (!is_split(s.h, s.w)) return winograd;
    const cost::Slots& slots = cost::slots_of(m.lanes * m.element);
    const double rows = number(s.n * taken.c) * number(s.d.in) * number(taken.h.in);
    return winograd + rows * (std::ceil(number(taken.w.in) / m.lanes) * slots.copy_vector + slots.copy_row);
}

}  // namespace

template <class T>
Algorithm<T> row() {
    Algorithm<T> a = plain<T>();
    a.supports = supports;
    a.needs =
        "along H and W, a stride that the dilation divides, which splits the kernel into stride / dilation phases of "
        "at "
        "most seven taps, and more than one along either";
    a.cost = cost;
    a.variant = variant<T>;
    a.pack = pack<T>;
    a.workspace = workspace<T>;
    a.run = run<T>;
    a.row_step = [](const ConvShape& s, int variant) { return plain<T>().row_step(as_taken(s), variant); };
    return a;
}

#define CONVX_INSTANTIATE(T) template Algorithm<T> row();
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::winograd::phases
