// Sums and means of bytes.
#include <cmath>
#include <memory>

#include "../../cpp/kernels/contracts/bytes.h"
#include "cases.h"

namespace convx::CONVX_ISA {
namespace {

double mirrored_sum(const std::vector<double>& w, const std::vector<double>& x) {
    const size_t last = w.size() - 1, half = w.size() / 2;
    double sum = x[half] * w[half];
    for (size_t t = 0; t < half; ++t) {
        const volatile double product = (x[t] + x[last - t]) * w[t];  // rounded
        sum += product;
    }
    return sum;
}

// Which values become one less where all terms have them.
std::vector<uint8_t> flat_less(const std::vector<double>& w) {
    std::vector<uint8_t> less(32, 0);
    for (int v = 0; v < 256; ++v)
        if (mirrored_sum(w, std::vector<double>(w.size(), v)) < v)
            less[size_t(v / 128 * 16 + v % 16)] |= uint8_t(1 << v / 16 % 8);
    return less;
}

Guarded<uint8_t> any_bytes(Test& test, int64_t count) {
    Guarded<uint8_t> bytes = test.array<uint8_t>(count);
    for (int64_t i = 0; i < count; ++i) bytes[i] = uint8_t(test.random.within(0, 255));
    return bytes;
}

// Those before the middle.
std::vector<SplitWeight> split(const std::vector<double>& w) {
    std::vector<SplitWeight> units;
    for (size_t t = 0; t < w.size() / 2; ++t) {
        const int64_t parts = std::llrint(std::ldexp(w[t], 32)), upper = (parts + 32768) >> 16;
        units.push_back({int16_t(upper), int16_t(parts - (upper << 16))});
    }
    return units;
}

// Weights that sum up to one, in sixteenths or not, and not all the same.
std::vector<double> some_weights(Test& test, int64_t taps, bool exact) {
    std::vector<double> w(size_t(taps), exact ? (taps < 16 ? 1. / 16 : 1. / 256) : 0.7 / double(taps));
    if (test.random.one_in(2))
        for (size_t t = 0; t < size_t(taps / 2); ++t)
            w[t] = w[size_t(taps) - 1 - t] *= exact ? double(t % 2) : 1.6 - 1.2 * double(t) / double(taps / 2);
    w[size_t(taps / 2)] = 1;
    for (size_t t = 0; t < size_t(taps / 2); ++t) w[size_t(taps / 2)] -= 2 * w[t];
    return w;
}

// Rows of noise, all of them the same, or rising and falling slowly: sums near whole numbers.
void mirrored(Test& test, const PixelKernels& k) {
    for (const int64_t taps : {int64_t{1}, int64_t{3}, int64_t{5}, int64_t{7}, int64_t{9}, int64_t{15}, MOST_MIRRORED})
        for (const int64_t count : {1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 200, 600}) {
            const int64_t kind = test.random.within(0, 2), rows = test.random.within(1, 6), dst_row = count + 3;
            const bool exact = test.random.one_in(3);
            std::vector<std::unique_ptr<Guarded<uint8_t>>> arrays;
            std::vector<const void*> src;
            for (int64_t t = 0; t < rows + taps - 1; ++t) {
                arrays.push_back(std::make_unique<Guarded<uint8_t>>(any_bytes(test, count)));
                for (int64_t i = 0; kind == 2 && i < count; ++i) (*arrays.back())[i] = uint8_t((300 + 2 * t + i) / 8);
                src.push_back(arrays[kind == 1 ? 0 : size_t(t)]->data());
            }
            const std::vector<double> w = some_weights(test, taps, exact);
            const std::vector<SplitWeight> parts = split(w);
            const std::vector<uint8_t> less = flat_less(w);
            Guarded<uint8_t> dst = test.array<uint8_t>((rows - 1) * dst_row + count);
            test.with({{"taps", taps}, {"count", count}, {"rows", rows}, {"kind", kind}, {"exact", exact}});
            Expected<uint8_t> expected(dst);
            for (int64_t r = 0; r < rows; ++r)
                for (int64_t i = 0; i < count; ++i) {
                    std::vector<double> x;
                    for (int64_t t = 0; t < taps; ++t) x.push_back(static_cast<const uint8_t*>(src[size_t(r + t)])[i]);
                    expected.set(r * dst_row + i, uint8_t(mirrored_sum(w, x)));
                }
            k.filter_bytes(MirroredBytes{{ByteWay::mirrored},
                                         src.data(),
                                         parts.data(),
                                         w.data(),
                                         dst.data(),
                                         rows,
                                         taps,
                                         count,
                                         dst_row,
                                         exact ? nullptr : less.data()});
            test.compare(dst, expected);
        }
}

// Every quotient that a mean may be.
void divisors(Test& test) {
    for (int64_t n = 1; n <= MOST_MEAN; ++n) {
        const Divisor d = divisor_of(n);
        Guarded<uint32_t> found = test.array<uint32_t>(255 * n + 1);
        test.with({{"divisor", n}});
        Expected<uint32_t> expected(found);
        for (int64_t x = 0; x <= 255 * n; ++x) {
            found[x] = uint32_t(uint16_t(x + d.plus)) * d.factor >> 16 >> d.shift;
            expected.set(x, uint32_t(x / n));
        }
        test.compare(found, expected);
    }
}

uint8_t mean(const uint8_t* first, int64_t taps, int64_t step) {
    int64_t sum = 0;
    for (int64_t t = 0; t < taps; ++t) sum += first[t * step];
    return uint8_t(sum / taps);
}

// Rows of an image, in one call or in two that go on.
void means_down(Test& test, const PixelKernels& k) {
    for (const int64_t taps : {1, 2, 3, 9, 64, 255, 256})
        for (const int64_t count : {1, 15, 16, 17, 31, 32, 33, 64, 65, 200}) {
            const int64_t rows = test.random.within(1, 5), first = test.random.within(1, rows), dst_row = count + 3;
            std::vector<std::unique_ptr<Guarded<uint8_t>>> arrays;
            std::vector<const void*> src;
            for (int64_t t = 0; t < rows + taps - 1; ++t) {
                arrays.push_back(std::make_unique<Guarded<uint8_t>>(any_bytes(test, count)));
                src.push_back(arrays.back()->data());
            }
            std::vector<uint16_t> sums(size_t(count + BYTES_SLACK));
            Guarded<uint8_t> dst = test.array<uint8_t>((rows - 1) * dst_row + count);
            test.with({{"taps", taps}, {"count", count}, {"rows", rows}, {"first", first}});
            Expected<uint8_t> expected(dst);
            for (int64_t r = 0; r < rows; ++r)
                for (int64_t i = 0; i < count; ++i) {
                    int64_t sum = 0;
                    for (int64_t t = 0; t < taps; ++t) sum += static_cast<const uint8_t*>(src[size_t(r + t)])[i];
                    expected.set(r * dst_row + i, uint8_t(sum / taps));
                }
            const auto call = [&](int64_t begin, int64_t end) {
                k.filter_bytes(ByteMeansDown{{ByteWay::means_down},
                                             src.data() + begin,
                                             sums.data(),
                                             dst.data() + begin * dst_row,
                                             end - begin,
                                             taps,
                                             count,
                                             dst_row,
                                             begin == 0,
                                             divisor_of(taps)});
            };
            call(0, first);
            if (first < rows) call(first, rows);
            test.compare(dst, expected);
        }
}

void means_along(Test& test, const PixelKernels& k) {
    for (const int64_t taps : {1, 2, 3, 4, 9, 21, 64, 255, 256})
        for (const int64_t count : {1, 31, 32, 33, 127, 128, 129, 300}) {
            const int64_t rows = test.random.within(1, 3), step = test.random.within(1, 5),
                          length = (taps - 1) * step + count + BYTES_SLACK, dst_row = count + 5;
            Guarded<uint8_t> src = any_bytes(test, rows * length), dst = test.array<uint8_t>(rows * dst_row);
            std::vector<uint16_t> sums(size_t(length + step));
            test.with({{"taps", taps}, {"count", count}, {"rows", rows}, {"step", step}});
            Expected<uint8_t> expected(dst);
            for (int64_t r = 0; r < rows; ++r)
                for (int64_t i = 0; i < count; ++i)
                    expected.set(r * dst_row + i, mean(src.data() + r * length + i, taps, step));
            k.filter_bytes(ByteMeansAlong{{ByteWay::means_along},
                                          src.data(),
                                          sums.data(),
                                          dst.data(),
                                          rows,
                                          taps,
                                          step,
                                          count,
                                          length,
                                          dst_row,
                                          divisor_of(taps)});
            test.compare(dst, expected);
        }
}

// By weights 3/8 and 0.1064..., whose products are those of floats.
void three(Test& test, const PixelKernels& k) {
    for (const int64_t count : {1, 15, 16, 31, 32, 33, 63, 64, 65, 200})
        for (const bool exact : {false, true}) {
            const bool same = test.random.one_in(2);
            const uint16_t factor = exact ? 3 << 14 : 55807;
            const int32_t shift = exact ? 1 : 3;
            std::vector<std::unique_ptr<Guarded<uint8_t>>> arrays;
            std::vector<const void*> src;
            for (int64_t t = 0; t < 3; ++t) {
                arrays.push_back(std::make_unique<Guarded<uint8_t>>(any_bytes(test, count)));
                src.push_back(arrays[same ? 0 : size_t(t)]->data());
            }
            std::vector<uint8_t> less(32);
            for (uint8_t& bits : less) bits = uint8_t(test.random.within(0, 255));
            Guarded<uint8_t> dst = test.array<uint8_t>(count);
            test.with({{"count", count}, {"exact", exact}, {"same", same}});
            Expected<uint8_t> expected(dst);
            for (int64_t i = 0; i < count; ++i) {
                const auto at = [&](size_t t) { return int64_t{static_cast<const uint8_t*>(src[t])[i]}; };
                const int64_t x = at(1), y = at(0) + at(2) - 2 * x;
                const bool lower = !exact && less[size_t(x / 128 * 16 + x % 16)] >> (x / 16 % 8) & 1;
                expected.set(i, uint8_t(y ? x + (y * factor >> (16 + shift)) : x - lower));
            }
            k.filter_bytes(ThreeBytes{
                {ByteWay::three}, src.data(), dst.data(), count, factor, shift, exact ? nullptr : less.data()});
            test.compare(dst, expected);
        }
}

}  // namespace

template <class T>
void Pixel<T>::filter_bytes(Test& test, const PixelKernels& k) {
    if (std::is_same_v<T, uint8_t>) divisors(test);
    mirrored(test, k);
    three(test, k);
    means_down(test, k);
    means_along(test, k);
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
