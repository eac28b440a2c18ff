// Filters of images of integers: bytes read and written a second.
#include "../../tests/kernels/cases.h"

namespace convx::CONVX_ISA {

using kernel_bench::Array;
using kernel_bench::levels;

template <class T>
void Convert<T>::pixel_rows(Bench& bench, const Kernels<T>& k) {
    for (const Level& level : levels()) {
        const auto each = int64_t(sizeof(T) + sizeof(float)), count = level.bytes / each;
        Array<T> src(count);
        Array<float> dst(count);
        bench.bytes(level, double(count * each),
                    [&] { k.pixel_rows({src, dst, 1, count, count, 1, 0, count, 0, 0, false}); });
    }
}

template <class T>
void Any<T>::store_sums(Bench& bench, const Kernels<T>& k) {
    for (const Level& level : levels()) {
        const auto each = int64_t(sizeof(T) + sizeof(float)), count = level.bytes / each / SUM_BLOCK * SUM_BLOCK;
        Array<float> sums(count);
        Array<T> dst(count);
        bench.bytes(level, double(count * each),
                    [&] { k.store_sums({sums, dst, count, 1, Integral::nearest, false, true}); });
    }
}

// Where no sum is near a tie, so that all are only read.
template <class T>
void Float<T>::settle_sums(Bench& bench, const Kernels<T>& k) {
    for (const Level& level : levels()) {
        const auto count = level.bytes / int64_t(sizeof(T)) / SUM_BLOCK * SUM_BLOCK;
        Array<T> sums(count);
        for (int64_t i = 0; i < count; ++i) sums[i] = T(0.25);
        const SettleTerm term{0, 0, 0, 1};
        bench.bytes(level, double(count * int64_t(sizeof(T))),
                    [&] { k.settle_sums({sums, sums, &term, 1, count, T(0.01), Integral::cut, false}); });
    }
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
