// Functions of elements: bytes read and written a second.
#include "../../tests/kernels/cases.h"

namespace convx::CONVX_ISA {

using kernel_bench::Array;
using kernel_bench::levels;

namespace {

// Calls run(x, y, count) on two arrays that fill the level.
template <class T, class Run>
void pass(Bench& bench, const Run& run) {
    for (const Level& level : levels()) {
        const int64_t count = level.bytes / (2 * int64_t(sizeof(T)));
        Array<T> x(count, T(0.5)), y(count);
        bench.bytes(level, double(level.bytes), [&] { run(x, y, count); });
    }
}

}  // namespace

// The dearest of the common ones.
template <class T>
void Float<T>::unary_row(Bench& bench, const Kernels<T>& k) {
    pass<T>(bench, [&](T* x, T* y, int64_t count) { k.unary_row({x, y, count, Unary::gelu, T(0), T(0)}); });
}

template <class T>
void Float<T>::binary_rows(Bench& bench, const Kernels<T>& k) {
    pass<T>(bench, [&](T* x, T* y, int64_t count) {
        k.binary_rows({x, x, y, 1, count, 0, 0, count, 1, 0, Binary::multiply, kernel_bench::no_epilogue<T>()});
    });
}

template <class T>
void Float<T>::softmax(Bench& bench, const Kernels<T>& k) {
    pass<T>(bench, [&](T* x, T* y, int64_t count) {
        for (int64_t i = 0; i + 1024 <= count; i += 1024) k.softmax({x + i, y + i, 1024, 1, 1, false});
    });
}

template <class T>
void Float<T>::standardize(Bench& bench, const Kernels<T>& k) {
    const T scale = 2, bias = 1;
    pass<T>(bench,
            [&](T* x, T* y, int64_t count) { k.standardize({x, y, count, T(0.5), T(0), T(3), &scale, &bias, 0}); });
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
