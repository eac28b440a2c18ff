// What moves memory, and transforms: bytes read and written a second.
#include "../../tests/kernels/cases.h"

namespace convx::CONVX_ISA {

using kernel_bench::Array;
using kernel_bench::levels;

namespace {

constexpr int64_t ROW = 256;  // elements of a row, where there are rows

// Calls run(n) with n chosen so that n * `each` elements fill the level; every element is read or written once.
template <class T, class Make>
void fill(Bench& bench, int64_t each, const Make& make) {
    for (const Level& level : levels()) {
        const int64_t count = std::max<int64_t>(level.bytes / (each * int64_t(sizeof(T))), 1);
        bench.bytes(level, double(count * each * int64_t(sizeof(T))), make(count));
    }
}

// The same with one array read and one written, of `each` elements apiece.
template <class T, class Run>
void move(Bench& bench, int64_t each, const Run& run) {
    for (const Level& level : levels()) {
        const int64_t count = std::max<int64_t>(level.bytes / (2 * each * int64_t(sizeof(T))), 1);
        Array<T> src(count * each), dst(count * each);
        bench.bytes(level, double(2 * count * each * int64_t(sizeof(T))), [&] { run(src, dst, count); });
    }
}

// The same with one array that is only read.
template <class T, class Run>
void only_read(Bench& bench, const Run& run) {
    for (const Level& level : levels()) {
        const int64_t count = level.bytes / int64_t(sizeof(T));
        Array<T> x(count);
        bench.bytes(level, double(level.bytes), [&] { run(x, count); });
    }
}

}  // namespace

template <class T>
void Any<T>::copy_rows(Bench& bench, const Kernels<T>& k) {
    move<T>(bench, ROW,
            [&](T* src, T* dst, int64_t rows) { k.copy_rows({src, dst, rows, ROW, ROW, 1, 1, ROW - 2, 1, T(0)}); });
}

template <class T>
void Argmax<T>::split_rows(Bench& bench, const Kernels<T>& k) {
    move<T>(bench, ROW, [&](T* src, T* dst, int64_t rows) {
        k.split_rows({src, dst, rows, ROW, ROW, 1, ROW - 2, ROW / 2, 2, T(0)});
    });
}

template <class T>
void Float<T>::interleave_rows(Bench& bench, const Kernels<T>& k) {
    move<T>(bench, ROW, [&](T* src, T* dst, int64_t rows) {
        const PhaseRows<T> phases[] = {{src, ROW / 2, 0, ROW / 2}, {src + rows * ROW / 2, ROW / 2, 1, ROW / 2}};
        k.interleave_rows({phases, dst, rows, ROW, 2, 2});
    });
}

template <class T>
void Float<T>::transpose_rows(Bench& bench, const Kernels<T>& k) {
    move<T>(bench, 64, [&](T* src, T* dst, int64_t rows) { k.transpose_rows({src, dst, rows, 64, 64, rows}); });
}

template <class T>
void Float<T>::transpose_pack(Bench& bench, const Kernels<T>& k) {
    move<T>(bench, k.nr,
            [&](T* src, T* dst, int64_t depth) { k.transpose_pack({src, dst, k.nr, depth, depth, k.nr}); });
}

template <class T>
void Float<T>::pack_panel(Bench& bench, const Kernels<T>& k) {
    const int64_t tap = 0;
    const Run runs[] = {{0, 0}, {k.lanes, k.lanes}};
    move<T>(bench, k.nr, [&](T* src, T* dst, int64_t depth) {
        k.pack_panel({src, src + depth * k.nr, dst, &tap, runs, 1, k.nr, 0, depth, k.nr, 2, k.nr});
    });
}

template <class T>
void Float<T>::sum_rows(Bench& bench, const Kernels<T>& k) {
    move<T>(bench, k.nr, [&](T* src, T* dst, int64_t pixels) {
        k.sum_rows({src, dst, pixels, pixels, k.nr, kernel_bench::no_epilogue<T>()});
    });
}

template <class T>
void Float<T>::add_rows(Bench& bench, const Kernels<T>& k) {
    move<T>(bench, ROW, [&](T* src, T* dst, int64_t rows) { k.add_rows({src, dst, rows, ROW, ROW, ROW, 1, 1}); });
}

// 4 corners, whose offsets and weights are read too.
template <class T>
void Float<T>::sample_rows(Bench& bench, const Kernels<T>& k) {
    for (const Level& level : levels()) {
        const int64_t points = std::max<int64_t>(level.bytes / (4 * 8 + 6 * int64_t(sizeof(T))), 64) / 64 * 64;
        Array<T> x(points), dst(points), weight(4 * points);
        Array<int64_t> offset(4 * points);
        for (int64_t i = 0; i < 4 * points; ++i) offset[i] = i % points;
        bench.bytes(level, double(points * (4 * 8 + 6 * int64_t(sizeof(T)))),
                    [&] { k.sample_rows({x, dst, offset, weight, 1, points, points, points, points, 4}); });
    }
}

template <class T>
void Convert<T>::widen(Bench& bench, const Kernels<T>& k) {
    using Wide = typename WideInteger<T>::type;
    for (const Level& level : levels()) {
        const auto each = int64_t(sizeof(T) + sizeof(Wide)), count = level.bytes / each;
        Array<T> src(count);
        Array<Wide> dst(count);
        bench.bytes(level, double(count * each), [&] { k.widen({src, dst, 1, count}); });
    }
}

template <class T>
void Convert<T>::truncate(Bench& bench, const Kernels<T>& k) {
    using Wide = typename WideInteger<T>::type;
    for (const Level& level : levels()) {
        const auto each = int64_t(sizeof(T) + sizeof(Wide)), count = level.bytes / each;
        Array<Wide> src(count);
        Array<T> dst(count);
        bench.bytes(level, double(count * each), [&] { k.truncate({src, dst, count}); });
    }
}

template <class Product>
void Word<Product>::dot_words(Bench& bench, const DotKernels<int32_t>& k) {
    for (const Level& level : levels()) {
        const int64_t each = k.parts + 4, count = level.bytes / each;
        Array<uint8_t> x(k.parts * count);
        Array<int32_t> dst(count);
        bench.bytes(level, double(count * each), [&] { k.dot_words({x, dst, count, 1, count, k.parts, 0, 0}); });
    }
}

void Byte::dot_requantize(Bench& bench, const DotTable& k) {
    for (const Level& level : levels()) {
        const int64_t count = level.bytes / 5;
        Array<int32_t> src(count);
        Array<uint8_t> dst(count);
        const float scale = 0.5f;
        bench.bytes(level, double(count * 5),
                    [&] { k.dot_requantize({src, dst, &scale, 1, count, count, count, 0, 255, 0}); });
    }
}

template <class T>
void Float<T>::all_finite(Bench& bench, const Kernels<T>& k) {
    only_read<T>(bench, [&](const T* x, int64_t count) { k.all_finite({x, count}); });
}

template <class T>
void Float<T>::sum(Bench& bench, const Kernels<T>& k) {
    only_read<T>(bench, [&](const T* x, int64_t count) { k.sum({x, count}); });
}

template <class T>
void Float<T>::sum_sizes(Bench& bench, const Kernels<T>& k) {
    only_read<T>(bench, [&](const T* x, int64_t count) { k.sum_sizes({x, count}); });
}

template <class T>
void Float<T>::sum_squares(Bench& bench, const Kernels<T>& k) {
    only_read<T>(bench, [&](const T* x, int64_t count) { k.sum_squares({x, count, 0.5}); });
}

template <class T>
void Float<T>::largest(Bench& bench, const Kernels<T>& k) {
    only_read<T>(bench, [&](const T* x, int64_t count) { k.largest({x, count}); });
}

template <class T>
void Float<T>::smallest(Bench& bench, const Kernels<T>& k) {
    only_read<T>(bench, [&](const T* x, int64_t count) { k.smallest({x, count}); });
}

template <class T>
void Float<T>::argmax(Bench& bench, const Kernels<T>& k) {
    std::vector<int64_t> index(ROW);
    only_read<T>(bench,
                 [&](const T* x, int64_t count) { k.argmax({x, index.data(), count / ROW, ROW, ROW, false, false}); });
}

template <class T>
void Float<T>::copy_pixels(Bench& bench, const Kernels<T>& k) {
    move<T>(bench, 3, [&](T* src, T* dst, int64_t pixels) { k.copy_pixels({src, dst, pixels / 2, 3, 6}); });
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
