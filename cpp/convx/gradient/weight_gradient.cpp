#include "weight_gradient.h"

#include <algorithm>

#include "../conv/winograd.h"
#include "../interrupt.h"
#include "../message.h"
#include "../parallel.h"
#include "weight_gradient_plan.h"

namespace convx::weight_gradient {
namespace {

template <class T>
struct Way {
    const char* name;
    bool (*run)(const Call<T>&);
    double (*cost)(const ConvShape&, const Kernels<T>&);  // null: never chosen by "auto"
    bool mixes;  // for 3x3 kernels of stride 1 alone; a NaN or infinity reaches taps that do not see it
};

template <class T>
constexpr Way<T> WAYS[] = {
    {"reference", reference::run<T>, nullptr, false},
    {"im2col", im2col::run<T>, im2col::cost<T>, false},
    {"winograd", winograd::run<T>, winograd::cost<T>, true},
    {"narrow", narrow::run<T>, narrow::cost<T>, false},
};

template <class T>
const Way<T>& cheapest(const ConvShape& s, const Kernels<T>& k, bool may_mix) {
    const Way<T>* best = nullptr;
    double least = 0;
    for (const Way<T>& way : WAYS<T>) {
        if (!way.cost || (way.mixes && !(may_mix && winograd::supports(s)))) continue;
        const double cost = way.cost(s, k);
        if (!best || cost < least) {
            best = &way;
            least = cost;
        }
    }
    return *best;
}

}  // namespace

std::vector<std::string> algorithm_names() {
    std::vector<std::string> names{"auto"};
    for (const auto& way : WAYS<float>) names.emplace_back(way.name);
    return names;
}

void check_algorithm(const std::string& algorithm, const ConvSpec& spec) {
    std::string choices;
    bool known = false;
    for (const auto& name : algorithm_names()) {
        known = known || name == algorithm;
        choices += (choices.empty() ? "'" : ", '") + name + "'";
    }
    if (!known) fail(spec.function, "algorithm must be one of " + choices, "'" + algorithm + "'");
    if (algorithm == "winograd" && !winograd::supports(spec))
        fail(spec.function,
             "algorithm must fit the convolution ('winograd' needs a kernel of 3x3 with stride 1 and dilation 1)",
             "'winograd'");
}

template <class T>
std::string choose(const ConvShape& shape, const Kernels<T>& kernels) {
    return cheapest(shape, kernels, convx::winograd::allowed()).name;
}

// What mixes is tried first and taken back where its result is not finite: then the arrays may not have been either.
template <class T>
void run(const Call<T>& call, const std::string& algorithm) {
    for (const Way<T>& way : WAYS<T>)
        if (algorithm == way.name) {
            way.run(call);
            return;
        }
    const Way<T>& way = cheapest(call.shape, call.kernels, convx::winograd::allowed());
    if (!way.run(call) && way.mixes) cheapest(call.shape, call.kernels, false).run(call);
}

namespace reference {

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

template bool run(const Call<float>&);
template bool run(const Call<double>&);

}  // namespace reference

template <class T>
void run_bias(const ConvShape& s, const View<const T>& gy, T* db, const Kernels<T>& kernels, int threads) {
    const bool rows_join = gy.w == 1 && (s.h.out == 1 || gy.h == s.w.out);
    const int64_t rows = rows_join ? 1 : s.h.out, count = rows_join ? s.h.out * s.w.out : s.w.out;
    parallel_tasks(s.k, threads, [&](int64_t k, int) {
        double sum = 0;
        Pace pace;
        for (int64_t n = 0; n < s.n; ++n)
            for (int64_t d = 0; d < s.d.out; ++d)
                for (int64_t p = 0; p < rows; ++p, pace.step(std::min(count, CHECKED_STEPS))) {
                    const T* row = gy.data + n * gy.n + k * gy.c + d * gy.d + p * gy.h;
                    in_pieces(count, [&](int64_t first, int64_t some) {
                        if (gy.w == 1)
                            sum += kernels.gradient.sum(row + first, some);
                        else
                            for (int64_t q = first; q < first + some; ++q) sum += static_cast<double>(row[q * gy.w]);
                    });
                }
        db[k] = static_cast<T>(sum);
    });
}

template std::string choose(const ConvShape&, const Kernels<float>&);
template std::string choose(const ConvShape&, const Kernels<double>&);
template void run(const Call<float>&, const std::string&);
template void run(const Call<double>&, const std::string&);
template void run_bias(const ConvShape&, const View<const float>&, float*, const Kernels<float>&, int);
template void run_bias(const ConvShape&, const View<const double>&, double*, const Kernels<double>&, int);

}  // namespace convx::weight_gradient
