#include "weight_gradient.h"

#include <algorithm>

#include "../conv/winograd.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/trace.h"
#include "weight_gradient_plan.h"

namespace convx::weight_gradient {
namespace {

template <class T>
const Algorithm<T> ALGORITHMS[] = {reference::row<T>(), im2col::row<T>(), winograd::row<T>(), narrow::row<T>()};

template <class T>
const Algorithm<T>& choose(const ConvSpec& spec, const ConvShape& s, const Kernels<T>& k, bool may_spread) {
    return cheapest(ALGORITHMS<T>, [&](const Algorithm<T>& a) {
        const bool taken = a.cost && (may_spread || !a.spreads_nonfinite) && a.supports(spec);
        return taken ? a.cost(s, k) : NOT_TAKEN;
    });
}

template <class T>
bool run(const Algorithm<T>& algorithm, const Call<T>& call) {
    trace::ran(algorithm.name);
    return algorithm.run(call);
}

}  // namespace

std::vector<std::string> algorithm_names() { return names_of(ALGORITHMS<float>); }

Summaries algorithm_summaries() { return summaries_of(ALGORITHMS<float>); }

void check_algorithm(const std::string& algorithm, const ConvSpec& spec) {
    check_row(row_named(ALGORITHMS<float>, spec.function, algorithm), spec);
}

template <class T>
std::string choose(const ConvSpec& spec, const ConvShape& shape) {
    return choose(spec, shape, decide(0).kernels<T>(), convx::winograd::allowed()).name;
}

// What spreads NaN and infinity is tried first and taken back where its result is not finite: then the arrays may not
// have been either.
template <class T>
void run(const Gradient<T>& g, const std::string& algorithm, const Context& context) {
    const Call<T> call{g, context, context.kernels<T>(), context.threads};
    if (const auto* const named = row_named(ALGORITHMS<T>, g.spec.function, algorithm)) {
        run(*named, call);
        return;
    }
    const Algorithm<T>& best = choose(g.spec, g.shape, call.kernels, convx::winograd::allowed());
    if (!run(best, call) && best.spreads_nonfinite) run(choose(g.spec, g.shape, call.kernels, false), call);
}

// Without an image every sum is empty.
template <class T>
void run(const Gradient<T>& g, const std::string& algorithm) {
    if (g.shape.n > 0) return run(g, algorithm, decide(g.shape.flops()));
    std::fill(g.dw, g.dw + g.shape.k * g.shape.depth(), T(0));
}

template <class T>
void run_bias(const ConvShape& s, const View<const T>& gy, T* db, const Context& context) {
    trace::ran("sum");
    const Kernels<T>& kernels = context.kernels<T>();
    const bool rows_join = gy.w == 1 && (s.h.out == 1 || gy.h == s.w.out);
    const int64_t rows = rows_join ? 1 : s.h.out, count = rows_join ? s.h.out * s.w.out : s.w.out;
    parallel_tasks(s.k, context.threads, [&](int64_t k, int) {
        double sum = 0;
        Pace pace;
        for (int64_t n = 0; n < s.n; ++n)
            for (int64_t d = 0; d < s.d.out; ++d)
                for (int64_t p = 0; p < rows; ++p, pace.step(std::min(count, CHECKED_STEPS))) {
                    const T* row = gy.data + n * gy.n + k * gy.c + d * gy.d + p * gy.h;
                    in_pieces(count, [&](int64_t first, int64_t some) {
                        if (gy.w == 1)
                            sum += kernels.sum({row + first, some});
                        else
                            for (int64_t q = first; q < first + some; ++q) sum += static_cast<double>(row[q * gy.w]);
                    });
                }
        db[k] = static_cast<T>(sum);
    });
}

template <class T>
void run_bias(const ConvShape& s, const View<const T>& gy, T* db) {
    run_bias(s, gy, db,
             decide(4 * static_cast<double>(s.n) * static_cast<double>(s.k) * static_cast<double>(s.pixels())));
}

#define CONVX_INSTANTIATE(T)                                                   \
    template std::string choose<T>(const ConvSpec&, const ConvShape&);         \
    template void run(const Gradient<T>&, const std::string&);                 \
    template void run(const Gradient<T>&, const std::string&, const Context&); \
    template void run_bias(const ConvShape&, const View<const T>&, T*);        \
    template void run_bias(const ConvShape&, const View<const T>&, T*, const Context&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::weight_gradient
