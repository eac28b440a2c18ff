// Tiles: multiply-adds a second.
#include "../../tests/kernels/cases.h"

namespace convx::CONVX_ISA {

using kernel_bench::Array;
using kernel_bench::levels;
using kernel_bench::no_epilogue;

// Panel after panel, as many as the level holds.
template <class T>
void Float<T>::gemm_tile(Bench& bench, const Kernels<T>& k) {
    for (const Level& level : levels()) {
        const int64_t depth = 4096 / (k.nr * int64_t(sizeof(T))), panel = depth * (k.mr + k.nr);
        const int64_t panels = std::max<int64_t>(level.bytes / (panel * int64_t(sizeof(T))), 1);
        Array<T> a(panels * depth * k.mr), b(panels * depth * k.nr), c(k.mr * k.nr);
        bench.operations(level, 2.0 * double(panels * depth * k.mr * k.nr), [&] {
            for (int64_t i = 0; i < panels; ++i)
                k.gemm_tile({a + i * depth * k.mr, b + i * depth * k.nr, c, depth, k.mr, k.nr, k.nr, k.mr, k.nr, true,
                             true, no_epilogue<T>()});
        });
    }
}

namespace {

// 3 x 3 taps of as many channels as the level holds; the pixels are those of one row.
template <class T, class K>
void direct(Bench& bench, const K& k, void (*kernel)(const DirectTile<T>&), int64_t parts) {
    const int64_t taps = 9, x_channel = 3 * (k.mr + 2);
    std::vector<int64_t> x_tap, w_tap;
    for (int64_t t = 0; t < taps; ++t) x_tap.push_back(t / 3 * (k.mr + 2) + t % 3), w_tap.push_back(t * k.nr);
    for (const Level& level : levels()) {
        const int64_t depth = std::max<int64_t>(level.bytes / ((x_channel + taps * k.nr) * int64_t(sizeof(T))), 1);
        Array<T> x(depth * x_channel), w(depth * taps * k.nr), out(k.mr * k.nr);
        bench.operations(level, 2.0 * double(depth * taps * k.mr * k.nr * parts), [&] {
            kernel({x, w, out, x_tap.data(), w_tap.data(), taps, depth, x_channel, taps * k.nr, k.mr, k.nr, k.mr, k.nr,
                    true, true, no_epilogue<T>()});
        });
    }
}

// 3 x 3 taps of 4 channels, pixels in the lanes.
template <class T, class K>
void pixel(Bench& bench, const K& k, void (*kernel)(const PixelTile<T>&), int64_t parts) {
    const int64_t taps = 9, depth = 4, rows = k.pixel_rows;
    for (const Level& level : levels()) {
        const int64_t vectors = std::max<int64_t>(level.bytes / ((rows + depth) * k.lanes * int64_t(sizeof(T))), 1);
        const int64_t pixels = vectors * k.lanes, x_channel = pixels + 80;
        std::vector<PixelVector> list;
        for (int64_t v = 0; v < vectors; ++v) list.push_back({v * k.lanes, v * k.lanes, k.lanes});
        std::vector<int64_t> tap;
        for (int64_t t = 0; t < taps; ++t) tap.push_back(t / 3 * 20 + t % 3);
        Array<T> x(depth * x_channel), w(depth * taps * rows), out(rows * pixels);
        bench.operations(level, 2.0 * double(pixels * taps * depth * rows * parts), [&] {
            kernel({x, w, out, list.data(), tap.data(), vectors, taps, depth, x_channel, pixels, pixels, int32_t(rows),
                    k.lanes, true, true, no_epilogue<T>()});
        });
    }
}

}  // namespace

template <class T>
void Float<T>::direct_tile(Bench& bench, const Kernels<T>& k) {
    direct(bench, k, k.direct_tile, 1);
}
template <class T>
void Float<T>::pixel_tile(Bench& bench, const Kernels<T>& k) {
    pixel(bench, k, k.pixel_tile, 1);
}
template <class T, class Product>
void Dot<T, Product>::dot_direct_tile(Bench& bench, const DotKernels<T>& k) {
    direct(bench, k, k.dot_direct_tile, k.parts);
}
template <class T, class Product>
void Dot<T, Product>::dot_pixel_tile(Bench& bench, const DotKernels<T>& k) {
    pixel(bench, k, k.dot_pixel_tile, k.parts);
}

// 3 x 3, stride 1, maps of 56 x 56.
template <class T>
void Float<T>::depthwise_planes(Bench& bench, const Kernels<T>& k) {
    constexpr int64_t SIZE = 56, IN = SIZE + 2;
    for (const Level& level : levels()) {
        const int64_t height = std::clamp<int64_t>(level.bytes / (2 * IN * int64_t(sizeof(T))), 7, SIZE);
        const int64_t channels = std::max<int64_t>(level.bytes / (2 * height * IN * int64_t(sizeof(T))), 1);
        Array<T> x(channels * (height + 2) * IN), w(channels * 9), out(channels * height * SIZE);
        Array<T> inside(2 * IN);
        std::memset(static_cast<T*>(inside), 0xff, size_t(2 * IN) * sizeof(T));
        inside[0] = 0;
        std::vector<const T*> rows(size_t(height + 2));
        const std::vector<int64_t> step(rows.size(), (height + 2) * IN);
        bench.operations(level, 18.0 * double(channels * height * SIZE), [&] {
            for (size_t r = 0; r < rows.size(); ++r) rows[r] = x + int64_t(r) * IN;
            k.depthwise_planes({rows.data(), step.data(), w, inside, out, height * SIZE, channels, 1, height + 2,
                                height, SIZE, 1, SIZE, 3, 1, no_epilogue<T>()});
        });
    }
}

// 3 x 3 taps of 64 channels that lie side by side.
template <class T>
void Float<T>::depthwise_pixels(Bench& bench, const Kernels<T>& k) {
    constexpr int64_t CHANNELS = 64;
    for (const Level& level : levels()) {
        const int64_t count = std::max<int64_t>(level.bytes / (4 * CHANNELS * int64_t(sizeof(T))), 8);
        Array<T> x(3 * (count + 2) * CHANNELS), w(9 * CHANNELS), out(count * CHANNELS);
        std::vector<TapRow<T>> rows;
        for (int64_t r = 0; r < 3; ++r) rows.push_back({x + r * (count + 2) * CHANNELS, w + 3 * r * CHANNELS});
        bench.operations(level, 18.0 * double(count * CHANNELS), [&] {
            k.depthwise_pixels(
                {rows.data(), out, 3, 3, count, CHANNELS, CHANNELS, CHANNELS, CHANNELS, no_epilogue<T>()});
        });
    }
}

// 7 rows of output of a 3x3 kernel on pixels of three channels.
template <class T>
void Float<T>::depthwise_rows(Bench& bench, const Kernels<T>& k) {
    const int64_t period = 3 * k.lanes, tap[] = {0, 3, 6};
    for (const Level& level : levels()) {
        const int64_t width = std::max<int64_t>(level.bytes / (16 * int64_t(sizeof(T))) / period, 1) * period;
        Array<T> x(9 * (width + period)), w(9 * period), out(7 * width);
        std::vector<const T*> rows;
        for (int64_t r = 0; r < 9; ++r) rows.push_back(x + r * (width + period));
        bench.operations(level, 18.0 * 7 * double(width), [&] {
            k.depthwise_rows({rows.data(), tap, w, out, width, 7, width, period, 3, 3, 1, no_epilogue<T>()});
        });
    }
}

// 8 rows of gradients by 9 taps.
template <class T>
void Float<T>::row_dots(Bench& bench, const Kernels<T>& k) {
    std::vector<int64_t> tap;
    for (int64_t t = 0; t < 9; ++t) tap.push_back(t / 3 * 20 + t % 3);
    for (const Level& level : levels()) {
        const int64_t count = std::max<int64_t>(level.bytes / (9 * 64), 1) * 64 / int64_t(sizeof(T));
        Array<T> g(8 * count), x(count + 80), out(72);
        bench.operations(level, 2.0 * double(count * 72),
                         [&] { k.row_dots({g, x, out, tap.data(), count, count, 9, 8, 9, true}); });
    }
}

template <class T>
void Float<T>::fma_burst(Bench& bench, const Kernels<T>& k) {
    T sink = T(0.5);
    bench.operations(levels()[0], 2.0 * k.mr * k.nr * 10000, [&] { k.fma_burst({10000, &sink}); });
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
