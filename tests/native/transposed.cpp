// Transposed convolution by every algorithm that takes its phases.
#include "../../cpp/convx/transposed/conv_transpose.h"

#include <limits>
#include <stdexcept>

#include "../../cpp/convx/transposed/transposed_shape.h"
#include "convolution_case.h"
#include "families.h"

namespace convx::native {
namespace {

// Of the convolution that is transposed: `in` is what we compute, `out` what we are given.
Line any_transposed_line(Random& random, int64_t size, Ints& output_padding) {
    Line l;
    int64_t more;
    do {
        l.out = random.within(1, size);
        l.kernel = random.within(1, 5);
        l.stride = random.within(1, 3);
        l.dilation = random.within(1, 2);
        l.lo = random.within(0, 2);
        l.hi = random.within(0, 2);
        more = random.within(0, l.stride - 1);
        l.in = (l.out - 1) * l.stride - l.lo - l.hi + l.span() + more;
    } while (l.in < 1);
    output_padding.values.push_back(more);
    return l;
}

ConvolutionCase any_transposed(Random& random, Ints& output_padding) {
    ConvolutionCase c{{}, random.within(1, 2), random.within(1, 2), random.within(1, 20), random.within(1, 12)};
    c.s.rank = static_cast<int>(random.within(1, 3));
    int64_t size = c.s.rank == 1 ? 50 : c.s.rank == 2 ? 14 : 6;
    if (c.s.rank == 2 && random.one_in(4)) {  // for several threads
        size = 40;
        c.c_per_group = c.k_per_group = 24;
        c.groups = 1;
    }
    if (c.s.rank > 2) c.s.d = any_transposed_line(random, size, output_padding);
    if (c.s.rank > 1) c.s.h = any_transposed_line(random, size, output_padding);
    c.s.w = any_transposed_line(random, size, output_padding);
    return c;
}

template <class T>
Expected naive(const ConvolutionCase& c, const Array<T>& x, const std::vector<T>& weight, const std::vector<T>& bias,
               const Epilogue<T>& activation) {
    const int64_t inputs = c.s.inputs();
    Expected sums(c.n * c.c() * inputs);
    for (int64_t n = 0; n < c.n; ++n)
        for (int64_t k = 0; k < c.k(); ++k)
            for (int64_t channel = 0; channel < c.c_per_group; ++channel)
                for (int64_t o = 0; o < c.s.outputs(); ++o)
                    for (int64_t tap = 0; tap < c.s.taps(); ++tap) {
                        const Point from = c.s.output(o), to = c.s.place(from, c.s.tap(tap));
                        if (!c.s.inside(to)) continue;
                        const int64_t plane = n * c.c() + k / c.k_per_group * c.c_per_group + channel;
                        sums.add(plane * inputs + c.s.index(to),
                                 static_cast<double>(x(n, k, from.d, from.h, from.w)) *
                                     static_cast<double>(weight[c.weight(k, channel, tap)]));
                    }
    for (int64_t i = 0; i < c.n * c.c() * inputs; ++i) {
        if (!bias.empty()) sums.add(i, static_cast<double>(bias[i / inputs % c.c()]));
        sums.value[i] = activated(activation, sums.value[i]);
    }
    return sums;
}

template <class T>
void check_case(Family& family) {
    Random& random = family.random;
    Ints output_padding{{}, false};
    const ConvolutionCase c = any_transposed(random, output_padding);
    family.next_case(c.text());
    const auto x = random_array<T>(random, c.s.result(c.n, c.k()), any_layout(random));
    const auto weight = random_vector<T>(random, c.weights()),
               bias = random_vector<T>(random, random.one_in(2) * c.c());
    const Epilogue<T> activation = any_activation<T>(random);

    const TransposedSpec spec = transposed_spec("conv_transpose", c.s.rank, c.weight_shape(), nullptr, c.s.stride(),
                                                c.s.padding(), output_padding, c.s.dilation(), c.groups, std::nullopt);
    const Shape input = c.s.shape(c.n, c.k(), &Line::out);
    const ConvShape shape = transposed_shape(spec, input.data(), static_cast<int>(input.size()));
    family.same(transposed_output(spec.conv, shape), c.s.shape(c.n, c.c(), &Line::in), "output shape");

    const Expected expected = naive(c, x, weight, bias, activation);
    std::vector<T> one_thread;
    for (const std::string& algorithm : algorithm_names()) {
        try {
            check_phases_supported(algorithm, spec.conv);
        } catch (const std::invalid_argument&) {
            continue;
        }
        const bool may_mix = algorithm == "auto" || algorithm == "winograd" || algorithm == "fft";
        ConvTranspose<T> transpose(spec.conv, weight.data(), bias.empty() ? nullptr : bias.data(), activation,
                                   algorithm, random.one_in(2));
        on_every_setting([&](const Setting& setting) {
            auto out = unwritten<T>(c.n * c.c() * c.s.inputs());
            transpose.run(shape, x.view(), out.data(), DataFormat::channels_first);
            const std::string what = algorithm + ", " + setting.text();
            family.close(out, expected, may_mix ? WINOGRAD_UNITS : sum_units(c.k_per_group * c.s.taps()), what,
                         may_mix ? expected.most() : 0);
            if (setting.threads == 1) one_thread = out;
            family.same(out, one_thread, what + " and with one thread");
        });
    }
}

template <class T>
bool check_type(const char* name, const Plan& plan) {
    Family family(name, plan.seed + 1);
    for (int64_t i = 0; i < plan.cases; ++i) check_case<T>(family);
    return family.report();
}

}  // namespace

bool check_transposed(const Plan& plan) {
    const bool right = check_type<float>("transposed float", plan);
    return check_type<double>("transposed double", plan) && right;
}

}  // namespace convx::native
