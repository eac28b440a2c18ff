// The softmax along rows, whose elements are the lanes, or along columns, each a lane.
#include "contracts/elementwise.h"
#include "exponential.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class T>
constexpr T LEAST = -static_cast<T>(__builtin_inff());

template <class T>
CONVX_INLINE T logarithm(T x) {
    return sizeof(T) == sizeof(float) ? static_cast<T>(__builtin_logf(static_cast<float>(x)))
                                      : static_cast<T>(__builtin_log(static_cast<double>(x)));
}

// Up to a vector of x, with -infinity behind it, whose power is 0.
template <class T>
CONVX_INLINE vec<T> load_part(const T* x, int64_t n) {
    constexpr int L = LANES<T>;
    if (n >= L) return load(x);
    alignas(64) T some[L];
    store(some, splat(LEAST<T>));
    copy_few(some, x, n);
    return load(some);
}
template <class T>
CONVX_INLINE void store_part(T* y, vec<T> v, int64_t n) {
    constexpr int L = LANES<T>;
    if (n >= L) return store(y, v);
    alignas(64) T some[L];
    store(some, v);
    copy_few(y, some, n);
}

// The lanes of a vector, halves onto halves.
template <class T, class Of>
CONVX_INLINE T over_lanes(vec<T> v, const Of& of) {
    alignas(64) T lane[LANES<T>];
    store(lane, v);
    for (int n = LANES<T> / 2; n >= 1; n /= 2)
        for (int i = 0; i < n; ++i) lane[i] = of(lane[i], lane[i + n]);
    return lane[0];
}

template <class T>
void along_row(const Softmax<T>& s) {
    constexpr int L = LANES<T>;
    vec<T> most = splat(LEAST<T>), sum{};
    for (int64_t i = 0; i < s.length; i += L) {
        const vec<T> x = load_part(s.x + i, s.length - i);
        most = most > x ? most : x;
    }
    const T m = over_lanes<T>(most, [](T a, T b) { return a > b ? a : b; });
    for (int64_t i = 0; i < s.length; i += L) {
        const vec<T> x = load_part(s.x + i, s.length - i) - m, e = exponential<T>(x);
        store_part(s.y + i, s.logarithm ? x : e, s.length - i);
        sum += e;
    }
    const T total = over_lanes<T>(sum, [](T a, T b) { return a + b; });
    const vec<T> factor = splat(T(1) / total), less = splat(s.logarithm ? logarithm(total) : T(0));
    for (int64_t i = 0; i < s.length; i += L) {
        const vec<T> y = load_part(s.y + i, s.length - i);
        store_part(s.y + i, s.logarithm ? y - less : y * factor, s.length - i);
    }
}

// At most a vector of columns.
template <class T>
void along_columns(const Softmax<T>& s, int64_t j, int64_t columns) {
    constexpr int L = LANES<T>;
    const T* const x = s.x + j;
    T* const y = s.y + j;
    vec<T> most = splat(LEAST<T>), sum{};
    for (int64_t i = 0; i < s.length; ++i) {
        const vec<T> v = load_part(x + i * s.step, columns);
        most = most > v ? most : v;
    }
    for (int64_t i = 0; i < s.length; ++i) {
        const vec<T> v = load_part(x + i * s.step, columns) - most, e = exponential<T>(v);
        store_part(y + i * s.step, s.logarithm ? v : e, columns);
        sum += e;
    }
    alignas(64) T total[L];
    store(total, sum);
    for (int l = 0; l < L; ++l) total[l] = s.logarithm ? logarithm(total[l]) : T(1) / total[l];
    const vec<T> by = load(total);
    for (int64_t i = 0; i < s.length; ++i) {
        const vec<T> v = load_part(y + i * s.step, columns);
        store_part(y + i * s.step, s.logarithm ? v - by : v * by, columns);
    }
}

}  // namespace

template <class T>
void Float<T>::softmax(const Softmax<T>& s) {
    if (s.step == 1 && s.count == 1) return along_row(s);
    for (int64_t j = 0; j < s.count; j += LANES<T>) along_columns(s, j, s.count - j);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
