#include "winograd_phases.h"

#include <algorithm>
#include <cmath>
#include <new>

#include "../runtime/cache.h"
#include "../runtime/parallel.h"
#include "../runtime/workspace.h"
#include "../shape/integer_math.h"
#include "cost_slots.h"
#include "winograd.h"
#include "winograd_joined.h"
#include "winograd_split.h"

namespace convx::winograd::phases {
namespace {

template <class T>
const Algorithm<T>& plain() {
    static const Algorithm<T> plain = winograd::row<T>();
    return plain;
}

// What no scheme fits as it is.
template <class S>
bool is_split(const S& s) {
    return schemes_of(s).count == 0;
}

template <class S>
S as_taken(const S& s) {
    const S j = joined(s);
    return is_split(j) ? split(j) : j;
}

bool supports(const ConvSpec& s) { return plain<float>().supports(as_taken(s)); }

// How a call is cut, and its images.
template <class T>
struct Setup {
    const SplitArrays<T> arrays;
    const bool joins;       // outputs of several images
    const int64_t at_once;  // images of the call: those whose phases stay in L3 until they are read
    ConvShape shape;        // of the phases of so many
    Workspace workspace;
    Part<T> in, out;
    Part<PhaseRows<T>> along;

    Setup(const ConvShape& s, const Kernels<T>& k, int threads)
        : arrays(s, k), joins(arrays.phases() > 1), at_once(images_at_once(s.n)), shape(split(s)), workspace(threads) {
        const int64_t images = at_once * arrays.phases();
        shape.n = images;
        in = workspace.shared<T>(images * arrays.in_elements());
        out = workspace.shared<T>(joins ? images * arrays.out_elements() : 0);
        along = workspace.own<PhaseRows<T>>(arrays.rows_at_once());
    }

  private:
    int64_t images_at_once(int64_t images) const {
        if (arrays.too_large()) throw std::bad_alloc();
        const int64_t bytes = arrays.phases() * arrays.in_elements() * static_cast<int64_t>(sizeof(T));
        return std::clamp<int64_t>(caches().l3 / 4 / bytes, 1, std::max<int64_t>(images, 1));
    }
};

// Some images of a call, from image `first` on.
template <class T>
class Pass {
  public:
    Pass(const ConvCall<T>& call, const Setup<T>& setup, int64_t first)
        : call_(call),
          s_(call.shape),
          setup_(setup),
          arrays_(setup.arrays),
          first_(first),
          images_(std::min(setup.at_once, s_.n - first)),
          in_(setup.workspace.at(setup.in)),
          out_(setup.joins ? setup.workspace.at(setup.out) : call.out_at(first, 0, 0)) {}

    void run() {
        fill();
        ConvShape shape = setup_.shape;
        shape.n = images_ * arrays_.phases();
        Epilogue<T> epilogue = call_.epilogue;
        if (setup_.joins && epilogue.has_residual) {
            channels([&](T* out, T* phases, int) { arrays_.part(call_.epilogue.residual_of(out), phases); });
            epilogue.to_residual = 0;  // read before it is written over
        }
        plain<T>().run({shape, arrays_.view(in_), call_.weight, out_, epilogue, call_.kernels, call_.threads,
                        call_.variant, call_.format, call_.pixels});
        if (setup_.joins)
            channels([&](T* out, T* phases, int thread) {
                arrays_.join(phases, out, setup_.workspace.at(setup_.along, thread));
            });
    }

  private:
    void fill() {
        const int64_t parts = arrays_.parts(), phases = arrays_.phases();
        parallel_tasks(images_ * phases * parts, call_.threads, [&](int64_t i, int) {
            const int64_t image = i / parts, n = first_ + image / phases;
            arrays_.fill(call_.x.data + n * call_.x.n, call_.x, image % phases, i % parts,
                         in_ + image * arrays_.in_elements());
        });
    }

    // Calls body(out, phases, thread) for the output channels of all images.
    template <class Body>
    void channels(const Body& body) {
        const int64_t pixels = setup_.shape.pixels();
        parallel_tasks(images_ * s_.k, call_.threads, [&](int64_t i, int thread) {
            const int64_t image = i / s_.k, k = i % s_.k;
            body(call_.out_at(first_ + image, k, 0),
                 out_ + image * arrays_.phases() * arrays_.out_elements() + k * pixels, thread);
        });
    }

    const ConvCall<T>& call_;
    const ConvShape& s_;
    const Setup<T>& setup_;
    const SplitArrays<T>& arrays_;
    const int64_t first_, images_;
    T *const in_, *const out_;
};

template <class T>
void run_joined(const ConvCall<T>& call) {
    if (!is_split(call.shape)) return plain<T>().run(call);
    Setup<T> setup(call.shape, call.kernels, call.threads);
    setup.workspace.allocate();
    for (int64_t n = 0; n < call.shape.n; n += setup.at_once) Pass<T>(call, setup, n).run();
}

template <class T>
void run(const ConvCall<T>& call) {
    const ConvShape shape = joined(call.shape);
    Buffer<T> kept;
    const View<const T> x = joined(call.shape, call.x, call.kernels, call.threads, kept);
    run_joined<T>({shape, x, call.weight, call.out, call.epilogue, call.kernels, call.threads, call.variant,
                   call.format, call.pixels});
}

template <class T>
int64_t workspace(const ConvShape& shape, const Kernels<T>& k, int threads, int variant) {
    const ConvShape s = joined(shape);
    if (!is_split(s)) return plain<T>().workspace(s, k, threads, variant);
    const Setup<T> setup(s, k, threads);
    return setup.workspace.bytes() + plain<T>().workspace(setup.shape, k, threads, variant);
}

template <class T>
PackedWeight<T> pack(const ConvSpec& spec, const T* weight, const Kernels<T>& k, int variant, int threads) {
    const ConvSpec s = joined(spec);
    if (!is_split(s)) return plain<T>().pack(s, weight, k, variant, threads);
    const ConvSpec taken = split(s);
    if (taken.c_per_group == s.c_per_group) return plain<T>().pack(taken, weight, k, variant, threads);
    const Buffer<T> all(taken.k * taken.depth(), Lifetime::call);
    split_weight(s, weight, threads, all.data());
    return plain<T>().pack(taken, all.data(), k, variant, threads);
}

template <class T>
int variant(const ConvShape& s, const Kernels<T>& k, Level level) {
    return plain<T>().variant(as_taken(s), k, level);
}

constexpr double PACKED = 40;  // of a weight for one call, whose transformed ones lie in new pages

// Laying out the input, and the output where it is joined, by vectors where there is a kernel for the steps.
double arrays(const ConvShape& s, const ConvShape& taken, const cost::Machine& m) {
    const cost::Slots& slots = cost::slots_of(m.lanes * m.element);
    const auto row = [&](int64_t size, bool vectors, double vector) {
        return vectors ? std::ceil(number(size) / m.lanes) * vector : number(size) * slots.scattered;
    };
    const AxisSplit w(s.w);
    const double step = number(w.step) * number(s.w.stride);
    const double rows = number(taken.n) * number(taken.c) * number(s.d.in) * number(taken.h.in);
    // Phases of the input are read side by side, those that outputs meet one by one.
    const double vector = slots.copy_vector * (w.inputs > 1 ? 1 : step);
    const double bytes = rows * number(taken.w.in) * m.element;
    const double far = bytes > number(caches().l2) ? 2 * bytes * slots.remote_byte : 0;
    const double in =
        rows * (row(taken.w.in, step <= 4 || (step == 8 && w.inputs == 8), vector) + slots.copy_row) + far;
    if (taken.n == s.n) return in;
    const double out_rows = number(taken.n) * number(s.k) * number(s.d.out) * number(taken.h.out);
    return in + out_rows * row(taken.w.out, w.step == 1 || w.step == 2 || w.step == 4, slots.join_vector);
}

double cost(const ConvShape& shape, const cost::Machine& m) {
    const ConvShape s = joined(shape);
    const ConvShape taken = as_taken(s);
    const double winograd = plain<float>().cost(taken, m);
    if (!is_split(s)) return winograd;
    const double packing = m.packs_weight ? number(s.k) * number(taken.depth()) * PACKED : 0;
    const cost::Slots& slots = cost::slots_of(m.lanes * m.element);
    const double burden = taken.c == s.c ? slots.output_phases : slots.input_phases;
    return burden * (winograd + arrays(s, taken, m)) + packing;
}

// Channels last, phases would lie apart.
template <class T>
bool writes_last(const ConvShape& s, const View<const T>& x) {
    const ConvShape taken = as_taken(s);
    return taken.n == s.n && plain<T>().writes_last(taken, x);
}

int64_t row_step(const ConvShape& s, int variant) {
    if (s.h.kernel == 1) return 1;  // joined
    const int64_t step = plain<float>().row_step(as_taken(s), variant);
    return is_split(s) ? step * AxisSplit(s.h).step : step;
}

}  // namespace

template <class T>
Algorithm<T> row() {
    Algorithm<T> a = plain<T>();
    a.supports = supports;
    a.needs =
        "along H and W, at most seven taps once the stride, over its greatest common divisor with the dilation, has "
        "split them into so many phases, and more than one along either, or so along D alone";
    a.cost = cost;
    a.variant = variant<T>;
    a.pack = pack<T>;
    a.workspace = workspace<T>;
    a.run = run<T>;
    a.writes_last = writes_last<T>;
    a.row_step = row_step;
    return a;
}

#define CONVX_INSTANTIATE(T) template Algorithm<T> row();
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::winograd::phases
