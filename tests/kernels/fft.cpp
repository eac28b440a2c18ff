// Fourier transforms against their definition, products of spectra against plain loops.
#include <algorithm>
#include <complex>

#include "cases.h"

namespace convx::CONVX_ISA {
namespace {

using Number = std::complex<double>;

constexpr double TURN = 6.283185307179586476925286766559;

Number root(int64_t k, int64_t n) {
    return std::polar(1.0, TURN * static_cast<double>(k % n) / static_cast<double>(n));
}

// Radices in an order that differs from case to case; empty where there are none.
std::vector<int32_t> radices_of(Test& test, int64_t length) {
    std::vector<int32_t> radices;
    while (length > 1) {
        std::vector<int32_t> fit;
        for (const int32_t radix : {2, 3, 4, 5, 8})
            if (length % radix == 0) fit.push_back(radix);
        if (fit.empty()) return {};
        radices.push_back(fit[static_cast<size_t>(test.random.within(0, static_cast<int64_t>(fit.size()) - 1))]);
        length /= radices.back();
    }
    return radices;
}

template <class T>
std::vector<T> twiddles_of(const std::vector<int32_t>& radices, int64_t length) {
    std::vector<T> twiddles;
    int64_t block = length;
    for (const int32_t radix : radices) {
        const int64_t m = block / radix;
        for (int64_t j = 0; j < m && m > 1; ++j)
            for (int32_t q = 1; q < radix; ++q) {
                const Number w = std::conj(root(j * q, block));
                twiddles.push_back(static_cast<T>(w.real()));
                twiddles.push_back(static_cast<T>(w.imag()));
            }
        block = m;
    }
    return twiddles;
}

// The frequency that comes out at each place.
std::vector<int64_t> frequencies_of(const std::vector<int32_t>& radices, int64_t length) {
    std::vector<int64_t> frequencies(static_cast<size_t>(length), 0);
    int64_t step = 1, block = length;
    for (const int32_t radix : radices) {
        block /= radix;
        for (int64_t i = 0; i < length; ++i) frequencies[static_cast<size_t>(i)] += i / block % radix * step;
        step *= radix;
    }
    return frequencies;
}

// Many signals in rows of complex numbers.
template <class T>
struct Signals {
    int64_t length, signals, imaginary, row;
    Guarded<T> x;

    Signals(Test& test, int64_t length, int64_t signals)
        : length(length),
          signals(signals),
          imaginary(signals + test.random.within(0, 5)),
          row(imaginary + signals + test.random.within(0, 5)),
          x(test.array<T>((length - 1) * row + imaginary + signals)) {}

    Number at(int64_t j, int64_t i) const { return {double(x[j * row + i]), double(x[j * row + imaginary + i])}; }
    void set(Expected<T>& e, int64_t j, int64_t i, Number z) const {
        e.set(j * row + i, static_cast<T>(z.real()));
        e.set(j * row + imaginary + i, static_cast<T>(z.imag()));
    }
};

// Up to 128, and some longer ones.
template <class Check>
void lengths(const Check& check) {
    for (int64_t length = 1; length <= 128; ++length) check(length);
    for (const int64_t length : {160, 243, 320, 625, 1000, 1024}) check(length);
}

template <class T, class Kernel>
void transform(Test& test, const Kernels<T>& k, bool inverse, Kernel kernel) {
    lengths([&](int64_t length) {
        const std::vector<int32_t> radices = radices_of(test, length);
        if (length > 1 && radices.empty()) return;
        const std::vector<T> twiddles = twiddles_of<T>(radices, length);
        const std::vector<int64_t> frequency = frequencies_of(radices, length);
        Signals<T> s(test, length, k.lanes * (length > 200 ? 1 : test.random.within(1, 2)));
        test.with({{"length", length}, {"signals", s.signals}, {"passes", radices.size()}});
        Expected<T> expected(s.x);
        for (int64_t i = 0; i < s.signals; ++i)
            for (int64_t a = 0; a < length; ++a) {
                Number sum = 0;
                for (int64_t b = 0; b < length; ++b) {
                    const int64_t f = frequency[static_cast<size_t>(inverse ? b : a)] * (inverse ? a : b);
                    sum += s.at(b, i) * (inverse ? root(f, length) : std::conj(root(f, length)));
                }
                s.set(expected, a, i, sum);
            }
        kernel({s.x.data(), twiddles.data(), radices.data(), length, s.row, s.imaginary, s.signals,
                static_cast<int32_t>(radices.size())});
        // Numbers up to 6, whose errors grow as the root of the length, and a little with the passes.
        const double size = 9 * std::sqrt(static_cast<double>(length)) * (1 + static_cast<double>(radices.size()));
        test.compare(s.x, expected, 4 * size * static_cast<double>(std::numeric_limits<T>::epsilon()));
    });
}

}  // namespace

template <class T>
void Float<T>::fft_forward(Test& test, const Kernels<T>& k) {
    transform(test, k, false, k.fft_forward);
}

template <class T>
void Float<T>::fft_inverse(Test& test, const Kernels<T>& k) {
    transform(test, k, true, k.fft_inverse);
}

template <class T>
void Float<T>::fft_twist(Test& test, const Kernels<T>& k) {
    for (int64_t length = 1; length < 9; ++length)
        for (const int64_t vectors : {1, 2, 3}) {
            const bool conjugate = test.random.one_in(2);
            Signals<T> s(test, length, vectors * k.lanes);
            const Guarded<T> outer = test.array<T>(length * vectors * 2), inner = test.array<T>(length * 2 * k.lanes);
            test.with({{"length", length}, {"vectors", vectors}, {"conjugate", conjugate}});
            Expected<T> expected(s.x);
            for (int64_t j = 0; j < length; ++j)
                for (int64_t i = 0; i < s.signals; ++i) {
                    const T* const o = outer.data() + (j * vectors + i / k.lanes) * 2;
                    const T* const n = inner.data() + j * 2 * k.lanes + i % k.lanes;
                    const Number w = Number(o[0], o[1]) * Number(n[0], n[k.lanes]);
                    s.set(expected, j, i, s.at(j, i) * (conjugate ? std::conj(w) : w));
                }
            k.fft_twist({s.x.data(), outer.data(), inner.data(), length, s.row, s.imaginary, s.signals, conjugate});
            test.compare(s.x, expected);
        }
}

template <class T>
void Float<T>::fft_products(Test& test, const Kernels<T>& k) {
    for (int64_t outputs = 1; outputs <= 9; ++outputs)
        for (const int64_t tiles : {1, 2, 5})
            for (const int64_t channels : {1, 3}) {
                const int64_t length = test.random.within(1, 3), signals = k.lanes * test.random.within(1, 2);
                const bool first = test.random.one_in(2);
                const int64_t imaginary = signals + test.random.within(0, 3), row = imaginary + signals;
                const int64_t all = length * row;
                const Guarded<T> z = test.array<T>(tiles * channels * all);
                const Guarded<T> u = test.array<T>(length * signals * channels * outputs * 2);
                Guarded<T> m = test.array<T>(tiles * outputs * all);
                test.with({{"outputs", outputs}, {"tiles", tiles}, {"channels", channels}, {"first", first}});
                Expected<T> expected(m);
                const int64_t z_tile = channels * all, m_tile = outputs * all;
                for (int64_t t = 0; t < tiles; ++t)
                    for (int64_t o = 0; o < outputs; ++o)
                        for (int64_t j = 0; j < length; ++j)
                            for (int64_t i = 0; i < signals; ++i) {
                                const int64_t at = t * m_tile + o * all + j * row + i;
                                Number sum = first ? 0 : Number(m[at], m[at + imaginary]);
                                for (int64_t c = 0; c < channels; ++c) {
                                    const int64_t f = j * (signals / k.lanes) + i / k.lanes;
                                    const int64_t block =
                                        o < outputs / k.fft_outputs * k.fft_outputs ? k.fft_outputs : 1;
                                    const int64_t place = (o / block * channels + c) * block + o % block;
                                    const int64_t a = (f * channels * outputs + place) * 2 * k.lanes + i % k.lanes;
                                    const int64_t b = t * z_tile + c * all + j * row + i;
                                    sum += Number(z[b], z[b + imaginary]) * Number(u[a], u[a + k.lanes]);
                                }
                                expected.set(at, static_cast<T>(sum.real()));
                                expected.set(at + imaginary, static_cast<T>(sum.imag()));
                            }
                k.fft_products({z.data(), u.data(), m.data(), length, row, imaginary, signals, tiles, channels, outputs,
                                z_tile, all, m_tile, all, first});
                test.compare(m, expected);
            }
}

template <class T>
void Float<T>::fft_store(Test& test, const Kernels<T>& k) {
    for (int64_t count = 1; count <= 2 * k.lanes + 1; ++count)
        for (const int64_t step : {1, 2, 3}) {
            const int64_t rows = test.random.within(1, 3), out_row = count + test.random.within(0, 3);
            const int64_t x_row = step == 1 ? up_to_multiple(count, k.lanes) : count * step;
            const Guarded<T> x = test.array<T>(rows * x_row);
            Guarded<T> out = test.array<T>((rows - 1) * out_row + count);
            const Finish<T> finish(test, 1, out);
            test.with({{"count", count}, {"step", step}, {"rows", rows}, {"kind", finish.kind()}});
            Expected<T> expected(out);
            for (int64_t r = 0; r < rows; ++r)
                for (int64_t i = 0; i < count; ++i)
                    expected.set(r * out_row + i, finish.of(x[r * x_row + i * step], 0, r * out_row + i));
            k.fft_store({x.data(), out.data(), rows, count, x_row, out_row, step, finish.epilogue()});
            test.compare(out, expected);
        }
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
