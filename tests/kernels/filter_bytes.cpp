// Mirrored sums of bytes.
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

// Rows of noise, or all of them the same, by weights that sum up to one: sums near whole numbers.
void bytes(Test& test, const PixelKernels& k) {
    for (const int64_t taps : {1, 3, 5, 7, 9, 15})
        for (const int64_t count : {1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 200}) {
            const bool same = test.random.one_in(2), exact = test.random.one_in(3), table = test.random.one_in(2);
            std::vector<std::unique_ptr<Guarded<uint8_t>>> arrays;
            std::vector<const void*> src;
            for (int64_t t = 0; t < taps; ++t) {
                arrays.push_back(std::make_unique<Guarded<uint8_t>>(test.array<uint8_t>(count)));
                src.push_back(arrays[same ? 0 : size_t(t)]->data());
            }
            std::vector<double> w(size_t(taps), exact ? 1. / 16 : 0.7 / double(taps));
            w[size_t(taps / 2)] = 1 - double(taps - 1) * w[0];
            const std::vector<float> weights(w.begin(), w.end());
            const std::vector<uint8_t> less = flat_less(w);
            Guarded<uint8_t> dst = test.array<uint8_t>(count);
            test.with({{"taps", taps}, {"count", count}, {"same", same}, {"exact", exact}, {"table", table}});
            Expected<uint8_t> expected(dst);
            for (int64_t i = 0; i < count; ++i) {
                std::vector<double> x;
                for (const void* row : src) x.push_back(static_cast<const uint8_t*>(row)[i]);
                expected.set(i, uint8_t(mirrored_sum(w, x)));
            }
            const float within = exact ? 0.f : float(taps + 4) * 255 / (1 << 24);
            k.filter_bytes(MirroredBytes{{ByteWay::mirrored},
                                         src.data(),
                                         weights.data(),
                                         dst.data(),
                                         taps,
                                         count,
                                         {w.data(), nullptr, TermOrder::sums, within},
                                         table ? less.data() : nullptr});
            test.compare(dst, expected);
        }
}

}  // namespace

template <class T>
void Pixel<T>::filter_bytes(Test& test, const PixelKernels& k) {
    bytes(test, k);
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
