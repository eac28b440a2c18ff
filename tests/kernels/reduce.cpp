// Reductions over whole rows, and integers widened for them.
#include <algorithm>

#include "cases.h"

namespace convx::CONVX_ISA {
namespace {

template <class T, class Of>
void reduce_case(Test& test, int64_t count, bool nan, void (*kernel)(const Reduce<T>&), const Of& of) {
    const int64_t terms = test.random.within(1, 5);
    std::vector<int64_t> offset;
    for (int64_t j = 0; j < terms; ++j) offset.push_back(test.random.within(0, 20));
    offset[0] = 20;
    Guarded<T> src = test.array<T>(20 + count);
    for (int64_t i = 0; i < src.size; ++i) {
        if (std::is_integral_v<T>) src[i] = test.random.element<T>();
        if (nan && test.random.one_in(9)) src[i] = std::numeric_limits<T>::quiet_NaN();
    }
    Guarded<T> dst = test.array<T>(count);
    test.with({{"count", count}, {"terms", terms}, {"nan", nan}});
    Expected<T> expected(dst);
    for (int64_t i = 0; i < count; ++i) {
        T sum = of(T(0), src[offset[0] + i], true);
        for (size_t j = 1; j < offset.size(); ++j) sum = of(sum, src[offset[j] + i], false);
        expected.set(i, sum);
    }
    kernel({src.data(), dst.data(), offset.data(), terms, count});
    test.compare(dst, expected);
}

template <class T, class Of>
void reduce_cases(Test& test, int64_t lanes, void (*kernel)(const Reduce<T>&), const Of& of) {
    for (int64_t count = 0; count <= 2 * lanes + 1; ++count)
        for (int i = 0; i < 4; ++i) reduce_case(test, count, std::is_floating_point_v<T> && i % 2, kernel, of);
}

template <class T>
T larger(T a, T b) {
    return a != a ? a : b != b ? b : std::max(a, b);
}

template <class T>
T smaller(T a, T b) {
    return a != a ? a : b != b ? b : std::min(a, b);
}

}  // namespace

template <class T>
void Any<T>::reduce_max(Test& test, const Kernels<T>& k) {
    reduce_cases(test, k.lanes, k.reduce_max, [](T a, T x, bool first) { return first ? x : larger(a, x); });
}

template <class T>
void Any<T>::reduce_min(Test& test, const Kernels<T>& k) {
    reduce_cases(test, k.lanes, k.reduce_min, [](T a, T x, bool first) { return first ? x : smaller(a, x); });
}

template <class T>
void Float<T>::reduce_sum(Test& test, const Kernels<T>& k) {
    reduce_cases(test, k.lanes, k.reduce_sum, [](T a, T x, bool) { return a + x; });
}

template <class T>
void Float<T>::reduce_abs(Test& test, const Kernels<T>& k) {
    reduce_cases(test, k.lanes, k.reduce_abs, [](T a, T x, bool) { return a + std::abs(x); });
}

template <class T>
void Float<T>::reduce_squares(Test& test, const Kernels<T>& k) {
    reduce_cases(test, k.lanes, k.reduce_squares, [](T a, T x, bool) { return a + x * x; });
}

template <class T>
void Float<T>::reduce_abs_max(Test& test, const Kernels<T>& k) {
    reduce_cases(test, k.lanes, k.reduce_abs_max,
                 [](T a, T x, bool first) { return first ? std::abs(x) : larger(a, std::abs(x)); });
}

template <class T>
void Float<T>::average(Test& test, const Kernels<T>& k) {
    for (int64_t count = 0; count <= 2 * k.lanes + 1; ++count) {
        Guarded<T> sums = test.array<T>(count), width = test.array<T>(count);
        for (int64_t i = 0; i < count; ++i) width[i] = T(test.random.within(1, 9));
        const T height = T(test.random.within(1, 9));
        test.with({{"count", count}, {"height", height}});
        Expected<T> expected(sums);
        for (int64_t i = 0; i < count; ++i) expected.set(i, sums[i] / (width[i] * height));
        k.average({sums.data(), width.data(), height, count});
        test.compare(sums, expected);
    }
}

template <class T>
void Convert<T>::widen(Test& test, const Kernels<T>& k) {
    using Wide = typename WideInteger<T>::type;
    constexpr uint64_t flip = sizeof(T) == 8 ? uint64_t{1} << 63 : 0;
    for (const int64_t step : {1, 2, -1})
        for (int64_t count = 0; count <= 2 * k.lanes + 1; ++count) {
            const int64_t reach = count ? (count - 1) * std::abs(step) + 1 : 0;
            Guarded<T> src(test.random, reach);
            for (int64_t i = 0; i < reach; ++i) src[i] = test.random.element<T>();
            Guarded<Wide> dst = test.array<Wide>(count);
            const T* const from = src.data() + (step < 0 && count ? reach - 1 : 0);
            test.with({{"count", count}, {"step", step}});
            Expected<Wide> expected(dst);
            for (int64_t i = 0; i < count; ++i) expected.set(i, Wide(uint64_t(Wide(from[i * step])) ^ flip));
            k.widen({from, dst.data(), step, count});
            test.compare(dst, expected);
        }
}

template <class T>
void Convert<T>::truncate(Test& test, const Kernels<T>& k) {
    using Wide = typename WideInteger<T>::type;
    constexpr uint64_t flip = sizeof(T) == 8 ? uint64_t{1} << 63 : 0;
    for (int64_t count = 0; count <= 2 * k.lanes + 1; ++count) {
        Guarded<Wide> src(test.random, count);
        Guarded<T> dst = test.array<T>(count);
        test.with({{"count", count}});
        Expected<T> expected(dst);
        for (int64_t i = 0; i < count; ++i) {
            expected.set(i, test.random.element<T>());
            src[i] = Wide(uint64_t(Wide(expected.at(i))) ^ flip);
        }
        k.truncate({src.data(), dst.data(), count});
        test.compare(dst, expected);
    }
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
