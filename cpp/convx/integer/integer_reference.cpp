// Integer convolution as it is defined: seven loops, sums modulo 2^64. Slow, for every shape.
#include <algorithm>

#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/workspace.h"
#include "../shape/border.h"
#include "integer_algorithm.h"

namespace convx::integer_reference {
namespace {

// The weights of an output channel, and a row of its sums.
template <class T>
struct Setup {
    Workspace workspace;
    Part<int64_t> weights;
    Part<T> row;
    Setup(const ConvShape& s, int threads)
        : workspace(threads), weights(workspace.own<int64_t>(s.depth())), row(workspace.own<T>(s.w.out)) {}
};

// The sum over all maps and taps for one output; x is the group's first map.
template <class S>
int64_t sum_at(const ConvShape& s, const IntView& view, int64_t zero, const S* x, const int64_t* w, int64_t d,
               int64_t p, int64_t q, Pace& pace) {
    const auto source = [&](const Axis& a, int64_t output, int64_t tap) {
        return source_index(s.border, a, output * a.stride - a.lo + tap * a.dilation);
    };
    int64_t sum = 0;
    for (int64_t c = 0; c < s.c_per_group(); ++c)
        for (int64_t t = 0; t < s.d.kernel; ++t)
            for (int64_t r = 0; r < s.h.kernel; ++r)
                for (int64_t i = 0; i < s.w.kernel; ++i, ++w, pace.step()) {
                    const int64_t z = source(s.d, d, t), y = source(s.h, p, r), u = source(s.w, q, i);
                    if (z < 0 || y < 0 || u < 0) continue;
                    const int64_t value = x[c * view.c + z * view.d + y * view.h + u * view.w];
                    sum = wrapping_add(sum, wrapping_multiply(wrapping_add(value, -zero), *w));
                }
    return sum;
}

template <class T>
int64_t workspace(const IntegerCall<T>& call) {
    return Setup<T>(call.shape, call.threads).workspace.bytes();
}

template <class T>
void run(const IntegerCall<T>& call) {
    const ConvShape& s = call.shape;
    Setup<T> setup(s, call.threads);
    setup.workspace.allocate();
    parallel_tasks(s.n * s.k, call.threads, [&](int64_t task, int thread) {
        const int64_t k = task % s.k, n = task / s.k;
        int64_t* const w = setup.workspace.at(setup.weights, thread);
        T* const row = setup.workspace.at(setup.row, thread);
        call.weights.read(call.spec, k, w);
        Pace pace;
        const int64_t bias = call.bias.empty() ? 0 : call.bias[static_cast<size_t>(k)];
        for (int64_t i = 0, at = task * s.pixels(); i < s.d.out * s.h.out; ++i, at += s.w.out) {
            with_type(call.x.type, [&](auto none) {
                const auto* const x = static_cast<const decltype(none)*>(call.x.data) + n * call.x.n +
                                      k / s.k_per_group() * s.c_per_group() * call.x.c;
                for (int64_t q = 0; q < s.w.out; ++q) {
                    const int64_t sum = sum_at(s, call.x, call.x_zero, x, w, i / s.h.out, i % s.h.out, q, pace);
                    row[q] = std::clamp(static_cast<T>(wrapping_add(sum, bias)), call.lo, call.hi);
                }
            });
            if constexpr (sizeof(T) == sizeof(int32_t)) {
                if (const Requantization* r = call.requantization) {
                    call.table.dot_requantize({row, static_cast<uint8_t*>(call.out) + at, r->scale + k, 1, s.w.out,
                                               s.w.out, s.w.out, r->lo, r->hi, r->zero});
                    continue;
                }
            }
            std::copy_n(row, s.w.out, static_cast<T*>(call.out) + at);
        }
    });
}

}  // namespace

template <class T>
IntegerAlgorithm<T> row() {
    IntegerAlgorithm<T> a;
    a.name = "reference";
    a.summary = "the definition, computed as written: slow, for every shape";
    a.workspace = workspace<T>;
    a.run = run<T>;
    return a;
}

#define CONVX_INSTANTIATE(T) template IntegerAlgorithm<T> row();
CONVX_WORDS(CONVX_INSTANTIATE)

}  // namespace convx::integer_reference
