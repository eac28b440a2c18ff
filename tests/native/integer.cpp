// Convolution of integers, whose sums wrap, and the quantized one, whose sums become bytes.
#include "../../cpp/convx/integer/integer_conv.h"

#include <algorithm>
#include <cmath>

#include "convolution_case.h"
#include "families.h"

namespace convx::native {
namespace {

constexpr IntType BYTES[] = {IntType::i8, IntType::u8};
constexpr IntType WIDE[] = {IntType::i16, IntType::u16, IntType::i32, IntType::u32, IntType::i64};
constexpr IntType ALL[] = {IntType::i8,  IntType::u8,  IntType::i16, IntType::u16,
                           IntType::i32, IntType::u32, IntType::i64};

struct Zeros {  // zero points
    int64_t x = 0;
    std::vector<int64_t> w;  // none, or one for each output channel
};

// Sums modulo 2**64, of which smaller types take the lower bits.
template <class X, class W>
std::vector<uint64_t> naive(const ConvolutionCase& c, const Array<X>& x, const std::vector<W>& weight, Border border,
                            const Zeros& zeros, const std::vector<int64_t>& bias) {
    std::vector<uint64_t> sums(static_cast<size_t>(c.n * c.k() * c.s.outputs()));
    for (size_t i = 0; i < sums.size(); ++i) {
        const auto at = static_cast<int64_t>(i);
        const int64_t n = at / c.s.outputs() / c.k(), k = at / c.s.outputs() % c.k();
        const Point output = c.s.output(at % c.s.outputs());
        const int64_t zero = zeros.w.empty() ? 0 : zeros.w[k];
        for (int64_t channel = 0; channel < c.c_per_group; ++channel)
            for (int64_t tap = 0; tap < c.s.taps(); ++tap) {
                Point p = c.s.place(output, c.s.tap(tap));
                p = {bordered(border, c.s.d, p.d), bordered(border, c.s.h, p.h), bordered(border, c.s.w, p.w)};
                if (!c.s.inside(p)) continue;
                const auto a = static_cast<int64_t>(x(n, k / c.k_per_group * c.c_per_group + channel, p.d, p.h, p.w));
                const auto b = static_cast<int64_t>(weight[c.weight(k, channel, tap)]);
                sums[i] += static_cast<uint64_t>(a - zeros.x) * static_cast<uint64_t>(b - zero);
            }
        sums[i] += bias.empty() ? 0 : static_cast<uint64_t>(bias[k]);
    }
    return sums;
}

template <class X>
IntView view_of(const Array<X>& x, IntType type) {
    const View<const X> v = x.view();
    return {v.data, type, v.n, v.c, v.d, v.h, v.w};
}

struct Problem {
    const ConvolutionCase& c;
    IntType x_type, w_type;
    Border border;
    ConvSpec spec;
    ConvShape shape;
    Problem(Family& family, const ConvolutionCase& c, IntType x, IntType w, Border border)
        : c(c),
          x_type(x),
          w_type(w),
          border(border),
          spec(conv_spec("conv", c.s.rank, c.weight_shape(), nullptr, c.s.stride(), c.s.padding(), c.s.dilation(),
                         c.groups)) {
        spec.border = border;
        const Shape input = c.s.shape(c.n, c.c(), &Line::in);
        shape = conv_shape(spec, input.data(), static_cast<int>(input.size()));
        family.next_case(c.text());
    }
};

template <class Sum, class X, class W>
void check_sums(Family& family, const Problem& p, X, W) {
    Random& random = family.random;
    const auto x = random_array<X>(random, p.c.s.input(p.c.n, p.c.c()), any_layout(random));
    auto weight = random_vector<W>(random, p.c.weights());
    IntegerTraits traits;
    if (random.one_in(2)) traits.bias = random_vector<int64_t>(random, p.c.k());
    if (random.one_in(3)) traits.lo = -1000, traits.hi = 5000;
    const std::vector<uint64_t> sums = naive(p.c, x, weight, p.border, {}, traits.bias);
    std::vector<Sum> expected;
    for (const uint64_t sum : sums)
        expected.push_back(static_cast<Sum>(std::clamp<int64_t>(static_cast<Sum>(sum), traits.lo, traits.hi)));
    for (const std::string& algorithm : integer_algorithms()) {
        traits.algorithm = algorithm;
        IntegerConvolution<Sum> convolution(p.spec, {weight.data(), p.w_type, {}}, traits);
        on_every_setting([&](const Setting& setting) {
            auto out = unwritten<Sum>(static_cast<int64_t>(expected.size()));
            convolution.run(p.shape, view_of(x, p.x_type), out.data());
            family.same(out, expected, algorithm + ", " + setting.text());
        });
    }
}

template <class X, class W>
void check_bytes(Family& family, const Problem& p, X, W) {
    Random& random = family.random;
    const auto byte = [&](bool has_sign) { return random.within(0, 255) - (has_sign ? 128 : 0); };
    const auto x = random_array<X>(random, p.c.s.input(p.c.n, p.c.c()), any_layout(random));
    const auto weight = random_vector<W>(random, p.c.weights());
    Zeros zeros{byte(std::is_signed_v<X>), {}};
    std::vector<float> scale;
    IntegerTraits traits;
    for (int64_t k = 0; k < p.c.k(); ++k) {
        zeros.w.push_back(byte(std::is_signed_v<W>));
        scale.push_back(static_cast<float>(random.real(1e-4, 1e-2)));
        traits.bias.push_back(random.within(-10000, 10000));
    }
    traits.x_zero = zeros.x;
    const int64_t zero = byte(false);
    const Requantization r{scale.data(), static_cast<float>(-zero), static_cast<float>(255 - zero),
                           static_cast<int32_t>(zero)};
    const std::vector<uint64_t> sums = naive(p.c, x, weight, p.border, zeros, traits.bias);
    std::vector<uint8_t> expected;
    for (size_t i = 0; i < sums.size(); ++i) {
        const size_t k = i / static_cast<size_t>(p.c.s.outputs()) % scale.size();
        const float scaled = static_cast<float>(static_cast<int32_t>(sums[i])) * scale[k];
        expected.push_back(
            static_cast<uint8_t>(r.zero + static_cast<int32_t>(std::nearbyint(std::clamp(scaled, r.lo, r.hi)))));
    }
    for (const std::string& algorithm : integer_algorithms()) {
        traits.algorithm = algorithm;
        IntegerConvolution<int32_t> convolution(p.spec, {weight.data(), p.w_type, zeros.w}, traits);
        on_every_setting([&](const Setting& setting) {
            auto out = unwritten<uint8_t>(static_cast<int64_t>(expected.size()));
            convolution.run(p.shape, view_of(x, p.x_type), out.data(), &r);
            family.same(out, expected, algorithm + ", " + setting.text());
        });
    }
}

template <size_t N>
IntType any_type(Random& random, const IntType (&types)[N]) {
    return types[random.within(0, static_cast<int64_t>(N) - 1)];
}

}  // namespace

bool check_integer(const Plan& plan) {
    Family narrow("integer 32-bit sums", plan.seed + 2), wide("integer 64-bit sums", plan.seed + 3);
    for (int64_t i = 0; i < plan.cases; ++i) {
        const ConvolutionCase c = any_convolution(narrow.random);
        const Problem p(narrow, c, any_type(narrow.random, BYTES), any_type(narrow.random, BYTES),
                        any_border(narrow.random, c.s));
        with_type(p.x_type, [&](auto x) {
            with_type(p.w_type, [&](auto w) {
                if constexpr (sizeof(x) == 1 && sizeof(w) == 1) check_sums<int32_t>(narrow, p, x, w);
            });
        });
        const ConvolutionCase d = any_convolution(wide.random);
        const IntType x_type = any_type(wide.random, ALL);
        const Problem q(wide, d, x_type, is_byte(x_type) ? any_type(wide.random, WIDE) : any_type(wide.random, ALL),
                        any_border(wide.random, d.s));
        with_type(q.x_type, [&](auto x) {
            with_type(q.w_type, [&](auto w) {
                if constexpr (sizeof(x) > 1 || sizeof(w) > 1) check_sums<int64_t>(wide, q, x, w);
            });
        });
    }
    const bool right = narrow.report();
    return wide.report() && right;
}

bool check_quantized(const Plan& plan) {
    Family family("quantized", plan.seed + 4);
    for (int64_t i = 0; i < plan.cases; ++i) {
        const ConvolutionCase c = any_convolution(family.random);
        const Problem p(family, c, any_type(family.random, BYTES), any_type(family.random, BYTES), Border::zeros);
        with_type(p.x_type, [&](auto x) {
            with_type(p.w_type, [&](auto w) {
                if constexpr (sizeof(x) == 1 && sizeof(w) == 1) check_bytes(family, p, x, w);
            });
        });
    }
    return family.report();
}

}  // namespace convx::native
