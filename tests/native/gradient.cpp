// Gradients of a convolution with respect to its weight, by every algorithm, and to its bias.
#include "../../cpp/convx/gradient/weight_gradient.h"

#include <limits>
#include <stdexcept>

#include "convolution_case.h"
#include "families.h"

namespace convx::native {
namespace {

template <class T>
Expected naive_weight(const ConvolutionCase& c, const Array<T>& x, const Array<T>& gy) {
    Expected sums(c.weights());
    for (int64_t k = 0; k < c.k(); ++k)
        for (int64_t channel = 0; channel < c.c_per_group; ++channel)
            for (int64_t tap = 0; tap < c.s.taps(); ++tap)
                for (int64_t i = 0; i < c.n * c.s.outputs(); ++i) {
                    const int64_t n = i / c.s.outputs();
                    const Point o = c.s.output(i % c.s.outputs()), p = c.s.place(o, c.s.tap(tap));
                    if (c.s.inside(p))
                        sums.add(c.weight(k, channel, tap),
                                 static_cast<double>(x(n, k / c.k_per_group * c.c_per_group + channel, p.d, p.h, p.w)) *
                                     static_cast<double>(gy(n, k, o.d, o.h, o.w)));
                }
    return sums;
}

template <class T>
Expected naive_bias(const ConvolutionCase& c, const Array<T>& gy) {
    Expected sums(c.k());
    for (int64_t n = 0; n < c.n; ++n)
        for (int64_t k = 0; k < c.k(); ++k)
            for (int64_t i = 0; i < c.s.outputs(); ++i) {
                const Point o = c.s.output(i);
                sums.add(k, static_cast<double>(gy(n, k, o.d, o.h, o.w)));
            }
    return sums;
}

bool supports(const std::string& algorithm, const ConvSpec& spec) {
    try {
        weight_gradient::check_algorithm(algorithm, spec);
    } catch (const std::invalid_argument&) {
        return false;
    }
    return true;
}

template <class T>
void check_case(Family& family, const ConvolutionCase& c) {
    Random& random = family.random;
    const auto x = random_array<T>(random, c.s.input(c.n, c.c()), any_layout(random));
    const auto gy = random_array<T>(random, c.s.result(c.n, c.k()), any_layout(random));
    const ConvSpec spec = conv_spec("conv_weight", c.s.rank, c.weight_shape(), nullptr, c.s.stride(), c.s.padding(),
                                    c.s.dilation(), c.groups);
    const Shape input = c.s.shape(c.n, c.c(), &Line::in);
    const ConvShape shape = conv_shape(spec, input.data(), static_cast<int>(input.size()));
    const double units = sum_units(c.n * c.s.outputs());

    const Expected expected = naive_weight(c, x, gy);
    std::vector<T> one_thread;
    for (const std::string& algorithm : weight_gradient::algorithm_names()) {
        if (!supports(algorithm, spec)) continue;
        const bool may_mix = algorithm == "auto" || algorithm == "winograd";
        on_every_setting([&](const Setting& setting) {
            auto dw = unwritten<T>(c.weights());
            weight_gradient::run<T>({spec, shape, x.view(), gy.view(), dw.data()}, algorithm, setting);
            const std::string what = algorithm + ", " + setting.text();
            family.close(dw, expected, may_mix ? WINOGRAD_UNITS : units, what, may_mix ? expected.most() : 0);
            if (setting.threads == 1) one_thread = dw;
            family.same(dw, one_thread, what + " and with one thread");
        });
    }
    const Expected bias = naive_bias(c, gy);
    on_every_setting([&](const Setting& setting) {
        auto db = unwritten<T>(c.k());
        weight_gradient::run_bias<T>(shape, gy.view(), db.data(), setting);
        family.close(db, bias, units, "bias, " + setting.text());
    });
}

template <class T>
bool check_type(const char* name, const Plan& plan) {
    Family family(name, plan.seed + 5);
    for (int64_t i = 0; i < plan.cases; ++i) {
        const ConvolutionCase c = any_convolution(family.random);
        family.next_case(c.text());
        check_case<T>(family, c);
    }
    return family.report();
}

}  // namespace

bool check_weight_gradient(const Plan& plan) {
    const bool right = check_type<float>("weight gradient float", plan);
    return check_type<double>("weight gradient double", plan) && right;
}

}  // namespace convx::native
