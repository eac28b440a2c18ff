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

// What is found in one look at a row.
template <class T>
struct Range {
    T least, most;
};

template <class T>
CONVX_INLINE Range<T> range_of(const T* x, int64_t count) {
    constexpr int L = LANES<T>;
    vec<T> most = load(x + count - L), least = most;
    for (int64_t i = 0; i + L <= count; i += L) {
        const vec<T> v = load(x + i);
        most = most > v ? most : v;
        least = least < v ? least : v;
    }
    return {over_lanes<T>(least, [](T a, T b) { return a < b ? a : b; }),
            over_lanes<T>(most, [](T a, T b) { return a > b ? a : b; })};
}

// Powers of x - most, and their sum. The last vector overlaps the one before, of which it repeats the bits.
template <class T, bool NORMAL>
CONVX_INLINE T powers(const Softmax<T>& s, T most, mask<T> is_new) {
    constexpr int L = LANES<T>;
    const int64_t last = s.length - L;
    const auto power = [](vec<T> x) __attribute__((always_inline)) {
        return NORMAL ? normal_exponential<T>(x) : exponential<T>(x);
    };
    const vec<T> end = load(s.x + last) - most, end_power = power(end);  // y may be x
    vec<T> sum = is_new ? end_power : vec<T>{};
    for (int64_t i = 0; i + L <= s.length; i += L) {
        const vec<T> x = load(s.x + i) - most, e = power(x);
        store(s.y + i, s.logarithm ? x : e);
        sum += e;
    }
    store(s.y + last, s.logarithm ? end : end_power);
    return over_lanes<T>(sum, [](T a, T b) { return a + b; });
}

template <class T>
void along_row(const Softmax<T>& s) {
    constexpr int L = LANES<T>;
    const int64_t last = s.length - L;
    const Range<T> range = range_of(s.x, s.length);
    const mask<T> is_new = lanes_between<T>(L - s.length % L, L, AllLanes<T>{});
    const T total = range.least - range.most > Exponential<T>::LEAST_NORMAL ? powers<T, true>(s, range.most, is_new)
                                                                            : powers<T, false>(s, range.most, is_new);
    const vec<T> factor = splat(T(1) / total), less = splat(s.logarithm ? logarithm(total) : T(0));
    const vec<T> end = load(s.y + last);
    for (int64_t i = 0; i + L <= s.length; i += L) {
        const vec<T> y = load(s.y + i);
        store(s.y + i, s.logarithm ? y - less : y * factor);
    }
    store(s.y + last, s.logarithm ? end - less : end * factor);
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
    if (s.step == 1 && s.count == 1 && s.length >= LANES<T>) return along_row(s);
    for (int64_t j = 0; j < s.count; j += LANES<T>) along_columns(s, j, s.count - j);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
