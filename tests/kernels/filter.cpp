// Filters along columns and rows.
#include "../../cpp/kernels/contracts/filter.h"

#include <algorithm>
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
        const int64_t step = test.random.one_in(2) ? 1 : test.random.within(2, 3);
        for (int64_t r = 0; r < (rows - 1) * step + taps; ++r) {
            arrays.push_back(std::make_unique<Guarded<T>>(test.array<T>(count)));
            src.push_back(arrays.back()->data());
        }
        const Guarded<A> w = test.array<A>(taps);
        const int64_t sums_row = count + test.random.within(0, 3);
        Guarded<A> sums = test.array<A>((rows - 1) * sums_row + count);
        test.with({{"wide", sizeof(A) == 8}, {"rows", rows}, {"step", step}, {"taps", taps}, {"count", count}});
        Expected<A> expected(sums);
        for (int64_t r = 0; r < rows; ++r)
            for (int64_t i = 0; i < count; ++i) {
                A sum = 0;
                for (int64_t t = 0; t < taps; ++t) sum += w[t] * A((*arrays[size_t(r * step + t)])[i]);
                expected.set(r * sums_row + i, sum);
            }
        k.filter_columns({src.data(), w.data(), sums.data(), rows, taps, count, sums_row, sizeof(A) == 8, {}, step});
        test.compare(sums, expected);
    });
}

template <class T, class A>
void along_rows(Test& test, const PixelKernels& k) {
    shapes<A>([&](int64_t rows, int64_t taps, int64_t count) {
        const int64_t step = test.random.within(1, 4), slack = 512 / int64_t(sizeof(A));
        const int64_t sums_row = count + (taps - 1) * step + slack, dst_row = count + test.random.within(0, 3);
        const Guarded<A> sums = test.array<A>(rows * sums_row), w = test.array<A>(taps);
        Guarded<T> dst = test.array<T>((rows - 1) * dst_row + count);
        const bool adds = test.random.one_in(2);
        const int64_t addend_row = count + slack + test.random.within(0, 3);
        const Guarded<A> addend = test.array<A>(rows * addend_row);
        test.with({{"wide", sizeof(A) == 8},
                   {"rows", rows},
                   {"taps", taps},
                   {"count", count},
                   {"step", step},
                   {"adds", adds}});
        Expected<T> expected(dst);
        for (int64_t r = 0; r < rows; ++r)
            for (int64_t i = 0; i < count; ++i) {
                A sum = adds ? addend[r * addend_row + i] : A(0);
                for (int64_t t = 0; t < taps; ++t) sum += w[t] * sums[r * sums_row + i + t * step];
                expected.set(r * dst_row + i, std::is_floating_point_v<T> ? T(sum) : T(int64_t(sum)));
            }
        k.filter_rows({sums.data(),
                       adds ? addend.data() : nullptr,
                       w.data(),
                       dst.data(),
                       rows,
                       taps,
                       step,
                       count,
                       sums_row,
                       addend_row,
                       dst_row,
                       sizeof(A) == 8,
                       {}});
        test.compare(dst, expected);
    });
}

// A sum cut off, modulo 2^8.
double byte(double sum, bool is_signed) {
    const auto whole = static_cast<int64_t>(sum);
    return is_signed ? static_cast<int8_t>(whole) : static_cast<uint8_t>(whole);
}

// Sums in float that are cut off. The exact weight is a little less: what is whole in float tells that it was made
// again.
struct CutCase {
    bool fits;
    int64_t bits;
    float w;
    double exact;
};

template <class T>
CutCase cut_case(Test& test) {
    const bool fits = !std::is_signed_v<T> && test.random.one_in(2), whole = test.random.one_in(2);
    const float w = fits ? (whole ? 1.f : 0.75f) : whole ? 3.f : 3.25f;
    return {fits, fits ? 8 * int64_t(sizeof(T)) : 8, w, double(w) - 1e-9};
}

template <class T>
void cut_columns(Test& test, const PixelKernels& k) {
    shapes<float>([&](int64_t rows, int64_t taps, int64_t count) {
        const Guarded<T> src = test.array<T>(count);
        const std::vector<const void*> from(size_t(rows + taps - 1), src.data());
        const CutCase c = cut_case<T>(test);
        std::vector<float> w(size_t(taps), 0.f);
        std::vector<double> exact(size_t(taps), 0.);
        w[0] = c.w;
        exact[0] = c.exact;
        const bool is_signed = !c.fits && test.random.one_in(2);
        Guarded<float> sums = test.array<float>(rows * count);
        test.with({{"rows", rows}, {"taps", taps}, {"count", count}, {"signed", is_signed}, {"fits", c.fits}});
        Expected<float> expected(sums);
        for (int64_t i = 0; i < rows * count; ++i) {
            const double sum = c.exact * double(src[i % count]);
            expected.set(i, c.fits ? float(int64_t(sum)) : float(byte(sum, is_signed)));
        }
        const CutOff cut{int32_t(c.bits), is_signed, c.fits, {exact.data(), nullptr, TermOrder::last_first, 1e-3f}};
        k.filter_columns({from.data(), w.data(), sums.data(), rows, taps, count, count, false, cut});
        test.compare(sums, expected);
    });
}

template <class T>
void cut_rows(Test& test, const PixelKernels& k) {
    shapes<float>([&](int64_t rows, int64_t taps, int64_t count) {
        const int64_t sums_row = count + taps - 1 + 128;
        Guarded<float> sums = test.array<float>(rows * sums_row);
        for (int64_t i = 0; i < rows * sums_row; ++i) sums[i] = std::abs(sums[i]);
        const CutCase c = cut_case<T>(test);
        std::vector<float> w(size_t(taps), 0.f);
        std::vector<double> exact(size_t(taps), 0.);
        w[0] = c.w;
        exact[0] = c.exact;
        std::vector<const void*> terms;
        for (int64_t t = 0; t < taps; ++t) terms.push_back(sums.data() + t);
        Guarded<T> dst = test.array<T>(rows * count);
        test.with({{"rows", rows}, {"taps", taps}, {"count", count}, {"fits", c.fits}});
        Expected<T> expected(dst);
        for (int64_t r = 0; r < rows; ++r)
            for (int64_t i = 0; i < count; ++i)
                expected.set(r * count + i, T(int64_t(c.exact * double(sums[r * sums_row + i]))));
        const CutOff cut{int32_t(8 * sizeof(T)),
                         std::is_signed_v<T>,
                         c.fits,
                         {exact.data(), terms.data(), TermOrder::last_first, 1e-3f}};
        k.filter_rows(
            {sums.data(), nullptr, w.data(), dst.data(), rows, taps, 1, count, sums_row, 0, count, false, cut});
        test.compare(dst, expected);
    });
}

template <class T, class A>
void exactly(Test& test, const PixelKernels& k) {
    shapes<double>([&](int64_t rows, int64_t taps, int64_t count) {
        std::vector<std::unique_ptr<Guarded<T>>> arrays;
        std::vector<const void*> src;
        for (int64_t r = 0; r < rows + taps - 1; ++r) {
            arrays.push_back(std::make_unique<Guarded<T>>(test.array<T>(count)));
            src.push_back(arrays.back()->data());
        }
        const auto order = static_cast<TermOrder>(taps % 2 ? test.random.within(0, 2) : 0);
        std::vector<double> w;
        for (int64_t t = 0; t < taps; ++t) w.push_back(double(test.random.within(1, 99)) / 97);
        Guarded<A> sums = test.array<A>(rows * count);
        test.with({{"rows", rows}, {"taps", taps}, {"count", count}, {"order", double(order)}});
        Expected<A> expected(sums);
        for (int64_t r = 0; r < rows; ++r)
            for (int64_t i = 0; i < count; ++i) {
                const auto x = [&](int64_t t) { return double((*arrays[size_t(r + t)])[i]); };
                const int64_t first = order == TermOrder::last_first ? taps - 1 : taps / 2;
                double sum = x(first) * w[size_t(first)];
                for (int64_t t = 0; t < first; ++t) {
                    const double mirrored = order == TermOrder::last_first ? 0 : x(taps - 1 - t);
                    sum += (order == TermOrder::differences ? x(t) - mirrored : x(t) + mirrored) * w[size_t(t)];
                }
                expected.set(r * count + i, A(byte(sum, true)));
            }
        k.filter_exactly(
            {src.data(), w.data(), sums.data(), rows, taps, count, count, sizeof(A) == 8, order, {8, true, {}, {}}});
        test.compare(sums, expected);
    });
}

// A band of rows, some at a time.
template <class T, class A>
void box(Test& test, const PixelKernels& k) {
    shapes<A>([&](int64_t step, int64_t taps, int64_t count) {
        constexpr int64_t ROWS = 11;
        std::vector<std::unique_ptr<Guarded<T>>> arrays;
        std::vector<const void*> src;
        for (int64_t r = 0; r < ROWS + taps - 1; ++r) {
            arrays.push_back(std::make_unique<Guarded<T>>(test.array<T>(count)));
            src.push_back(arrays.back()->data());
        }
        Guarded<A> sums = test.array<A>(ROWS * count), behind = test.array<A>(taps * count),
                   ahead = test.array<A>(count);
        test.with({{"wide", sizeof(A) == 8}, {"step", step}, {"taps", taps}, {"count", count}});
        Expected<A> expected(sums);
        for (int64_t r = 0; r < ROWS; ++r)
            for (int64_t i = 0; i < count; ++i) {
                A sum = 0;
                for (int64_t t = 0; t < taps; ++t) sum += A((*arrays[size_t(r + t)])[i]);
                expected.set(r * count + i, sum / 2);
            }
        for (int64_t r = 0; r < ROWS; r += step)
            k.box_columns({src.data() + r,
                           sums.data() + r * count,
                           behind.data(),
                           ahead.data(),
                           std::min(step, ROWS - r),
                           taps,
                           count,
                           count,
                           count,
                           r % taps,
                           0.5,
                           sizeof(A) == 8,
                           {}});
        test.compare(sums, expected);
    });
}

}  // namespace

template <class T>
void Pixel<T>::filter_columns(Test& test, const PixelKernels& k) {
    if constexpr (sizeof(T) < sizeof(double)) columns<T, float>(test, k);
    if constexpr (!std::is_floating_point_v<T>) cut_columns<T>(test, k);
    columns<T, double>(test, k);
}

template <class T>
void Pixel<T>::filter_rows(Test& test, const PixelKernels& k) {
    if constexpr (sizeof(T) < sizeof(double)) along_rows<T, float>(test, k);
    if constexpr (!std::is_floating_point_v<T>) cut_rows<T>(test, k);
    along_rows<T, double>(test, k);
}

template <class T>
void Pixel<T>::filter_exactly(Test& test, const PixelKernels& k) {
    exactly<T, float>(test, k);
    exactly<T, double>(test, k);
}

template <class T>
void Pixel<T>::box_columns(Test& test, const PixelKernels& k) {
    if constexpr (sizeof(T) < sizeof(double)) box<T, float>(test, k);
    box<T, double>(test, k);
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
