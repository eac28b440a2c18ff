// erf and 1 - erf for vectors: interpolated at Chebyshev nodes, on [0, 1/2] erf(x)/x as a polynomial of x^2, beyond it
// (1 - erf(x)) (x + 1) e^(x^2) as one of (x - 3)/(x + 3), with relative errors below a tenth of a rounding.
#pragma once
#include "exponential.h"

namespace convx::CONVX_ISA {

template <class T>
struct ErrorFunction {  // float
    static constexpr T NEAR[5] = {1.1283791656147942, -0.37612609173340625, 0.11282834739151421, -0.026757944332645791,
                                  0.0047195053543597736};
    static constexpr T FAR[11] = {0.71600460499112159,     -0.23092733243883902,  0.099020712246477098,
                                  -0.010235433074991313,   -0.023802878676176556, 0.021958752124412938,
                                  -0.0097597901081203766,  0.001609320031102456,  0.00067886221291752235,
                                  -0.00032984997873376463, -6.3423835134396224e-5};
    static constexpr T LARGEST = T(10.2);  // beyond, 1 - erf(x) is 0
    static constexpr int32_t LOW_BITS = 0xfff;
};
template <>
struct ErrorFunction<double> {
    static constexpr double NEAR[10] = {1.1283791670955126,     -0.37612638903183751,   0.1128379167095487,
                                        -0.026866170645000074,  0.0052239776220242243,  -0.00085483265115665676,
                                        0.00012055286259121393, -1.4923005626894848e-5, 1.6371282597755976e-6,
                                        -1.4621341491012843e-7};
    static constexpr double FAR[24] = {
        0.7160046047255598,     -0.23092733308380921,    0.099020753679439858,   -0.010235388899006794,
        -0.023803913108648961,  0.021957764012601057,    -0.0097506892933774033, 0.001618569128374696,
        0.00064581421197310778, -0.00036728849562390396, -2.0551673506511696e-5, 5.6119486063482012e-5,
        -1.5140883792683737e-6, -8.9905487886872137e-6,  2.5983698524595791e-7,  1.5901054009426197e-6,
        6.2169371032183699e-8,  -2.9596375853761001e-7,  -4.8199309233100573e-8, 5.4054599357436286e-8,
        1.6343769437870183e-8,  -9.2683416600726747e-9,  -2.8450498191654698e-9, 1.2604205394447526e-9};
    static constexpr double LARGEST = 28;
    static constexpr int64_t LOW_BITS = 0x7ffffff;
};

template <class T, int N>
CONVX_INLINE vec<T> polynomial(const T (&coefficient)[N], vec<T> x) {
    vec<T> sum = splat(coefficient[N - 1]);
    CONVX_UNROLL
    for (int i = N - 2; i >= 0; --i) sum = sum * x + coefficient[i];
    return sum;
}

// erf(x), |x| <= 1/2
template <class T>
CONVX_INLINE vec<T> erf_near(vec<T> x) {
    return x * polynomial<T>(ErrorFunction<T>::NEAR, x * x);
}

// A square as the sum of an exact one and a small rest: its rounding would count x^2 times in e^-(x^2).
template <class T>
struct Square {
    vec<T> high, low;
};
template <class T>
CONVX_INLINE Square<T> square_of(vec<T> x) {
    const vec<T> high = (vec<T>)((mask<T>)x & ~ErrorFunction<T>::LOW_BITS);
    return {high * high, (x - high) * (x + high)};
}

// 1 - erf(x), 1/2 <= x <= LARGEST
template <class T>
CONVX_INLINE vec<T> erfc_far(vec<T> x, Square<T> square) {
    const vec<T> rest = polynomial<T>(ErrorFunction<T>::FAR, (x - T(3)) / (x + T(3))) / (x + T(1));
    return exponential<T>(-square.high, -square.low) * rest;
}

template <class T>
CONVX_INLINE vec<T> erf(vec<T> x) {
    const vec<T> size = clamp<T>(magnitude<T>(x), vec<T>{}, splat(ErrorFunction<T>::LARGEST));
    const vec<T> far = with_sign_of<T>(T(1) - erfc_far<T>(size, square_of<T>(size)), x);
    return size <= T(0.5) ? erf_near<T>(x) : far;
}

// (1 - erf(x / sqrt(2))) / 2, x >= 0: how likely a normal variable is larger.
template <class T>
CONVX_INLINE vec<T> normal_tail(vec<T> x) {
    constexpr T ROOT = T(0.70710678118654752440);
    x = clamp<T>(x, vec<T>{}, splat(ErrorFunction<T>::LARGEST / ROOT));
    const Square<T> square = square_of<T>(x);
    const vec<T> z = x * ROOT, far = erfc_far<T>(z, {T(0.5) * square.high, T(0.5) * square.low});
    return T(0.5) * (z <= T(0.5) ? T(1) - erf_near<T>(z) : far);
}

}  // namespace convx::CONVX_ISA
