// Fourier transforms, operations counted as 5 N log2 N, and what goes with them.
#include "../../tests/kernels/cases.h"

namespace convx::CONVX_ISA {

using kernel_bench::Array;
using kernel_bench::levels;
using kernel_bench::no_epilogue;

namespace {

template <class T>
void transforms(Bench& bench, const Kernels<T>& k, void (*kernel)(const Fft<T>&)) {
    constexpr int64_t LENGTH = 64;
    const int32_t radices[] = {8, 8};
    Array<T> twiddles(2 * LENGTH, T(0));
    for (const Level& level : levels()) {
        const int64_t each = 2 * LENGTH * int64_t(sizeof(T)) * k.lanes;
        const int64_t signals = std::max<int64_t>(level.bytes / each, 1) * k.lanes, row = 2 * signals + k.lanes;
        Array<T> x(LENGTH * row, T(0));
        bench.operations(level, 5.0 * double(LENGTH * 6 * signals),
                         [&] { kernel({x, twiddles, radices, LENGTH, row, signals, signals, 2}); });
    }
}

}  // namespace

template <class T>
void Float<T>::fft_forward(Bench& bench, const Kernels<T>& k) {
    transforms(bench, k, k.fft_forward);
}
template <class T>
void Float<T>::fft_inverse(Bench& bench, const Kernels<T>& k) {
    transforms(bench, k, k.fft_inverse);
}

template <class T>
void Float<T>::fft_twist(Bench& bench, const Kernels<T>& k) {
    constexpr int64_t SIGNALS = 256;
    for (const Level& level : levels()) {
        const int64_t length = std::max<int64_t>(level.bytes / (2 * SIGNALS * int64_t(sizeof(T))), 1);
        Array<T> x(length * 2 * SIGNALS, T(0)), outer(length * SIGNALS), inner(length * 2 * k.lanes);
        bench.bytes(level, 4.0 * double(length * SIGNALS * int64_t(sizeof(T))),
                    [&] { k.fft_twist({x, outer, inner, length, 2 * SIGNALS, SIGNALS, SIGNALS, false}); });
    }
}

template <class T>
void Float<T>::fft_products(Bench& bench, const Kernels<T>& k) {
    constexpr int64_t TILES = 4, OUTPUTS = 16;
    for (const Level& level : levels()) {
        const int64_t channels =
            std::max<int64_t>(level.bytes / (2 * (TILES + OUTPUTS) * k.lanes * int64_t(sizeof(T))), 1);
        const int64_t each = 2 * k.lanes;
        Array<T> z(TILES * channels * each), u(OUTPUTS * channels * each), m(TILES * OUTPUTS * each);
        bench.operations(level, 8.0 * double(TILES * channels * OUTPUTS * k.lanes), [&] {
            k.fft_products({z, u, m, 1, each, k.lanes, k.lanes, TILES, channels, OUTPUTS, channels * each, each,
                            OUTPUTS * each, each, true});
        });
    }
}

template <class T>
void Float<T>::fft_store(Bench& bench, const Kernels<T>& k) {
    constexpr int64_t COUNT = 128;
    for (const Level& level : levels()) {
        const int64_t rows = std::max<int64_t>(level.bytes / (2 * COUNT * int64_t(sizeof(T))), 1);
        Array<T> x(rows * COUNT), out(rows * COUNT);
        bench.bytes(level, 2.0 * double(rows * COUNT * int64_t(sizeof(T))),
                    [&] { k.fft_store({x, out, rows, COUNT, COUNT, COUNT, 1, no_epilogue<T>()}); });
    }
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
