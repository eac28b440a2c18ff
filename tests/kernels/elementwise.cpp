// Functions of elements against those of the C++ library, in long double where that tells more.
#include <functional>

#include "cases.h"

namespace convx::CONVX_ISA {
namespace {

using Wide = long double;

Wide value(Unary f, Wide x, Wide a, Wide b) {
    const auto unit = [](Wide v) { return std::isnan(v) ? v : std::min<Wide>(std::max<Wide>(v, 0), 1); };
    switch (f) {
        case Unary::clip:
            return x < a ? a : x > b ? b : x;
        case Unary::leaky_relu:
            return x > 0 ? x : a * x;
        case Unary::hard_sigmoid:
            return unit(a * x + b);
        case Unary::hard_swish:
            return x * unit(a * x + b);
        case Unary::elu:
            return x > 0 ? b * x : a * std::expm1(x);
        case Unary::exp:
            return std::exp(x);
        case Unary::tanh:
            return std::tanh(x);
        case Unary::sigmoid:
            return 1 / (1 + std::exp(-x));
        case Unary::silu:
            return x / (1 + std::exp(-x));
        case Unary::softplus:
            return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
        case Unary::mish:
            return x * std::tanh(x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)));
        case Unary::erf:
            return std::erf(x);
        case Unary::gelu:
            return x / 2 * std::erfc(-x / std::sqrt(Wide(2)));
    }
    return 0;
}

constexpr double ULPS = 4;

// Within some units in the last place, or of the smallest number, which x may multiply.
template <class T>
bool near(T got, Wide expected, Wide x) {
    if (std::isnan(expected)) return std::isnan(got);
    if (std::isinf(expected) || std::abs(expected) > std::numeric_limits<T>::max())
        return Wide(got) == expected || (std::isinf(got) && (got > 0) == (expected > 0));
    const Wide relative = std::abs(expected) * std::numeric_limits<T>::epsilon() / 2;
    const Wide unit = std::max(relative, std::numeric_limits<T>::denorm_min() * std::max<Wide>(std::abs(x), 1));
    return std::abs(Wide(got) - expected) <= 2 * ULPS * unit;
}

template <class T>
Guarded<T> wide_numbers(Test& test, int64_t count) {
    Guarded<T> x = test.array<T>(count);
    constexpr T infinity = std::numeric_limits<T>::infinity();
    const T special[] = {0,        T(-0.0), infinity, -infinity, std::numeric_limits<T>::quiet_NaN(),
                         T(0.5),   T(-0.5), T(1e-30), T(-1e-30), T(88.5),
                         T(-88.5), T(-103), T(-700),  T(709),    T(20),
                         T(-20)};
    for (int64_t i = 0; i < count; ++i) {
        const double size = std::pow(10, double(test.random.within(-60, 20)) / 10);
        const double x0 = double(test.random.within(-100000, 100000)) / 100000 * size;
        x[i] = test.random.one_in(8) ? special[test.random.within(0, 15)] : T(x0);
    }
    return x;
}

}  // namespace

template <class T>
void Float<T>::unary_row(Test& test, const Kernels<T>& k) {
    for (int f = 0; f <= int(Unary::gelu); ++f)
        for (int64_t count = 0; count < 40; ++count)
            for (int repeat = 0; repeat < 8; ++repeat) {
                const auto function = static_cast<Unary>(f);
                const bool hard = function == Unary::hard_sigmoid || function == Unary::hard_swish;
                const T a = hard ? T(0.25) : T(function == Unary::clip ? -1.5 : 0.75), b = hard ? T(0.5) : T(1.25);
                const Guarded<T> x = wide_numbers<T>(test, count);
                Guarded<T> y = test.array<T>(count);
                const bool in_place = test.random.one_in(2);
                test.with({{"function", f}, {"count", count}, {"in_place", in_place}});
                std::copy_n(x.data(), in_place ? count : 0, y.data());
                k.unary_row({in_place ? y.data() : x.data(), y.data(), count, function, a, b});
                for (int64_t i = 0; i < count; ++i) {
                    const Wide v = value(function, x[i], a, b);
                    if (!near<T>(y[i], v, x[i])) return test.wrong(i, double(y[i]), double(v));
                }
                Expected<T> same(y);
                test.compare(y, same);
            }
}

template <class T>
void Float<T>::binary_rows(Test& test, const Kernels<T>& k) {
    const std::function<T(T, T)> ops[] = {
        [](T a, T b) { return a + b; },
        [](T a, T b) { return a - b; },
        [](T a, T b) { return a * b; },
        [](T a, T b) { return a / b; },
        [](T a, T b) { return std::isnan(a) || std::isnan(b) ? a + b : std::max(a, b); },
        [](T a, T b) { return std::isnan(a) || std::isnan(b) ? a + b : std::min(a, b); },
    };
    for (int op = 0; op < 6; ++op)
        for (int steps = 0; steps < 4; ++steps)
            for (int64_t count = 1; count < 2 * k.lanes + 3; ++count) {
                const int64_t rows = test.random.within(1, 3), gap = test.random.within(0, 3);
                const int64_t a_step = steps & 1, b_step = steps >> 1, a_row = test.random.one_in(2) ? 0 : count + gap;
                const int64_t b_row = test.random.one_in(2) ? 0 : count + gap, y_row = count + gap;
                Guarded<T> a = test.array<T>((rows - 1) * a_row + (a_step ? count : 1));
                const Guarded<T> b = test.array<T>((rows - 1) * b_row + (b_step ? count : 1));
                if (test.random.one_in(4)) a[0] = std::numeric_limits<T>::quiet_NaN();
                Guarded<T> y = test.array<T>((rows - 1) * y_row + count);
                test.with({{"op", op}, {"steps", steps}, {"count", count}, {"rows", rows}});
                const bool relu = test.random.one_in(2);
                constexpr T infinity = std::numeric_limits<T>::infinity();
                Expected<T> expected(y);
                for (int64_t r = 0; r < rows; ++r)
                    for (int64_t i = 0; i < count; ++i) {
                        const T v = ops[op](a[r * a_row + i * a_step], b[r * b_row + i * b_step]);
                        expected.set(r * y_row + i, relu && v < 0 ? T(0) : v);
                    }
                k.binary_rows({a.data(),
                               b.data(),
                               y.data(),
                               rows,
                               count,
                               a_row,
                               b_row,
                               y_row,
                               int32_t(a_step),
                               int32_t(b_step),
                               static_cast<Binary>(op),
                               {nullptr, Activation::clamp, relu ? T(0) : -infinity, infinity}});
                test.compare(y, expected);
            }
}

template <class T>
void Float<T>::softmax(Test& test, const Kernels<T>& k) {
    for (int64_t length = 1; length < 3 * k.lanes + 2; ++length)
        for (int64_t count = 1; count < 2 * k.lanes + 2; ++count) {
            const int64_t step = count == 1 && test.random.one_in(2) ? 1 : count + test.random.within(0, 2);
            const bool logarithm = test.random.one_in(2), in_place = test.random.one_in(2);
            const Guarded<T> x = test.array<T>((length - 1) * step + count);
            Guarded<T> y = test.array<T>(x.size);
            if (in_place) std::copy_n(x.data(), x.size, y.data());
            test.with({{"length", length}, {"count", count}, {"step", step}, {"logarithm", logarithm}});
            Expected<T> expected(y);
            for (int64_t j = 0; j < count; ++j) {
                Wide most = -100, sum = 0;
                for (int64_t i = 0; i < length; ++i) most = std::max<Wide>(most, x[i * step + j]);
                for (int64_t i = 0; i < length; ++i) sum += std::exp(x[i * step + j] - most);
                for (int64_t i = 0; i < length; ++i) {
                    const Wide v = x[i * step + j] - most;
                    expected.set(i * step + j, T(logarithm ? v - std::log(sum) : std::exp(v) / sum));
                }
            }
            k.softmax({in_place ? y.data() : x.data(), y.data(), length, step, count, logarithm});
            test.compare(y, expected, (logarithm ? 16 : 1) * 8 * double(std::numeric_limits<T>::epsilon()));
        }
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
