// Filters along columns and rows: operations a second, with as many terms as a usual kernel has.
#include "../../cpp/kernels/contracts/bytes.h"

#include "../../tests/kernels/cases.h"

namespace convx::CONVX_ISA {

using kernel_bench::Array;
using kernel_bench::levels;

namespace {

constexpr int64_t TAPS = 7, ROW = 1024;

template <class T>
using Sums = std::conditional_t<std::is_same_v<T, double>, double, float>;

// Calls run(rows) on groups of FILTER_ROWS rows of sums, of `operations` an element.
template <class T, class Run>
void columns(Bench& bench, int64_t operations, const Run& run) {
    for (const Level& level : levels()) {
        const int64_t rows = std::max<int64_t>(level.bytes / (ROW * int64_t(sizeof(T))), TAPS + FILTER_ROWS - 1),
                      groups = (rows - TAPS + 1) / FILTER_ROWS;
        Array<T> src(rows * ROW);
        std::vector<const void*> from;
        for (int64_t r = 0; r < rows; ++r) from.push_back(static_cast<T*>(src) + r * ROW);
        bench.operations(level, double(operations * groups * FILTER_ROWS * ROW), [&] {
            for (int64_t g = 0; g < groups; ++g) run(from.data() + g * FILTER_ROWS, g);
        });
    }
}

}  // namespace

template <class T>
void Pixel<T>::filter_columns(Bench& bench, const PixelKernels& k) {
    using A = Sums<T>;
    Array<A> w(TAPS), sums(FILTER_ROWS * ROW);
    columns<T>(bench, 2 * TAPS, [&](const void* const* from, int64_t) {
        k.filter_columns(
            {from, static_cast<A*>(w), static_cast<A*>(sums), FILTER_ROWS, TAPS, ROW, ROW, sizeof(A) == 8, {}});
    });
}

template <class T>
void Pixel<T>::filter_exactly(Bench& bench, const PixelKernels& k) {
    using A = Sums<T>;
    Array<A> sums(FILTER_ROWS * ROW);
    Array<double> w(TAPS);
    columns<T>(bench, 2 * TAPS, [&](const void* const* from, int64_t) {
        k.filter_exactly({from,
                          static_cast<double*>(w),
                          static_cast<A*>(sums),
                          FILTER_ROWS,
                          TAPS,
                          ROW,
                          ROW,
                          sizeof(A) == 8,
                          TermOrder::sums,
                          {8, false, {}, {}}});
    });
}

template <class T>
void Pixel<T>::filter_bytes(Bench& bench, const PixelKernels& k) {
    Array<SplitWeight> units(TAPS / 2, {(1 << 16) / TAPS, 0});
    Array<double> w(TAPS, 1.0 / TAPS);
    Array<uint8_t> sums(ROW);
    columns<uint8_t>(bench, 2 * TAPS, [&](const void* const* from, int64_t) {
        for (int64_t r = 0; r < FILTER_ROWS; ++r)
            k.filter_bytes(MirroredBytes{{ByteWay::mirrored},
                                         from + r,
                                         static_cast<SplitWeight*>(units),
                                         static_cast<double*>(w),
                                         static_cast<uint8_t*>(sums),
                                         1,
                                         TAPS,
                                         ROW,
                                         ROW,
                                         nullptr});
    });
}

template <class T>
void Pixel<T>::box_columns(Bench& bench, const PixelKernels& k) {
    using A = Sums<T>;
    Array<A> sums(FILTER_ROWS * ROW), kept((TAPS + 1) * ROW);
    columns<T>(bench, 3, [&](const void* const* from, int64_t group) {
        k.box_columns({from,
                       static_cast<A*>(sums),
                       static_cast<A*>(kept),
                       static_cast<A*>(kept) + TAPS * ROW,
                       FILTER_ROWS,
                       TAPS,
                       ROW,
                       ROW,
                       ROW,
                       group * FILTER_ROWS % TAPS,
                       1.0 / TAPS,
                       sizeof(A) == 8,
                       {}});
    });
}

template <class T>
void Pixel<T>::filter_rows(Bench& bench, const PixelKernels& k) {
    using A = Sums<T>;
    for (const Level& level : levels()) {
        const int64_t rows = std::max<int64_t>(level.bytes / (ROW * int64_t(sizeof(T))), 1);
        Array<A> w(TAPS), sums(ROW + TAPS);
        Array<T> dst(rows * ROW);
        bench.operations(level, double(2 * TAPS * rows * ROW), [&] {
            for (int64_t r = 0; r < rows; ++r)
                k.filter_rows({static_cast<A*>(sums),
                               nullptr,
                               static_cast<A*>(w),
                               static_cast<T*>(dst) + r * ROW,
                               1,
                               TAPS,
                               1,
                               ROW,
                               ROW,
                               0,
                               ROW,
                               sizeof(A) == 8,
                               {}});
        });
    }
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
