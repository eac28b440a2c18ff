// Winograd's transforms, against matrices made from the points that each scheme is defined by.
#include <algorithm>

#include "cases.h"

namespace convx::CONVX_ISA {
namespace {

using Matrix = std::vector<std::vector<double>>;  // rows

const std::vector<double> SIX{0, 0.75, -0.75, 1.5, -1.5}, FOUR{0, 1, -1}, FIVE{0.5, -0.5, 1.25, -1.25};

// Coefficients of the product of (x - q) for all points q but that of index `without`; with an index of none, of all.
std::vector<double> product(const std::vector<double>& points, size_t without) {
    std::vector<double> p{1};
    for (size_t i = 0; i < points.size(); ++i) {
        if (i == without) continue;
        p.push_back(0);
        for (size_t j = p.size() - 1; j > 0; --j) p[j] = p[j - 1] - points[i] * p[j];
        p[0] *= -points[i];
    }
    return p;
}

Matrix transposed(const Matrix& m) {
    Matrix t(m[0].size(), std::vector<double>(m.size()));
    for (size_t i = 0; i < m.size(); ++i)
        for (size_t j = 0; j < m[0].size(); ++j) t[j][i] = m[i][j];
    return t;
}

// B': for each point, and infinity, over the inputs, a polynomial.
Matrix input_matrix(const std::vector<double>& points) {
    Matrix m;
    for (size_t i = 0; i <= points.size(); ++i) {
        m.push_back(product(points, i));
        m.back().resize(points.size() + 1);
    }
    return m;
}

// A: for each point, and infinity, its powers below `outputs`.
Matrix powers(const std::vector<double>& points, size_t outputs) {
    Matrix m;
    for (const double p : points) {
        m.emplace_back();
        for (size_t i = 0; i < outputs; ++i) m.back().push_back(std::pow(p, double(i)));
    }
    m.emplace_back(outputs);
    m.back().back() = 1;
    return m;
}

// G: the same over the product of a point's differences from the others.
Matrix weight_matrix(const std::vector<double>& points, size_t taps) {
    Matrix m = powers(points, taps);
    for (size_t i = 0; i < points.size(); ++i)
        for (double& x : m[i])
            for (size_t j = 0; j < points.size(); ++j)
                if (j != i) x /= points[i] - points[j];
    return m;
}

// With stride 2, the points are of the even inputs; the odd ones stay themselves.
Matrix input_matrix_of(int64_t n) {
    if (n != 9) return input_matrix(n == 6 ? SIX : FOUR);
    Matrix m(9, std::vector<double>(9));
    const Matrix even = input_matrix(FIVE);
    for (size_t i = 0; i < 5; ++i)
        for (size_t j = 0; j < 5; ++j) m[i][2 * j] = even[i][j];
    for (size_t i = 0; i < 4; ++i) m[5 + i][2 * i + 1] = 1;
    return m;
}

Matrix output_matrix_of(int64_t n, int64_t outputs) {
    if (n != 9) return transposed(powers(n == 6 ? SIX : FOUR, size_t(outputs)));
    Matrix m = powers(FIVE, 4);
    for (size_t i = 0; i < 4; ++i) {
        m.emplace_back(4);
        m.back()[i] = 1;
    }
    return transposed(m);
}

// (M x M')[i][j] and, beside it, the same of absolute values: what rounding may be in proportion to.
struct Sandwich {
    double value, size;
};
template <class At>
Sandwich sandwich(const Matrix& m, size_t i, size_t j, const At& at) {
    Sandwich s{0, 0};
    for (size_t a = 0; a < m[0].size(); ++a)
        for (size_t b = 0; b < m[0].size(); ++b) {
            const double term = m[i][a] * at(int64_t(a), int64_t(b)) * m[j][b];
            s.value += term;
            s.size += std::abs(term);
        }
    return s;
}

template <class T>
constexpr double EPSILON = 24 * static_cast<double>(std::numeric_limits<T>::epsilon());

// Lanes are tiles: of the input, or of the output's gradient.
template <class T>
void tiles_case(Test& test, const Kernels<T>& k, const Matrix& m, int64_t tiles,
                void (*kernel)(const WinogradInput<T>&)) {
    const auto n = int64_t(m.size()), size = int64_t(m[0].size());
    const int64_t channels = test.random.within(1, 2), rows = test.random.within(1, 2);
    const int64_t whole = up_to_multiple(tiles, k.lanes), slack = whole - tiles;
    std::vector<int64_t> tap;
    for (int64_t i = 0; i < size * size; ++i) tap.push_back(test.random.within(0, 30));
    const int64_t x_row = whole + test.random.within(0, 40), x_channel = rows * x_row + test.random.within(0, 3);
    const int64_t v_channel = rows * tiles + test.random.within(0, 3), v_point = channels * v_channel + slack;
    const Guarded<T> x = test.array<T>((channels - 1) * x_channel + (rows - 1) * x_row + 30 + whole);
    Guarded<T> v = test.array<T>((n * n - 1) * v_point + (channels - 1) * v_channel + rows * tiles + slack);
    test.with({{"points", n}, {"tiles", tiles}, {"channels", channels}, {"rows", rows}});
    Expected<T> expected(v);
    double largest = 0;
    for (int64_t i = 0; i < n * n; ++i)
        for (int64_t c = 0; c < channels; ++c) {
            const int64_t to = i * v_point + c * v_channel;
            expected.leave_open(to + rows * tiles, to + rows * tiles + slack);
            for (int64_t y = 0; y < rows; ++y)
                for (int64_t t = 0; t < tiles; ++t) {
                    const T* const from = x.data() + c * x_channel + y * x_row + t;
                    const Sandwich s = sandwich(m, size_t(i / n), size_t(i % n), [&](int64_t a, int64_t b) {
                        return double(from[tap[size_t(a * size + b)]]);
                    });
                    expected.set(to + y * tiles + t, T(s.value));
                    largest = std::max(largest, s.size);
                }
        }
    for (int64_t i = 0; i < n * n; ++i)
        for (int64_t c = 0; c + 1 < channels; ++c)  // where the slack of one channel is the beginning of the next
            for (int64_t j = 0; j < std::min(slack, rows * tiles); ++j)
                expected.open[size_t(i * v_point + (c + 1) * v_channel + j)] = false;
    kernel({x.data(), v.data(), tap.data(), channels, rows, tiles, x_channel, x_row, v_channel, v_point, int32_t(n)});
    test.compare(v, expected, largest * EPSILON<T>);
}

}  // namespace

template <class T>
void Float<T>::winograd_weight(Test& test, const Kernels<T>& k) {
    for (const auto& [points, taps] : {std::pair<int64_t, int64_t>{4, 3}, {6, 3}, {6, 5}})
        for (int64_t channels = 0; channels <= 4; ++channels) {
            const int64_t u_point = channels * k.nr + test.random.within(0, 3);
            Guarded<double> g(test.random, points * taps);
            Matrix m{size_t(points), std::vector<double>(size_t(taps), 0.0)};
            for (int64_t i = 0; i < g.size; ++i) m[size_t(i / taps)][size_t(i % taps)] = g[i] = test.random.real();
            const Guarded<T> w = test.array<T>(channels * taps * taps * k.nr);
            Guarded<T> u = test.array<T>((points * points - 1) * u_point + channels * k.nr);
            test.with({{"points", points}, {"taps", taps}, {"channels", channels}});
            Expected<T> expected(u);
            for (int64_t i = 0; i < points * points; ++i)
                for (int64_t at = 0; at < channels * k.nr; ++at) {
                    const int64_t c = at / k.nr, lane = at % k.nr;
                    const Sandwich s = sandwich(m, size_t(i / points), size_t(i % points), [&](int64_t a, int64_t b) {
                        return double(w[((c * taps + a) * taps + b) * k.nr + lane]);
                    });
                    expected.set(i * u_point + at, T(s.value));
                }
            k.winograd_weight({w.data(), u.data(), g.data(), channels, u_point, int32_t(points), int32_t(taps)});
            test.compare(u, expected, 150 * EPSILON<T>);
        }
}

template <class T>
void Float<T>::winograd_input(Test& test, const Kernels<T>& k) {
    for (const int64_t n : {4, 6, 9})
        for (int64_t tiles = 1; tiles <= 2 * k.lanes + 1; ++tiles)
            tiles_case(test, k, input_matrix_of(n), tiles, k.winograd_input);
}

template <class T>
void Float<T>::winograd_grad_output(Test& test, const Kernels<T>& k) {
    for (int64_t tiles = 1; tiles <= 2 * k.lanes + 1; ++tiles)
        tiles_case(test, k, powers(SIX, 4), tiles, k.winograd_grad_output);
}

template <class T>
void Float<T>::winograd_grad_weight(Test& test, const Kernels<T>& k) {
    const Matrix g = transposed(weight_matrix(SIX, 3));
    for (int64_t channels = 0; channels <= 3 * k.lanes; ++channels) {
        const int64_t whole = up_to_multiple(channels, k.lanes);
        const int64_t m_point = whole + test.random.within(0, 3), w_tap = whole + test.random.within(0, 3);
        const Guarded<T> m = test.array<T>(35 * m_point + whole);
        Guarded<T> w = test.array<T>(8 * w_tap + whole);
        test.with({{"channels", channels}});
        Expected<T> expected(w);
        double largest = 0;
        for (int64_t i = 0; i < 9; ++i) {
            expected.leave_open(i * w_tap + channels, i * w_tap + whole);
            for (int64_t c = 0; c < channels; ++c) {
                const Sandwich s = sandwich(g, size_t(i / 3), size_t(i % 3),
                                            [&](int64_t a, int64_t b) { return double(m[(a * 6 + b) * m_point + c]); });
                expected.set(i * w_tap + c, T(s.value));
                largest = std::max(largest, s.size);
            }
        }
        k.winograd_grad_weight({m.data(), w.data(), channels, m_point, w_tap});
        test.compare(w, expected, largest * EPSILON<T>);
    }
}

template <class T>
void Float<T>::winograd_output(Test& test, const Kernels<T>& k) {
    for (const auto& [n, outputs] : {std::pair<int64_t, int64_t>{4, 2}, {6, 2}, {6, 4}, {9, 4}})
        for (int64_t channels = 1; channels <= 2 * k.lanes + 1; ++channels)
            for (const bool last : {false, true}) {  // channels last
                const Matrix matrix = output_matrix_of(n, outputs);
                const int64_t tiles = test.random.within(1, 2 * k.lanes / outputs + 2),
                              whole = up_to_multiple(channels, k.lanes);
                const int64_t width = (tiles - 1) * outputs + test.random.within(1, outputs);
                const int64_t height = test.random.within(1, outputs), gap = test.random.within(0, 3);
                const int64_t m_tile = whole + test.random.within(0, 3), m_point = tiles * m_tile;
                const int64_t out_pixel = last ? channels + gap : 1, out_row = width * out_pixel + gap;
                const int64_t out_channel = last ? 1 : height * out_row;
                const Guarded<T> m = test.array<T>((n * n - 1) * m_point + (tiles - 1) * m_tile + whole);
                Guarded<T> out =
                    test.array<T>((channels - 1) * out_channel + (height - 1) * out_row + (width - 1) * out_pixel + 1);
                const Finish<T> finish(test, channels);
                test.with({{"points", n},
                           {"outputs", outputs},
                           {"channels", channels},
                           {"tiles", tiles},
                           {"width", width},
                           {"height", height},
                           {"channels_last", last},
                           {"epilogue", finish.kind()}});
                Expected<T> expected(out);
                double largest = 0;
                for (int64_t at = 0; at < channels * height * width; ++at) {
                    const int64_t c = at / (height * width), i = at / width % height, q = at % width;
                    const T* const from = m.data() + q / outputs * m_tile + c;
                    const Sandwich s = sandwich(matrix, size_t(i), size_t(q % outputs), [&](int64_t a, int64_t b) {
                        return double(from[(a * n + b) * m_point]);
                    });
                    expected.set(c * out_channel + i * out_row + q * out_pixel, finish.of(T(s.value), c));
                    largest = std::max(largest, s.size);
                }
                k.winograd_output({m.data(), out.data(), tiles, width, height, m_point, m_tile, out_channel, out_row,
                                   out_pixel, int32_t(channels), int32_t(n), int32_t(outputs), finish.epilogue()});
                test.compare(out, expected, largest * EPSILON<T>);
            }
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
