// Filters of images of integers: pixels to floats, sums settled, sums to pixels.
#include "cases.h"

namespace convx::CONVX_ISA {
namespace {

template <class T, class F>
void check_rows(Test& test, const Kernels<T>& k, int64_t count, int64_t step) {
    constexpr int64_t ROWS = 2, LEFT = 3, RIGHT = 1;
    const int64_t reach = count ? (count - 1) * step + 1 : 0, width = LEFT + count + RIGHT;
    Guarded<T> src(test.random, ROWS * reach);
    for (int64_t i = 0; i < ROWS * reach; ++i) src[i] = test.random.element<T>();
    Guarded<F> dst = test.array<F>(ROWS * width);
    test.with({{"count", count}, {"step", step}, {"wide", sizeof(F) == 8}});
    Expected<F> expected(dst);
    for (int64_t r = 0; r < ROWS; ++r)
        for (int64_t j = 0; j < width; ++j) {
            const bool inside = j >= LEFT && j < LEFT + count;
            expected.set(r * width + j, inside ? F(src[r * reach + (j - LEFT) * step]) : F(-2.5));
        }
    k.pixel_rows({src.data(), dst.data(), ROWS, reach, width, step, LEFT, count, RIGHT, -2.5, sizeof(F) == 8});
    test.compare(dst, expected);
}

template <class T>
T stored(double sum, Integral rule) {
    if constexpr (std::is_floating_point_v<T>) return static_cast<T>(sum);
    if (rule == Integral::cut)
        return sum >= 9.2e18 ? static_cast<T>(static_cast<uint64_t>(sum)) : static_cast<T>(static_cast<int64_t>(sum));
    const double lo = std::numeric_limits<T>::lowest(), hi = static_cast<double>(std::numeric_limits<T>::max());
    return static_cast<T>(std::nearbyint(sum < lo ? lo : sum > hi ? hi : sum));
}

template <class T, class F>
void check_store(Test& test, const Kernels<T>& k, int64_t count, int64_t step, Integral rule, bool small) {
    Guarded<F> sums = test.array<F>(up_to_multiple(count, SUM_BLOCK));
    const double scale = small ? 0.25 : sizeof(T) == 8 ? 1e12 : 3e8;
    for (int64_t i = 0; i < count; ++i)
        sums[i] =
            static_cast<F>(static_cast<double>(test.random.within(std::is_signed_v<T> ? -2000 : 0, 2000)) * scale);
    if (count && sizeof(T) == 8 && !std::is_signed_v<T> && !small) sums[0] = F(uint64_t{3} << 62);
    Guarded<T> dst = test.array<T>(count ? (count - 1) * step + 1 : 0);
    test.with({{"count", count}, {"step", step}, {"rule", int(rule)}, {"small", small}, {"wide", sizeof(F) == 8}});
    Expected<T> expected(dst);
    for (int64_t i = 0; i < count; ++i) expected.set(i * step, stored<T>(static_cast<double>(sums[i]), rule));
    k.store_sums({sums.data(), dst.data(), count, step, rule, sizeof(F) == 8, small});
    test.compare(dst, expected);
}

}  // namespace

template <class T>
void Convert<T>::pixel_rows(Test& test, const Kernels<T>& k) {
    for (const int64_t step : {1, 3})
        for (const int64_t count : {0, 1, 7, 15, 16, 17, 31, 32, 63, 64, 65, 130}) {
            check_rows<T, float>(test, k, count, step);
            check_rows<T, double>(test, k, count, step);
        }
}

template <class T>
void Any<T>::store_sums(Test& test, const Kernels<T>& k) {
    for (const int64_t step : {1, 2})
        for (const int64_t count : {0, 1, 15, 16, 17, 63, 64, 65, 200}) {
            check_store<T, float>(test, k, count, step, Integral::cut, true);
            check_store<T, double>(test, k, count, step, Integral::cut, true);
            check_store<T, double>(test, k, count, step, Integral::cut, false);
            if (sizeof(T) <= 2) check_store<T, float>(test, k, count, step, Integral::nearest, true);
            if (sizeof(T) <= 4 && !std::is_same_v<T, uint32_t>)
                check_store<T, double>(test, k, count, step, Integral::nearest, true);
        }
}

// Sums that are wrong by less than the tolerance: those near a tie must become what the order of terms makes of them.
template <class T>
void Float<T>::settle_sums(Test& test, const Kernels<T>& k) {
    for (const Integral rule : {Integral::cut, Integral::nearest})
        for (const bool mirrored : {false, true})
            for (const int64_t count : {1, 15, 64, 65, 200}) {
                const int64_t room = up_to_multiple(count, SUM_BLOCK);
                Guarded<T> x = test.array<T>(room + 2), sums = test.array<T>(room);
                const double third = 1.0 / 3, mirror = mirrored ? 1 : 0;
                const SettleTerm terms[] = {{1, 1, 0, third}, {0, mirrored ? 2 : 0, mirror, third}, {2, 2, 0, 0.25}};
                test.with({{"count", count}, {"rule", int(rule)}, {"mirrored", mirrored}});
                Expected<T> expected(sums);
                for (int64_t q = 0; q < room; ++q) {
                    double sum = 0;
                    for (const SettleTerm& t : terms)
                        sum += t.w * (static_cast<double>(x[q + t.a]) + t.mirror * static_cast<double>(x[q + t.b]));
                    const double moved = sum - tie_of(rule);
                    const bool near = std::abs(moved - std::nearbyint(moved)) < 0.01;
                    sums[q] = static_cast<T>(near ? sum + 0.005 : sum);
                    const double whole = rule == Integral::cut ? std::trunc(sum) : std::nearbyint(sum);
                    expected.set(q, !near ? sums[q] : static_cast<T>(sizeof(T) == 8 ? sum : whole));
                    // Neighbours of what is near are taken along: by rule they are the same.
                    if (!near) expected.leave_open(q, q + 1);
                    if (q >= count) expected.leave_open(q, q + 1);
                }
                k.settle_sums({sums.data(), x.data(), terms, 3, count, T(0.02), rule, mirrored});
                test.compare(sums, expected);
            }
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
