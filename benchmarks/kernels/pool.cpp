// Pooling: bytes of input and output a second, each counted once.
#include "../../tests/kernels/cases.h"

namespace convx::CONVX_ISA {

using kernel_bench::Array;
using kernel_bench::levels;

namespace {

constexpr int64_t WIDTH = 112;  // of a row

// Input rows that, with `out` elements of output for each of `in` of input, fill the level.
int64_t rows_in(const Level& level, int64_t element) {
    return std::max<int64_t>(level.bytes / (2 * WIDTH * element), 4);
}

template <class T>
double bytes_of(int64_t elements) {
    return double(elements) * sizeof(T);
}

// 3 x 3 at stride 1 over one map; the ends of columns stay out.
std::vector<WindowRows> windows(int64_t rows) {
    std::vector<WindowRows> all;
    for (int64_t r = 0; r + 2 < rows; ++r) all.push_back({r * WIDTH, 1, 3, r ? 1 : 3});
    return all;
}

template <class T, class Run>
void reduce(Bench& bench, const Run& run) {  // of the rows of a window, 3 x 3
    for (const Level& level : levels()) {
        const int64_t rows = rows_in(level, sizeof(T)), count = (rows - 2) * WIDTH - 2;
        const int64_t offset[] = {0, 1, 2, WIDTH, WIDTH + 1, WIDTH + 2, 2 * WIDTH, 2 * WIDTH + 1, 2 * WIDTH + 2};
        Array<T> src(rows * WIDTH), dst(rows * WIDTH);
        bench.bytes(level, bytes_of<T>(2 * count), [&] { run({src, dst, offset, 9, count}); });
    }
}

}  // namespace

template <class T, class Reduction>
void Pool<T, Reduction>::pool_rows(Bench& bench, const Kernels<T>&, const PoolKernels<T>& pool) {
    for (const Level& level : levels()) {
        const int64_t rows = rows_in(level, sizeof(T));
        const std::vector<WindowRows> window = windows(rows);
        Array<T> src(rows * WIDTH), dst(rows * WIDTH);
        bench.bytes(level, bytes_of<T>((2 * rows - 2) * WIDTH), [&] {
            pool.pool_rows({src, src + rows * WIDTH, dst, dst + rows * WIDTH, window.data(), 1, rows - 2, WIDTH, 0, 0,
                            WIDTH, WIDTH});
        });
    }
}

// 9 rows under a window.
template <class T, class Reduction>
void Pool<T, Reduction>::pool_tall(Bench& bench, const Kernels<T>& k, const PoolKernels<T>& pool) {
    for (const Level& level : levels()) {
        const int64_t rows = std::max<int64_t>(rows_in(level, sizeof(T)), 9);
        Array<T> src(rows * WIDTH), dst(rows * WIDTH), scratch(9 * POOL_TALL_VECTORS * k.lanes);
        bench.bytes(level, bytes_of<T>((2 * rows - 8) * WIDTH), [&] {
            pool.pool_tall({src, src + rows * WIDTH, dst, scratch, rows - 8, WIDTH, 9, 1, 0, rows, WIDTH, WIDTH});
        });
    }
}

template <class T, class Reduction>
void Pool<T, Reduction>::pool_columns(Bench& bench, const Kernels<T>&, const PoolKernels<T>& pool) {
    for (const Level& level : levels()) {
        const int64_t rows = rows_in(level, sizeof(T));
        Array<T> src(rows * WIDTH), dst(rows * WIDTH), height(rows), width(WIDTH);
        bench.bytes(level, bytes_of<T>((2 * WIDTH - 2) * rows), [&] {
            pool.pool_columns({src,
                               dst,
                               dst + rows * WIDTH,
                               nullptr,
                               {width, height, T(0.5)},
                               Along::taps,
                               1,
                               rows,
                               WIDTH - 2,
                               3,
                               1,
                               WIDTH,
                               0,
                               WIDTH});
        });
    }
}

template <class T, class Reduction>
void Small<T, Reduction>::pool_small(Bench& bench, const Kernels<T>&, const PoolKernels<T>& pool) {
    for (const Level& level : levels()) {
        const int64_t rows = rows_in(level, sizeof(T));
        const std::vector<WindowRows> window = windows(rows);
        Array<T> src(rows * WIDTH), dst(rows * WIDTH), height(rows), width(WIDTH);
        bench.bytes(level, bytes_of<T>(2 * (rows - 2) * WIDTH), [&] {
            pool.pool_small({src,
                             dst,
                             dst + rows * WIDTH,
                             window.data(),
                             {width, height, T(0.5)},
                             Along::taps,
                             1,
                             rows - 2,
                             WIDTH - 2,
                             0,
                             WIDTH,
                             1,
                             0,
                             WIDTH,
                             0,
                             WIDTH});
        });
    }
}

// Maps of 7 x 7.
template <class T>
void images(Bench& bench, void (*kernel)(const PoolImages<T>&)) {
    for (const Level& level : levels()) {
        const int64_t count = std::max<int64_t>(level.bytes / (50 * int64_t(sizeof(T))), 1);
        Array<T> src(count * 49), dst(count);
        bench.bytes(level, bytes_of<T>(count * 50), [&] { kernel({src, dst, T(49), count, 49, 49}); });
    }
}

template <class T>
void Float<T>::images_max(Bench& bench, const Kernels<T>& k) {
    images(bench, k.images_max);
}
template <class T>
void Float<T>::images_average(Bench& bench, const Kernels<T>& k) {
    images(bench, k.images_average);
}

// 3 x 3 at stride 1 over one map.
template <class T>
void Argmax<T>::pool_argmax(Bench& bench, const Kernels<T>& k) {
    using Code = typename PoolArgmax<T>::Code;
    for (const Level& level : levels()) {
        const int64_t rows = rows_in(level, sizeof(T) + 4);
        Array<T> src(rows * WIDTH), value(WIDTH * rows);
        Array<int64_t> start(WIDTH), index(WIDTH * rows);
        Array<Code> first(WIDTH), code(3);
        const int64_t tap[] = {0, 1, 2};
        bench.bytes(level, bytes_of<T>(2 * (rows - 2) * WIDTH) + 8.0 * double((rows - 2) * WIDTH), [&] {
            for (int64_t r = 0; r + 2 < rows; ++r) {
                const T* const under[] = {src + r * WIDTH, src + (r + 1) * WIDTH, src + (r + 2) * WIDTH};
                k.pool_argmax({under, code, tap, code, first, start, value + r * WIDTH, index + r * WIDTH, T(0), 0, 3,
                               3, WIDTH - 2, true});
            }
        });
    }
}

template <class T>
void Argmax<T>::pool_argmax_row(Bench& bench, const Kernels<T>& k) {
    for (const Level& level : levels()) {
        const int64_t rows = rows_in(level, sizeof(T) + 4);
        Array<T> src(rows * WIDTH), value(WIDTH * rows);
        Array<int64_t> index(WIDTH * rows);
        bench.bytes(level, bytes_of<T>(2 * (rows - 2) * WIDTH) + 8.0 * double((rows - 2) * WIDTH), [&] {
            for (int64_t r = 0; r + 2 < rows; ++r)
                k.pool_argmax_row({src + r * WIDTH, value + r * WIDTH, index + r * WIDTH, T(0), 0, 3, WIDTH, WIDTH,
                                   WIDTH - 2, 0, WIDTH, 3, 1});
        });
    }
}

template <class T>
void Any<T>::reduce_max(Bench& bench, const Kernels<T>& k) {
    reduce<T>(bench, k.reduce_max);
}
template <class T>
void Any<T>::reduce_min(Bench& bench, const Kernels<T>& k) {
    reduce<T>(bench, k.reduce_min);
}
template <class T>
void Float<T>::reduce_sum(Bench& bench, const Kernels<T>& k) {
    reduce<T>(bench, k.reduce_sum);
}
template <class T>
void Float<T>::reduce_abs(Bench& bench, const Kernels<T>& k) {
    reduce<T>(bench, k.reduce_abs);
}
template <class T>
void Float<T>::reduce_squares(Bench& bench, const Kernels<T>& k) {
    reduce<T>(bench, k.reduce_squares);
}
template <class T>
void Float<T>::reduce_abs_max(Bench& bench, const Kernels<T>& k) {
    reduce<T>(bench, k.reduce_abs_max);
}

template <class T>
void Float<T>::average(Bench& bench, const Kernels<T>& k) {
    for (const Level& level : levels()) {
        const int64_t count = level.bytes / (3 * int64_t(sizeof(T)));
        Array<T> sums(count), width(count);
        bench.bytes(level, bytes_of<T>(3 * count), [&] { k.average({sums, width, T(1), count}); });
    }
}

template <class T, class Reduction>
void Small<T, Reduction>::pool_pixels(Bench& bench, const Kernels<T>&, const PoolKernels<T>& pool) {
    constexpr int64_t PIXEL = 3, OUTPUTS = WIDTH / PIXEL / 2;
    for (const Level& level : levels()) {
        const int64_t rows = rows_in(level, sizeof(T));
        Array<T> src(rows * WIDTH + 1024), dst(rows * WIDTH), height(rows), width(WIDTH);
        bench.bytes(level, bytes_of<T>((WIDTH + OUTPUTS * PIXEL) * rows), [&] {
            pool.pool_pixels({src,
                              dst,
                              dst + rows * WIDTH,
                              {width, height, T(0.5)},
                              1,
                              rows,
                              OUTPUTS,
                              PIXEL,
                              2,
                              2,
                              1,
                              WIDTH,
                              0,
                              OUTPUTS * PIXEL});
        });
    }
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
