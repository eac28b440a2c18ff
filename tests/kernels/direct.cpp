// Convolution straight from the input.
#include <algorithm>

#include "cases.h"

namespace convx::CONVX_ISA {
namespace {

std::vector<int64_t> offsets(Test& test, int64_t count, int64_t most) {
    std::vector<int64_t> all;
    for (int64_t i = 0; i < count; ++i) all.push_back(test.random.within(0, most));
    return all;
}

// Of the floating-point tile, with some that follow it, and of that for words, with whole sums.
template <class T, class Of, class K>
void direct_case(Test& test, const K& k, int64_t pixels, int64_t channels, bool first, bool last, const Of& of,
                 void (*kernel)(const DirectTile<T>&), Guarded<T> (*numbers)(Test&, int64_t)) {
    constexpr bool pixels_apart = std::is_floating_point_v<T>;
    const int64_t taps = test.random.within(1, 4), depth = test.random.within(0, 3);
    const int64_t more = pixels_apart ? test.random.within(0, 2) : 0, x_tile = pixels + test.random.within(0, 3);
    const int64_t all = (more + 1) * pixels;
    const int64_t slab = channels > k.lanes ? k.nr : k.lanes, reach = more * x_tile + 9 + pixels;
    const int64_t x_channel = reach + test.random.within(0, 3);
    const std::vector<int64_t> x_tap = offsets(test, taps, 9);
    std::vector<int64_t> w_tap;
    for (int64_t t = 0; t < taps; ++t) w_tap.push_back((taps - 1 - t) * slab);
    const Guarded<T> x = numbers(test, depth ? (depth - 1) * x_channel + reach : 0);
    Guarded<T> w = numbers(test, depth * taps * slab);
    for (int64_t i = 0; i < w.size; ++i)
        if (i % slab >= channels) w[i] = 0;
    const int64_t step = test.random.within(0, 4);
    const int64_t out_channel = pixels_apart ? 1 : pixels + step, out_pixel = pixels_apart ? channels + step : 1;
    Guarded<T> out = test.array<T>((channels - 1) * out_channel + (all - 1) * out_pixel + 1);
    Finish<T> finish(test, channels, out);
    if (std::is_integral_v<T>) finish.clamp_only();
    test.with({{"pixels", pixels},
               {"more", more},
               {"channels", channels},
               {"taps", taps},
               {"depth", depth},
               {"first", first},
               {"last", last},
               {"out_channel", out_channel},
               {"out_pixel", out_pixel},
               {"epilogue", finish.kind()}});
    Expected<T> expected(out);
    for (int64_t i = 0; i < channels; ++i)
        for (int64_t p = 0; p < all; ++p) {
            const int64_t x_pixel = p / pixels * x_tile + p % pixels;
            T sum = first ? T(0) : out[i * out_channel + p * out_pixel];
            for (int64_t c = 0; c < depth; ++c)
                for (size_t t = 0; t < size_t(taps); ++t)
                    sum = T(sum + of(x[c * x_channel + x_tap[t] + x_pixel], w[c * taps * slab + w_tap[t] + i]));
            const int64_t at = i * out_channel + p * out_pixel;
            expected.set(at, last ? finish.of(sum, i, at) : sum);
        }
    DirectTile<T> t{
        x.data(),    w.data(),    out.data(), x_tap.data(),    w_tap.data(),      taps,  depth, x_channel,
        taps * slab, out_channel, out_pixel,  int32_t(pixels), int32_t(channels), first, last,  finish.epilogue()};
    t.more = more;
    t.x_tile = x_tile;
    t.ahead = w.data();
    t.ahead_channels = test.random.one_in(2) ? test.random.within(0, 3 * depth) : 0;
    t.ahead_each = test.random.within(0, depth);
    kernel(t);
    test.compare(out, expected);
}

template <class T, class Of>
void pixel_case(Test& test, int64_t rows, int64_t count, int64_t lanes, bool first, bool last, const Of& of,
                void (*kernel)(const PixelTile<T>&), Guarded<T> (*numbers)(Test&, int64_t)) {
    const int64_t taps = test.random.within(1, 4), depth = test.random.within(0, 3);
    const std::vector<int64_t> x_tap = offsets(test, taps, 9);
    std::vector<PixelVector> vectors;
    int64_t end = 0, reach = 0;
    for (int64_t v = 0; v < count; ++v) {
        const int64_t x = test.random.within(0, 60),
                      pixels = test.random.one_in(2) ? lanes : test.random.within(1, lanes);
        vectors.push_back({x, end, pixels});
        end += pixels + (test.random.one_in(3) ? 1 : 0);
        reach = std::max(reach, x + lanes);
    }
    end = vectors.back().out + vectors.back().count;
    const int64_t room = test.random.one_in(2) ? end : end + lanes, out_channel = room + test.random.within(0, 3);
    const int64_t x_channel = reach + 9 + test.random.within(0, 3);
    const Guarded<T> x = numbers(test, depth ? (depth - 1) * x_channel + 9 + reach : 0);
    const Guarded<T> w = numbers(test, depth * taps * rows);
    Guarded<T> out = test.array<T>((rows - 1) * out_channel + room);
    Finish<T> finish(test, rows, out);
    if (std::is_integral_v<T>) finish.clamp_only();
    test.with({{"rows", rows},
               {"vectors", count},
               {"lanes", lanes},
               {"taps", taps},
               {"depth", depth},
               {"first", first},
               {"last", last},
               {"pixels", end},
               {"room", room},
               {"epilogue", finish.kind()}});
    Expected<T> expected(out);
    for (int64_t i = 0; i < rows; ++i) {
        if (first) expected.leave_open(i * out_channel, i * out_channel + room);
        for (const PixelVector& v : vectors)
            for (int64_t p = 0; p < v.count; ++p) {
                const int64_t at = i * out_channel + v.out + p;
                T sum = first ? T(0) : out[at];
                for (int64_t c = 0; c < depth; ++c)
                    for (int64_t t = 0; t < taps; ++t)
                        sum = T(sum + of(x[c * x_channel + x_tap[size_t(t)] + v.x + p], w[(c * taps + t) * rows + i]));
                expected.set(at, last ? finish.of(sum, i, at) : sum);
                expected.open[size_t(at)] = false;
            }
    }
    kernel({x.data(), w.data(), out.data(), vectors.data(), x_tap.data(), count, taps, depth, x_channel, out_channel,
            room, int32_t(rows), int32_t(lanes), first, last, finish.epilogue()});
    test.compare(out, expected);
}

template <class T>
Guarded<T> small_numbers(Test& test, int64_t count) {
    return test.array<T>(count);
}

// All bits: sums of words wrap.
template <class T>
Guarded<T> any_words(Test& test, int64_t count) {
    Guarded<T> words(test.random, count);
    for (int64_t i = 0; i < count; ++i)
        words[i] = test.random.one_in(9) ? T(0x8000800080008000) : test.random.element<T>();
    return words;
}

template <class T>
T product(T x, T w) {
    return x * w;
}

}  // namespace

template <class T>
void Float<T>::direct_tile(Test& test, const Kernels<T>& k) {
    for (int64_t pixels = 1; pixels <= k.mr; ++pixels)
        for (int64_t channels = 1; channels <= k.nr; ++channels)
            for (int flags = 0; flags < 4; ++flags)
                direct_case(test, k, pixels, channels, flags & 1, flags & 2, product<T>, k.direct_tile,
                            small_numbers<T>);
}

template <class T>
void Float<T>::sum_rows(Test& test, const Kernels<T>& k) {
    for (int64_t pixels = 1; pixels <= 3 * k.lanes; ++pixels)
        for (int64_t channels = 1; channels <= k.nr; ++channels) {
            const int64_t out_channel = pixels + test.random.within(0, 4);
            const Guarded<T> sums = test.array<T>(pixels * k.nr);
            Guarded<T> out = test.array<T>((channels - 1) * out_channel + pixels);
            const Finish<T> finish(test, channels, out);
            test.with({{"pixels", pixels}, {"channels", channels}, {"epilogue", finish.kind()}});
            Expected<T> expected(out);
            for (int64_t i = 0; i < channels; ++i)
                for (int64_t p = 0; p < pixels; ++p)
                    expected.set(i * out_channel + p, finish.of(sums[p * k.nr + i], i, i * out_channel + p));
            k.sum_rows({sums.data(), out.data(), pixels, out_channel, int32_t(channels), finish.epilogue()});
            test.compare(out, expected);
        }
}

template <class T>
void Float<T>::pixel_tile(Test& test, const Kernels<T>& k) {
    for (int64_t rows = 1; rows <= k.pixel_rows; ++rows)
        for (int64_t count = 1; count <= 17; ++count)
            for (int flags = 0; flags < 16; ++flags) {
                const bool half = (flags & 4) && k.half_lanes > 0;
                pixel_case(test, rows, count, half ? k.half_lanes : k.lanes, flags & 1, flags & 2, product<T>,
                           k.pixel_tile, small_numbers<T>);
            }
}

template <class T, class Product>
void Dot<T, Product>::dot_direct_tile(Test& test, const DotKernels<T>& k) {
    for (int64_t pixels = 1; pixels <= k.mr; ++pixels)
        for (int64_t channels = 1; channels <= k.nr; ++channels)
            for (int i = 0; i < 3; ++i)
                direct_case(test, k, pixels, channels, true, true, Product::of, k.dot_direct_tile, any_words<T>);
}

template <class T, class Product>
void Dot<T, Product>::dot_pixel_tile(Test& test, const DotKernels<T>& k) {
    for (int64_t rows = 1; rows <= k.pixel_rows; rows *= 2)
        for (int64_t count = 1; count <= 17; ++count)
            for (int i = 0; i < 12; ++i)
                pixel_case(test, rows, count, k.lanes, true, true, Product::of, k.dot_pixel_tile, any_words<T>);
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
