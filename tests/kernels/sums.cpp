// Sums over many elements.
#include "cases.h"

namespace convx::CONVX_ISA {
namespace {

// Of rows of any length, some with a NaN anywhere in them.
template <class T, class Reduction, class Call>
void extremes(Test& test, int64_t lanes, const Call& call) {
    for (int64_t count = 1; count <= 9 * lanes; ++count)
        for (const bool nan : {false, true}) {
            Guarded<T> x = test.array<T>(count);
            if (nan) x[test.random.within(0, count - 1)] = std::numeric_limits<T>::quiet_NaN();
            T expected = x[0];
            for (int64_t i = 1; i < count; ++i) expected = Reduction::of(expected, x[i]);
            test.with({{"count", count}, {"nan", nan}});
            test.compare(call(Elements<T>{x.data(), count}), double(expected));
        }
}

}  // namespace

template <class T>
void Float<T>::row_dots(Test& test, const Kernels<T>& k) {
    const T nothing = std::numeric_limits<T>::quiet_NaN();
    for (int64_t rows = 1; rows <= 9; ++rows)
        for (int64_t taps = 1; taps <= 13; ++taps)
            for (int i = 0; i < 8; ++i) {
                const int64_t count = i < 4 ? test.random.within(0, 3 * k.lanes) : test.random.within(1, 3) * k.lanes;
                const int64_t whole = up_to_multiple(count, k.lanes), g_channel = whole + test.random.within(0, 3);
                const int64_t out_row = taps + test.random.within(0, 3);
                const bool first = i % 2;
                Guarded<T> g = test.array<T>((rows - 1) * g_channel + whole);
                for (int64_t j = 0; j < g.size; ++j)
                    if (j % g_channel >= count) g[j] = nothing;
                std::vector<int64_t> tap;
                for (int64_t t = 0; t < taps; ++t) tap.push_back(t == 0 ? 20 : test.random.within(0, 20));
                Guarded<T> x = test.array<T>(20 + whole);
                for (int64_t j = 20 + count; j < x.size; ++j) x[j] = nothing;
                Guarded<T> out = test.array<T>((rows - 1) * out_row + taps);
                test.with({{"rows", rows}, {"taps", taps}, {"count", count}, {"first", first}});
                Expected<T> expected(out);
                for (int64_t r = 0; r < rows; ++r)
                    for (int64_t t = 0; t < taps; ++t) {
                        double sum = first ? 0 : out[r * out_row + t];
                        for (int64_t j = 0; j < count; ++j) sum += double(g[r * g_channel + j]) * x[tap[size_t(t)] + j];
                        expected.set(r * out_row + t, T(sum));
                    }
                k.row_dots({g.data(), x.data(), out.data(), tap.data(), count, g_channel, out_row, rows, taps, first});
                test.compare(out, expected);
            }
}

template <class T>
void Float<T>::all_finite(Test& test, const Kernels<T>& k) {
    constexpr T infinity = std::numeric_limits<T>::infinity();
    for (int64_t count = 0; count <= 9 * k.lanes; ++count) {
        Guarded<T> x = test.array<T>(count);
        if (count) x[test.random.within(0, count - 1)] = std::numeric_limits<T>::max();
        test.with({{"count", count}, {"finite", 1}});
        test.compare<T>(k.all_finite({x.data(), count}), 1);
        for (const T bad : {infinity, -infinity, std::numeric_limits<T>::quiet_NaN()}) {
            if (!count) continue;
            const int64_t at = test.random.within(0, count - 1);
            const T before = x[at];
            x[at] = bad;
            test.with({{"count", count}, {"finite", 0}, {"at", at}, {"x", bad}});
            test.compare<T>(k.all_finite({x.data(), count}), 0);
            x[at] = before;
        }
    }
}

template <class T>
void Float<T>::sum(Test& test, const Kernels<T>& k) {
    for (int64_t count = 0; count <= 9 * k.lanes; ++count) {
        const Guarded<T> x = test.array<T>(count);
        double expected = 0;
        for (int64_t i = 0; i < count; ++i) expected += x[i];
        test.with({{"count", count}});
        test.compare(k.sum({x.data(), count}), expected);
    }
}

template <class T>
void Float<T>::sum_sizes(Test& test, const Kernels<T>& k) {
    for (int64_t count = 0; count <= 9 * k.lanes; ++count) {
        const Guarded<T> x = test.array<T>(count);
        double expected = 0;
        for (int64_t i = 0; i < count; ++i) expected += std::abs(double(x[i]));
        test.with({{"count", count}});
        test.compare(k.sum_sizes({x.data(), count}), expected);
    }
}

template <class T>
void Float<T>::sum_squares(Test& test, const Kernels<T>& k) {
    for (int64_t count = 0; count <= 9 * k.lanes; ++count) {
        const Guarded<T> x = test.array<T>(count);
        const double mean = double(test.random.within(-4, 4)) / 4;
        double expected = 0;
        for (int64_t i = 0; i < count; ++i) expected += (double(x[i]) - mean) * (double(x[i]) - mean);
        test.with({{"count", count}, {"mean", mean}});
        test.compare(k.sum_squares({x.data(), count, mean}), expected);
    }
}

template <class T>
void Float<T>::largest(Test& test, const Kernels<T>& k) {
    extremes<T, Max<T>>(test, k.lanes, k.largest);
}

template <class T>
void Float<T>::smallest(Test& test, const Kernels<T>& k) {
    extremes<T, Min<T>>(test, k.lanes, k.smallest);
}

template <class T>
void Float<T>::fma_burst(Test& test, const Kernels<T>& k) {
    for (int64_t rounds = 0; rounds <= 20; ++rounds) {
        T sink = T(0.5);
        const double registers = k.mr * (k.nr / k.lanes), product = 0.25;
        test.with({{"rounds", rounds}});
        test.compare(k.fma_burst({rounds, &sink}), 2.0 * k.mr * k.nr * double(rounds));
        test.compare(sink, T(registers * (registers - 1) / 2 + registers * product * double(rounds)));
    }
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
