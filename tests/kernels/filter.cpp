// Filters along columns and rows.
#include "../../cpp/kernels/contracts/filter.h"

#include <memory>

#include "cases.h"

namespace convx::CONVX_ISA {
namespace {

// Calls of all shapes around a vector of sums of type A: run(rows, taps, count).
template <class A, class Run>
void shapes(const Run& run) {
    const int64_t lanes = 64 / int64_t(sizeof(A));
    for (const int64_t taps : {1, 2, 3, 4, 5, 8})
        for (int64_t rows = 1; rows <= FILTER_ROWS + 2; ++rows)
            for (const int64_t count :
                 {int64_t{1}, lanes / 4 - 1, lanes / 4, lanes - 1, lanes, 2 * lanes + 3, 8 * lanes, 9 * lanes + 5})
                run(rows, taps, count);
}

template <class T, class A>
void columns(Test& test, const PixelKernels& k) {
    shapes<A>([&](int64_t rows, int64_t taps, int64_t count) {
        std::vector<std::unique_ptr<Guarded<T>>> arrays;
        std::vector<const void*> src;
        for (int64_t r = 0; r < rows + taps - 1; ++r) {
            arrays.push_back(std::make_unique<Guarded<T>>(test.array<T>(count)));
            src.push_back(arrays.back()->data());
        }
        const Guarded<A> w = test.array<A>(taps);
        const int64_t sums_row = count + test.random.within(0, 3);
        Guarded<A> sums = test.array<A>((rows - 1) * sums_row + count);
        test.with({{"wide", sizeof(A) == 8}, {"rows", rows}, {"taps", taps}, {"count", count}});
        Expected<A> expected(sums);
        for (int64_t r = 0; r < rows; ++r)
            for (int64_t i = 0; i < count; ++i) {
                A sum = 0;
                for (int64_t t = 0; t < taps; ++t) sum += w[t] * A((*arrays[size_t(r + t)])[i]);
                expected.set(r * sums_row + i, sum);
            }
        k.filter_columns({src.data(), w.data(), sums.data(), rows, taps, count, sums_row, sizeof(A) == 8, {}});
        test.compare(sums, expected);
    });
}

template <class T, class A>
void along_rows(Test& test, const PixelKernels& k) {
    shapes<A>([&](int64_t rows, int64_t taps, int64_t count) {
        const int64_t step = test.random.within(1, 4), slack = 128 / int64_t(sizeof(A));
        const int64_t sums_row = count + (taps - 1) * step + slack, dst_row = count + test.random.within(0, 3);
        const Guarded<A> sums = test.array<A>(rows * sums_row), w = test.array<A>(taps);
        Guarded<T> dst = test.array<T>((rows - 1) * dst_row + count);
        test.with({{"wide", sizeof(A) == 8}, {"rows", rows}, {"taps", taps}, {"count", count}, {"step", step}});
        Expected<T> expected(dst);
        for (int64_t r = 0; r < rows; ++r)
            for (int64_t i = 0; i < count; ++i) {
                A sum = 0;
                for (int64_t t = 0; t < taps; ++t) sum += w[t] * sums[r * sums_row + i + t * step];
                expected.set(r * dst_row + i, std::is_floating_point_v<T> ? T(sum) : T(int64_t(sum)));
            }
        k.filter_rows(
            {sums.data(), w.data(), dst.data(), rows, taps, step, count, sums_row, dst_row, sizeof(A) == 8, {}});
        test.compare(dst, expected);
    });
}

}  // namespace

template <class T>
void Pixel<T>::filter_columns(Test& test, const PixelKernels& k) {
    if constexpr (sizeof(T) < sizeof(double)) columns<T, float>(test, k);
    columns<T, double>(test, k);
}

template <class T>
void Pixel<T>::filter_rows(Test& test, const PixelKernels& k) {
    if constexpr (sizeof(T) < sizeof(double)) along_rows<T, float>(test, k);
    along_rows<T, double>(test, k);
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
