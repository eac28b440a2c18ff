// e^x and its kin for vectors: x = n*log(2) + r, |r| <= log(2)/2, and e^r by its Taylor series.
#pragma once
#include "simd.h"

namespace convx::CONVX_ISA {

template <class T>
struct Exponential {  // float
    static constexpr int MANTISSA = 23, TERMS = 7, LOG_TERMS = 7;
    static constexpr T BIAS = 127, LOWEST = -104, HIGHEST = 89;              // beyond, e^x is 0 or infinite
    static constexpr T LEAST_NORMAL = -87;                                   // whose power is a normal number
    static constexpr T LOG2_HIGH = 0x1.63p-1f, LOG2_LOW = -0x1.bd0106p-13f;  // n*LOG2_HIGH is exact
};
template <>
struct Exponential<double> {
    static constexpr int MANTISSA = 52, TERMS = 13, LOG_TERMS = 16;
    static constexpr double BIAS = 1023, LOWEST = -746, HIGHEST = 710;
    static constexpr double LEAST_NORMAL = -708;
    static constexpr double LOG2_HIGH = 0x1.62e42feep-1, LOG2_LOW = 0x1.a39ef35793c76p-33;
};

// n as a number and, in its lowest bits, as an integer.
template <class T>
struct WholePowers {
    vec<T> n;
    mask<T> bits;
};

template <class T>
CONVX_INLINE WholePowers<T> nearest_powers(vec<T> x) {
    constexpr T ROUND = static_cast<T>(int64_t{3} << (Exponential<T>::MANTISSA - 1));  // puts the ones last
    const vec<T> shifted = x * T(1.4426950408889634074) + ROUND;
    return {shifted - ROUND, (mask<T>)shifted - (mask<T>)splat<T>(ROUND)};
}

// 2^n for exponents that a number has.
template <class T>
CONVX_INLINE vec<T> power_of_two(mask<T> n) {
    return (vec<T>)((n + static_cast<int>(Exponential<T>::BIAS)) << Exponential<T>::MANTISSA);
}

template <class T>
CONVX_INLINE vec<T> remainder(vec<T> x, vec<T> n) {
    return (x - n * Exponential<T>::LOG2_HIGH) - n * Exponential<T>::LOG2_LOW;
}

// e^r - 1
template <class T>
CONVX_INLINE vec<T> series(vec<T> r) {
    constexpr int TERMS = Exponential<T>::TERMS;
    T coefficient[TERMS + 1] = {1};
    CONVX_UNROLL
    for (int i = 1; i <= TERMS; ++i) coefficient[i] = coefficient[i - 1] / static_cast<T>(i);
    vec<T> sum = splat(coefficient[TERMS]);
    CONVX_UNROLL
    for (int i = TERMS - 1; i >= 2; --i) sum = sum * r + coefficient[i];
    return r + r * r * sum;
}

// e^(x + low), |low| small beside 1
template <class T>
CONVX_INLINE vec<T> exponential(vec<T> x, vec<T> low) {
    using E = Exponential<T>;
    x = clamp<T>(x, splat(E::LOWEST), splat(E::HIGHEST));
    const WholePowers<T> whole = nearest_powers<T>(x);
    const vec<T> p = series<T>(remainder<T>(x, whole.n) + low) + T(1);
    const mask<T> half = whole.bits >> 1;  // results may be subnormal
    return p * power_of_two<T>(half) * power_of_two<T>(whole.bits - half);
}
template <class T>
CONVX_INLINE vec<T> exponential(vec<T> x) {
    return exponential<T>(x, vec<T>{});
}

// The same for LEAST_NORMAL <= x <= 0 and NaN, with the same bits.
template <class T>
CONVX_INLINE vec<T> normal_exponential(vec<T> x) {
    const WholePowers<T> whole = nearest_powers<T>(x);
    const vec<T> p = series<T>(remainder<T>(x, whole.n)) + T(1);
    return p * power_of_two<T>(whole.bits);
}

// e^x - 1 for x <= 50
template <class T>
CONVX_INLINE vec<T> exponential_less_one(vec<T> x) {
    x = clamp<T>(x, splat(T(-40)), splat(T(50)));
    const WholePowers<T> whole = nearest_powers<T>(x);
    const vec<T> power = power_of_two<T>(whole.bits);
    return power * series<T>(remainder<T>(x, whole.n)) + (power - T(1));
}

// log(1 + x) for 0 <= x <= 1: 2 artanh(x / (2 + x))
template <class T>
CONVX_INLINE vec<T> log_one_more(vec<T> x) {
    constexpr int TERMS = Exponential<T>::LOG_TERMS;
    const vec<T> s = x / (T(2) + x), square = s * s;
    vec<T> sum = splat(T(1) / static_cast<T>(2 * TERMS + 1));
    CONVX_UNROLL
    for (int i = TERMS - 1; i >= 1; --i) sum = sum * square + T(1) / static_cast<T>(2 * i + 1);
    return T(2) * (s + s * square * sum);
}

template <class T>
CONVX_INLINE vec<T> magnitude(vec<T> x) {
    return (vec<T>)((mask<T>)x & ~(mask<T>)splat(T(-0.0)));
}
template <class T>
CONVX_INLINE vec<T> with_sign_of(vec<T> positive, vec<T> x) {
    return (vec<T>)((mask<T>)positive | ((mask<T>)x & (mask<T>)splat(T(-0.0))));
}

}  // namespace convx::CONVX_ISA
