// Words of integers made, and sums made bytes; the tiles between them are tested in direct.cpp.
#include <algorithm>

#include "cases.h"

namespace convx::CONVX_ISA {

template <class Product>
void Word<Product>::dot_words(Test& test, const DotKernels<int32_t>& k) {
    const int bits = 32 / k.parts;
    for (int64_t step = 1; step <= 3; ++step)
        for (int64_t count = 1; count <= 50; ++count)
            for (int64_t channels = 1; channels <= k.parts; ++channels)
                for (int i = 0; i < 4; ++i) {
                    const int64_t reach = (count - 1) * step + 1, channel = reach + test.random.within(0, 3);
                    const auto flip = uint8_t(test.random.one_in(2) ? 128 : 0);
                    const auto offset = int16_t(k.parts == 4 ? 0 : test.random.within(-128, 255));
                    Guarded<uint8_t> x(test.random, (channels - 1) * channel + reach);
                    for (int64_t j = 0; j < x.size; ++j) x[j] = test.random.element<uint8_t>();
                    Guarded<int32_t> dst = test.array<int32_t>(count);
                    test.with(
                        {{"count", count}, {"step", step}, {"channels", channels}, {"flip", flip}, {"offset", offset}});
                    // The parts behind the channels are anything: only the others are looked at.
                    const auto mask = uint32_t((uint64_t{1} << bits * channels) - 1);
                    k.dot_words({x.data(), dst.data(), count, step, channel, int32_t(channels), flip, offset});
                    Expected<int32_t> expected(dst);
                    for (int64_t j = 0; j < count; ++j) {
                        uint32_t word = uint32_t(dst[j]) & ~mask;
                        for (int64_t c = 0; c < channels; ++c) {
                            const auto part = uint32_t((x[c * channel + j * step] ^ flip) - offset);
                            word |= (part << (32 - bits) >> (32 - bits)) << bits * c;
                        }
                        expected.set(j, int32_t(word));
                    }
                    test.compare(dst, expected);
                }
}

void Byte::dot_requantize(Test& test, const DotTable& k) {
    for (int64_t count = 0; count <= 4 * 16 + 17; ++count)
        for (int i = 0; i < 12; ++i) {
            const int64_t rows = test.random.within(1, 3), src_row = count + test.random.within(0, 3);
            const int64_t dst_row = count + test.random.within(0, 3), size = (rows - 1) * src_row + count;
            const auto zero = int32_t(test.random.within(-128, 255));
            const float least = i % 2 ? -128.0f : 0.0f;
            const float lo = least - float(zero), hi = least + 255.0f - float(zero);
            Guarded<int32_t> src(test.random, size);
            for (int64_t j = 0; j < size; ++j)
                src[j] =
                    test.random.one_in(3) ? test.random.element<int32_t>() : int32_t(test.random.within(-400, 400));
            Guarded<float> scale(test.random, rows);
            for (int64_t r = 0; r < rows; ++r)
                scale[r] = r % 2 ? float(test.random.real(0, 1)) : 0.5f;  // halves: to even
            Guarded<uint8_t> dst = test.array<uint8_t>((rows - 1) * dst_row + count);
            test.with({{"count", count}, {"rows", rows}, {"zero", zero}, {"lo", lo}, {"hi", hi}});
            Expected<uint8_t> expected(dst);
            for (int64_t r = 0; r < rows; ++r)
                for (int64_t j = 0; j < count; ++j) {
                    const float scaled = float(src[r * src_row + j]) * scale[r];
                    const auto rounded = int32_t(std::nearbyint(std::min(std::max(scaled, lo), hi)));
                    expected.set(r * dst_row + j, uint8_t(zero + rounded));
                }
            k.dot_requantize({src.data(), dst.data(), scale.data(), rows, count, src_row, dst_row, lo, hi, zero});
            test.compare(dst, expected);
        }
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
