#include "reference.h"

#include <algorithm>
#include <cmath>

#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../shape/border.h"

namespace convx::reference {
namespace {

template <class T>
T activate(double sum, const Epilogue<T>& e) {
    if (e.activation == Activation::leaky_relu) return static_cast<T>(sum > 0 ? sum : sum * static_cast<double>(e.lo));
    if (sum < static_cast<double>(e.lo)) return e.lo;
    if (sum > static_cast<double>(e.hi)) return e.hi;
    return static_cast<T>(sum);
}

int64_t source(Border border, const Axis& a, int64_t output, int64_t tap) {
    return source_index(border, a, output * a.stride - a.lo + tap * a.dilation);
}

// The sum over all maps and taps for one output; a tap over zero padding multiplies a zero.
template <class T>
double sum_at(const ConvCall<T>& call, const T* x, const T* w, int64_t d, int64_t p, int64_t q, Pace& pace) {
    const ConvShape& s = call.shape;
    double sum = 0;
    for (int64_t c = 0; c < s.c_per_group(); ++c)
        for (int64_t t = 0; t < s.d.kernel; ++t)
            for (int64_t r = 0; r < s.h.kernel; ++r)
                for (int64_t i = 0; i < s.w.kernel; ++i, pace.step()) {
                    const int64_t z = source(s.border, s.d, d, t), y = source(s.border, s.h, p, r),
                                  u = source(s.border, s.w, q, i);
                    const bool inside = z >= 0 && y >= 0 && u >= 0;
                    const T value = inside ? x[c * call.x.c + z * call.x.d + y * call.x.h + u * call.x.w] : T(0);
                    sum += static_cast<double>(value) * static_cast<double>(*w++);
                }
    return sum;
}

template <class T>
PackedWeight<T> pack(const ConvSpec& spec, const T* weight, const Kernels<T>&, int, int) {
    PackedWeight<T> packed{Buffer<T>(spec.k * spec.depth())};
    copy_weight(weight, packed.data.size(), packed.data.data());
    return packed;
}

template <class T>
int64_t workspace(const ConvShape&, const Kernels<T>&, int, int) {
    return 0;
}

template <class T>
void run(const ConvCall<T>& call) {
    const ConvShape& s = call.shape;
    const int64_t rows = s.d.out * s.h.out;
    parallel_tasks(s.n * s.k * rows, call.threads, [&](int64_t task, int) {
        const int64_t row = task % rows, k = task / rows % s.k, n = task / rows / s.k;
        const T* x = call.x.data + n * call.x.n + k / s.k_per_group() * s.c_per_group() * call.x.c;
        const T* w = call.weight.data.data() + k * s.depth();
        const double bias = call.epilogue.bias ? static_cast<double>(call.epilogue.bias[k]) : -0.0;
        T* out = call.out_at(n, k, row * s.w.out);
        Pace pace;
        for (int64_t q = 0; q < s.w.out; ++q) {
            double sum = sum_at(call, x, w, row / s.h.out, row % s.h.out, q, pace) + bias;
            T* const to = out + q * call.out_pixel();
            if (call.epilogue.has_residual) sum += static_cast<double>(*call.epilogue.residual_of(to));
            *to = activate<T>(sum, call.epilogue);
        }
    });
}

}  // namespace

template <class T>
Algorithm<T> row() {
    Algorithm<T> a;
    a.name = "reference";
    a.summary = "the definition, computed as written with a double accumulator: slow, for every shape";
    a.pack = pack<T>;
    a.workspace = workspace<T>;
    a.run = run<T>;
    a.in_place = any_shape<T>;
    a.writes_last = any_format<T>;
    return a;
}

#define CONVX_INSTANTIATE(T) template Algorithm<T> row();
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::reference
