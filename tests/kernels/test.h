// One kernel on one instruction set: its cases, what they are called with, and what came out.
#pragma once
#include <cmath>
#include <cstdio>
#include <initializer_list>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "../../cpp/kernels/kernels.h"
#include "guarded.h"

namespace convx::kernel_tests {

struct Parameter {
    template <class T>
    Parameter(const char* name, T value) : name(name), value(static_cast<double>(value)) {}

    const char* name;
    double value;
};

// What an array is to hold after a call: numbers, or anything where the contract leaves it open.
template <class T>
struct Expected {
    explicit Expected(const Guarded<T>& array) : value(array.data(), array.data() + array.size), open(value.size()) {}

    void set(int64_t i, T x) { value[static_cast<size_t>(i)] = x; }
    T at(int64_t i) const { return value[static_cast<size_t>(i)]; }
    void leave_open(int64_t from, int64_t to) {
        for (int64_t i = from; i < to; ++i) open[static_cast<size_t>(i)] = true;
    }

    std::vector<T> value;
    std::vector<bool> open;
};

class Test {
  public:
    Test(const char* isa, const char* kernel, const char* type, uint64_t seed)
        : random(seed), isa_(isa), kernel_(kernel), type_(type) {
        current = this;
    }

    // Begins a case.
    void with(std::initializer_list<Parameter> parameters) {
        ++cases;
        parameters_ = parameters;
    }

    template <class T>
    Guarded<T> array(int64_t size) {  // of small numbers, whose sums and products are exact in every type
        Guarded<T> a(random, size);
        for (int64_t i = 0; i < size; ++i) a[i] = number<T>();
        return a;
    }
    template <class T>
    T number() {
        return static_cast<T>(random.within(std::is_signed_v<T> ? -6 : 0, 6));
    }

    template <class T>
    void compare(const Guarded<T>& got, const Expected<T>& expected, double tolerance = 0) {
        for (int64_t i = 0; i < got.size; ++i)
            if (!expected.open[static_cast<size_t>(i)] && !close(got[i], expected.at(i), tolerance))
                return wrong(i, static_cast<double>(got[i]), static_cast<double>(expected.at(i)));
        if (!got.surroundings_are_untouched()) fail("stored outside of its output");
    }
    template <class T>
    void compare(T got, T expected) {
        if (!close(got, expected, 0)) wrong(0, static_cast<double>(got), static_cast<double>(expected));
    }

    void wrong(int64_t index, double got, double expected) {
        if (!failures) {
            describe();
            std::printf("  element %lld is %.17g, expected %.17g\n", static_cast<long long>(index), got, expected);
        }
        ++failures;
    }
    void fail(const char* what) {
        if (!failures) {
            describe();
            std::printf("  %s\n", what);
        }
        ++failures;
    }
    void describe() const {
        std::printf("WRONG %s, %s, %s:", kernel_, isa_, type_);
        for (const Parameter& p : parameters_) std::printf(" %s=%g", p.name, p.value);
        std::puts("");
    }

    Random random;
    int64_t cases = 0, failures = 0;
    static inline const Test* current = nullptr;  // which a fault belongs to

  private:
    template <class T>
    static bool close(T a, T b, double tolerance) {
        if constexpr (std::is_floating_point_v<T>) {
            if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
            return a == b || std::abs(static_cast<double>(a) - static_cast<double>(b)) <= tolerance;
        }
        return a == b;
    }

    const char *const isa_, *const kernel_, *const type_;
    std::vector<Parameter> parameters_;
};

inline int64_t up_to_multiple(int64_t n, int64_t of) { return (n + of - 1) / of * of; }

// Bias, activation and residual of some kind, and what they make of a sum that goes to out[at].
template <class T>
class Finish {
  public:
    Finish(Test& test, int64_t channels, const Guarded<T>& out)
        : bias_(test.array<T>(channels)),
          residual_(test.array<T>(out.size)),
          to_residual_(reinterpret_cast<intptr_t>(residual_.data()) - reinterpret_cast<intptr_t>(out.data())),
          kind_(test.random.within(0, 3)) {
        has_bias_ = !test.random.one_in(3);
        has_residual_ = std::is_floating_point_v<T> && test.random.one_in(2);
        clamps_ = kind_ != 3;
        constexpr T infinity =
            std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
        lo_ = kind_ == 0   ? (std::is_floating_point_v<T> ? -infinity : std::numeric_limits<T>::lowest())
              : kind_ == 3 ? static_cast<T>(0.25)
                           : static_cast<T>(kind_ == 1 ? 0 : -9);
        hi_ = kind_ == 2 ? T(20) : infinity;
    }

    Epilogue<T> epilogue() const {
        return {has_bias_ ? bias_.data() : nullptr,
                clamps_ ? Activation::clamp : Activation::leaky_relu,
                lo_,
                hi_,
                has_residual_,
                to_residual_};
    }
    T of(T sum, int64_t channel, int64_t at) const {
        if (has_bias_) sum = static_cast<T>(sum + bias_[channel]);
        if (has_residual_) sum = static_cast<T>(sum + residual_[at]);
        if (!clamps_) return sum > 0 ? sum : static_cast<T>(sum * lo_);
        return sum < lo_ ? lo_ : sum > hi_ ? hi_ : sum;
    }
    double kind() const { return static_cast<double>(kind_ + 10 * has_bias_ + 100 * has_residual_); }

    void clamp_only() {  // as integers have it
        if (clamps_) return;
        clamps_ = true;
        lo_ = -3;
        hi_ = 11;
    }

  private:
    const Guarded<T> bias_, residual_;
    intptr_t to_residual_;
    int64_t kind_;
    bool has_bias_, has_residual_, clamps_;
    T lo_, hi_;
};

}  // namespace convx::kernel_tests
