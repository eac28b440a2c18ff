// Functions of each element, chosen once for a row.
#include "contracts/elementwise.h"
#include "error_function.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class T>
CONVX_INLINE vec<T> unit(vec<T> x) {
    return clamp<T>(x, vec<T>{}, splat(T(1)));
}

// 1 / (1 + e^-x) without an infinite power
template <class T>
CONVX_INLINE vec<T> sigmoid(vec<T> x) {
    const vec<T> e = exponential<T>(-magnitude<T>(x));
    return (x < T(0) ? e : splat(T(1))) / (T(1) + e);
}

template <class T>
CONVX_INLINE vec<T> tanh(vec<T> x) {
    const vec<T> e = exponential_less_one<T>(T(2) * magnitude<T>(x));
    return with_sign_of<T>(e / (e + T(2)), x);
}

template <class T>
CONVX_INLINE vec<T> softplus(vec<T> x) {
    return (x > T(0) ? x : vec<T>{}) + log_one_more<T>(exponential<T>(-magnitude<T>(x)));
}

// tanh(log(1 + e)) = e*(e + 2) / (e*(e + 2) + 2)
template <class T>
CONVX_INLINE vec<T> mish(vec<T> x) {
    const vec<T> e = exponential<T>(clamp<T>(x, splat(Exponential<T>::LOWEST), splat(T(40)))), n = e * (e + T(2));
    return x * (n / (n + T(2)));
}

template <class T>
CONVX_INLINE vec<T> gelu(vec<T> x) {
    const vec<T> tail = normal_tail<T>(magnitude<T>(x));
    return x * (x > T(0) ? T(1) - tail : tail);
}

template <class T, Unary F>
CONVX_INLINE vec<T> value(vec<T> x, vec<T> a, vec<T> b) {
    if constexpr (F == Unary::clip) return clamp<T>(x, a, b);
    if constexpr (F == Unary::leaky_relu) return x > T(0) ? x : a * x;
    if constexpr (F == Unary::hard_sigmoid) return unit<T>(a * x + b);
    if constexpr (F == Unary::hard_swish) return x * unit<T>(a * x + b);
    if constexpr (F == Unary::elu) return x > T(0) ? b * x : a * exponential_less_one<T>(x);
    if constexpr (F == Unary::exp) return exponential<T>(x);
    if constexpr (F == Unary::tanh) return tanh<T>(x);
    if constexpr (F == Unary::sigmoid) return sigmoid<T>(x);
    if constexpr (F == Unary::silu) return x * sigmoid<T>(x);
    if constexpr (F == Unary::softplus) return softplus<T>(x);
    if constexpr (F == Unary::mish) return mish<T>(x);
    if constexpr (F == Unary::erf) return erf<T>(x);
    if constexpr (F == Unary::gelu) return gelu<T>(x);
}

template <class T, Unary F>
__attribute__((noinline)) void row(const UnaryRow<T>& r) {
    constexpr int L = LANES<T>;
    const vec<T> a = splat(r.a), b = splat(r.b);
    int64_t i = 0;
    for (; i + L <= r.count; i += L) store(r.y + i, value<T, F>(load(r.x + i), a, b));
    if (i == r.count) return;
    alignas(64) T some[L] = {};
    copy_few(some, r.x + i, r.count - i);
    store(some, value<T, F>(load(some), a, b));
    copy_few(r.y + i, some, r.count - i);
}

template <class T, int F>
CONVX_INLINE void by_function(const UnaryRow<T>& r) {
    if (static_cast<int>(r.function) == F) return row<T, static_cast<Unary>(F)>(r);
    if constexpr (F > 0) by_function<T, F - 1>(r);
}

}  // namespace

template <class T>
void Float<T>::unary_row(const UnaryRow<T>& r) {
    by_function<T, static_cast<int>(Unary::gelu)>(r);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
