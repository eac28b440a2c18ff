// Convolution by every algorithm, in both formats and with every border.
#include "../../cpp/convx/conv/convolution.h"

#include <limits>
#include <memory>

#include "convolution_case.h"
#include "families.h"

namespace convx::native {
namespace {

template <class T>
struct Operands {
    Array<T> x;
    std::vector<T> weight, bias;
    Epilogue<T> activation;
    Border border;
    DataFormat format;
};

// Element (n, k, pixel) of the result.
template <class T>
int64_t place(const ConvolutionCase& c, const Operands<T>& o, int64_t n, int64_t k, int64_t pixel) {
    const int64_t pixels = c.s.outputs();
    return o.format == DataFormat::channels_last ? (n * pixels + pixel) * c.k() + k : (n * c.k() + k) * pixels + pixel;
}

template <class T>
double sample(const ConvolutionCase& c, const Operands<T>& o, int64_t n, int64_t channel, Point at) {
    const Point p{bordered(o.border, c.s.d, at.d), bordered(o.border, c.s.h, at.h), bordered(o.border, c.s.w, at.w)};
    return c.s.inside(p) ? static_cast<double>(o.x(n, channel, p.d, p.h, p.w)) : 0;
}

template <class T>
Expected naive(const ConvolutionCase& c, const Operands<T>& o) {
    Expected sums(c.n * c.k() * c.s.outputs());
    for (int64_t n = 0; n < c.n; ++n)
        for (int64_t k = 0; k < c.k(); ++k)
            for (int64_t pixel = 0; pixel < c.s.outputs(); ++pixel) {
                const int64_t at = place(c, o, n, k, pixel), first = k / c.k_per_group * c.c_per_group;
                for (int64_t channel = 0; channel < c.c_per_group; ++channel)
                    for (int64_t tap = 0; tap < c.s.taps(); ++tap)
                        sums.add(at, sample(c, o, n, first + channel, c.s.place(c.s.output(pixel), c.s.tap(tap))) *
                                         static_cast<double>(o.weight[c.weight(k, channel, tap)]));
                if (!o.bias.empty()) sums.add(at, static_cast<double>(o.bias[k]));
                sums.value[at] = activated(o.activation, sums.value[at]);
            }
    return sums;
}

template <class T>
void check_case(Family& family, const ConvolutionCase& c) {
    Random& random = family.random;
    const Operands<T> o{random_array<T>(random, c.s.input(c.n, c.c()), any_layout(random)),
                        random_vector<T>(random, c.weights()),
                        random_vector<T>(random, random.one_in(2) ? c.k() : 0),
                        any_activation<T>(random),
                        any_border(random, c.s),
                        random.one_in(3) ? DataFormat::channels_last : DataFormat::channels_first};
    ConvSpec spec =
        conv_spec("conv", c.s.rank, c.weight_shape(), nullptr, c.s.stride(), c.s.padding(), c.s.dilation(), c.groups);
    spec.border = o.border;
    const Shape input = c.s.shape(c.n, c.c(), &Line::in);
    const ConvShape shape = conv_shape(spec, input.data(), static_cast<int>(input.size()));
    family.same(output_shape(spec, shape), c.s.shape(c.n, c.k(), &Line::out), "output shape");

    const Expected expected = naive(c, o);
    const bool one_use = random.one_in(2);
    std::vector<T> one_thread;
    for (const std::string& algorithm : algorithm_names()) {
        if (!algorithm_supports(algorithm, spec)) continue;
        Convolution<T> convolution(spec, o.weight.data(), o.bias.empty() ? nullptr : o.bias.data(), o.activation,
                                   algorithm, one_use);
        on_every_setting([&](const Setting& setting) {
            const bool mixes = convolution.algorithm_for(shape, o.format).spreads_nonfinite;
            auto out = unwritten<T>(c.n * c.k() * c.s.outputs());
            convolution.run(shape, o.x.view(), out.data(), o.format);
            const std::string what = algorithm + ", " + setting.text();
            family.close(out, expected, mixes ? WINOGRAD_UNITS : sum_units(spec.depth()), what,
                         mixes ? expected.most() : 0);
            if (setting.threads == 1) one_thread = out;
            family.same(out, one_thread, what + " and with one thread");
        });
    }
}

template <class T>
bool check_type(const char* name, const Plan& plan) {
    Family family(name, plan.seed);
    for (int64_t i = 0; i < plan.cases; ++i) {
        const ConvolutionCase c = any_convolution(family.random);
        family.next_case(c.text());
        check_case<T>(family, c);
    }
    return family.report();
}

}  // namespace

bool check_conv(const Plan& plan) {
    const bool right = check_type<float>("conv float", plan);
    return check_type<double>("conv double", plan) && right;
}

}  // namespace convx::native
