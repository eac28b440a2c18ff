// The definition, computed as written.
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "weight_gradient_plan.h"

namespace convx::weight_gradient::reference {
namespace {

// One element of dw at a time, in double; a tap over the padding multiplies a zero.
template <class T>
bool run(const Call<T>& call) {
    const ConvShape& s = call.shape;
    const auto at = [](const Axis& a, int64_t o, int64_t tap) { return o * a.stride - a.lo + tap * a.dilation; };
    const auto within = [](const Axis& a, int64_t i) { return i >= 0 && i < a.in; };
    parallel_tasks(s.k * s.c_per_group(), call.threads, [&](int64_t task, int) {
        const int64_t k = task / s.c_per_group(), c = k / s.k_per_group() * s.c_per_group() + task % s.c_per_group();
        for (int64_t tap = 0; tap < s.taps(); ++tap) {
            Pace pace;
            const int64_t i = tap % s.w.kernel, r = tap / s.w.kernel % s.h.kernel, t = tap / s.w.kernel / s.h.kernel;
            double sum = 0;
            for (int64_t n = 0; n < s.n; ++n)
                for (int64_t d = 0; d < s.d.out; ++d)
                    for (int64_t p = 0; p < s.h.out; ++p)
                        for (int64_t q = 0; q < s.w.out; ++q, pace.step()) {
                            const int64_t z = at(s.d, d, t), y = at(s.h, p, r), u = at(s.w, q, i);
                            const bool inside = within(s.d, z) && within(s.h, y) && within(s.w, u);
                            const T x = inside ? call.x.data[n * call.x.n + c * call.x.c + z * call.x.d + y * call.x.h +
                                                             u * call.x.w]
                                               : T(0);
                            const T g = call.gy.data[n * call.gy.n + k * call.gy.c + d * call.gy.d + p * call.gy.h +
                                                     q * call.gy.w];
                            sum += static_cast<double>(x) * static_cast<double>(g);
                        }
            call.dw[task * s.taps() + tap] = static_cast<T>(sum);
        }
    });
    return true;
}

}  // namespace

template <class T>
Algorithm<T> row() {
    Algorithm<T> a;
    a.name = "reference";
    a.summary = "the definition, computed as written in double: slow, for every shape";
    a.run = run<T>;
    return a;
}

#define CONVX_INSTANTIATE(T) template Algorithm<T> row();
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::weight_gradient::reference
