// Winograd's transforms, against matrices made from the points that each scheme is defined by.
#include <algorithm>

#include "cases.h"

namespace convx::CONVX_ISA {
namespace {

using Matrix = std::vector<std::vector<double>>;  // rows

const std::vector<double> FOUR{0, 1, -1}, SIX{0, 0.75, -0.75, 1.5, -1.5}, EIGHT{0, 0.5, -0.5, 1, -1, 2, -2},
    SEVEN{0.375, -0.375, 0.875, -0.875, 1.875, -1.875}, FIVE{0.5, -0.5, 1.25, -1.25};

const std::vector<double>& points_of(int64_t n) {
    return n == 4 ? FOUR : n == 5 ? FIVE : n == 6 ? SIX : n == 7 ? SEVEN : EIGHT;
}

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

// Along one axis of n inputs. One is left as it is; with stride 2, the points are of the even inputs and the odd ones
// stay themselves.
Matrix input_matrix_of(int64_t n) {
    if (n == 1) return {{1}};
    if (n != 9) return input_matrix(points_of(n));
    Matrix m(9, std::vector<double>(9));
    const Matrix even = input_matrix(FIVE);
    for (size_t i = 0; i < 5; ++i)
        for (size_t j = 0; j < 5; ++j) m[i][2 * j] = even[i][j];
    for (size_t i = 0; i < 4; ++i) m[5 + i][2 * i + 1] = 1;
    return m;
}

Matrix output_matrix_of(int64_t n, int64_t outputs) {
    if (n == 1) return {{1}};
    if (n != 9) return transposed(powers(points_of(n), size_t(outputs)));
    Matrix m = powers(FIVE, 4);
    for (size_t i = 0; i < 4; ++i) {
        m.emplace_back(4);
        m.back()[i] = 1;
    }
    return transposed(m);
}

// Points and outputs of an axis, as the schemes have them.
struct Axis {
    int64_t n, outputs;
};
const std::vector<Axis> AXES{{1, 1}, {4, 3}, {4, 2}, {5, 4}, {6, 5}, {6, 4}, {6, 3}, {6, 2},
                             {7, 5}, {8, 6}, {8, 5}, {8, 4}, {8, 3}, {8, 2}, {9, 4}};

// (M x W')[i][j] and, beside it, the same of absolute values: what rounding may be in proportion to.
struct Sandwich {
    double value, size;
};
template <class At>
Sandwich sandwich(const Matrix& m, const Matrix& w, size_t i, size_t j, const At& at) {
    Sandwich s{0, 0};
    for (size_t a = 0; a < m[0].size(); ++a)
        for (size_t b = 0; b < w[0].size(); ++b) {
            const double term = m[i][a] * at(int64_t(a), int64_t(b)) * w[j][b];
            s.value += term;
            s.size += std::abs(term);
        }
    return s;
}

template <class T>
constexpr double EPSILON = 24 * static_cast<double>(std::numeric_limits<T>::epsilon());

// Tiles of the input, or of the output's gradient, by matrices along H and W.
template <class T>
void tiles_case(Test& test, const Kernels<T>& k, const Matrix& h, const Matrix& w, int64_t cols, int64_t channels,
                void (*kernel)(const WinogradInput<T>&)) {
    const auto nh = int64_t(h.size()), nw = int64_t(w.size()), size_h = int64_t(h[0].size());
    const int64_t rows = test.random.within(1, 4), whole = up_to_multiple(channels, k.lanes);
    const int64_t step = test.random.within(1, 6), last = (cols - 1) * step + int64_t(w[0].size()) - 1;
    const int64_t x_pixel = whole + test.random.within(0, 3), x_tap = (last + 1) * x_pixel + test.random.within(0, 3);
    const int64_t x_row = test.random.within(0, 3) * x_tap;
    const int64_t v_tile = whole + test.random.within(0, 3), v_point = rows * cols * v_tile;
    const Guarded<T> x = test.array<T>((rows - 1) * x_row + (size_h - 1) * x_tap + last * x_pixel + whole);
    Guarded<T> v = test.array<T>((nh * nw - 1) * v_point + (rows * cols - 1) * v_tile + whole);
    test.with({{"nh", nh}, {"nw", nw}, {"cols", cols}, {"channels", channels}, {"rows", rows}, {"step", step}});
    Expected<T> expected(v);
    double largest = 0;
    for (int64_t i = 0; i < nh * nw; ++i)
        for (int64_t t = 0; t < rows * cols; ++t) {
            const int64_t to = i * v_point + t * v_tile;
            expected.leave_open(to + channels, to + whole);
            for (int64_t c = 0; c < channels; ++c) {
                const T* const from = x.data() + t / cols * x_row + t % cols * step * x_pixel + c;
                const Sandwich s = sandwich(h, w, size_t(i / nw), size_t(i % nw), [&](int64_t a, int64_t b) {
                    return double(from[a * x_tap + b * x_pixel]);
                });
                expected.set(to + c, T(s.value));
                largest = std::max(largest, s.size);
            }
        }
    kernel({x.data(), v.data(), rows, cols, channels, x_row, x_tap, x_pixel, step, v_tile, v_point, int32_t(nh),
            int32_t(nw)});
    test.compare(v, expected, largest * EPSILON<T>);
}

}  // namespace

template <class T>
void Float<T>::winograd_weight(Test& test, const Kernels<T>& k) {
    const auto matrix = [&](Guarded<double>& g, int64_t taps) {
        Matrix m(size_t(g.size / taps), std::vector<double>(size_t(taps)));
        for (int64_t i = 0; i < g.size; ++i) m[size_t(i / taps)][size_t(i % taps)] = g[i] = test.random.real();
        return m;
    };
    for (int64_t rh = 1; rh <= 7; ++rh)
        for (int64_t rw = 1; rw <= 7; ++rw) {
            const int64_t nh = rh == 1 ? 1 : test.random.within(4, 8), nw = rw == 1 ? 1 : test.random.within(4, 8);
            const int64_t channels = test.random.within(0, 3), w_channel = (rh * rw + test.random.within(0, 2)) * k.nr;
            const int64_t u_point = channels * k.nr + test.random.within(0, 3);
            Guarded<double> gh(test.random, nh * rh), gw(test.random, nw * rw);
            const Matrix h = matrix(gh, rh), along = matrix(gw, rw);
            const Guarded<T> w = test.array<T>(channels * w_channel);
            Guarded<T> u = test.array<T>((nh * nw - 1) * u_point + channels * k.nr);
            test.with({{"nh", nh}, {"nw", nw}, {"rh", rh}, {"rw", rw}, {"channels", channels}});
            Expected<T> expected(u);
            for (int64_t i = 0; i < nh * nw; ++i)
                for (int64_t at = 0; at < channels * k.nr; ++at) {
                    const int64_t from = at / k.nr * w_channel + at % k.nr;
                    const Sandwich s = sandwich(h, along, size_t(i / nw), size_t(i % nw), [&](int64_t a, int64_t b) {
                        return double(w[from + (a * rw + b) * k.nr]);
                    });
                    expected.set(i * u_point + at, T(s.value));
                }
            k.winograd_weight({w.data(), u.data(), gh.data(), gw.data(), channels, w_channel, u_point, int32_t(nh),
                               int32_t(nw), int32_t(rh), int32_t(rw)});
            test.compare(u, expected, 150 * EPSILON<T>);
        }
}

template <class T>
void Float<T>::winograd_input(Test& test, const Kernels<T>& k) {
    for (const int64_t nh : {1, 4, 5, 6, 7, 8, 9})
        for (const int64_t nw : {1, 4, 5, 6, 7, 8, 9})
            for (const int64_t cols : {1, 2, 5, 12, 33})
                if (nh * nw > 1)
                    tiles_case(test, k, input_matrix_of(nh), input_matrix_of(nw), cols,
                               test.random.within(1, 2 * k.lanes + 1), k.winograd_input);
}

template <class T>
void Float<T>::winograd_grad_output(Test& test, const Kernels<T>& k) {
    const Matrix m = powers(SIX, 4);
    for (int64_t channels = 1; channels <= 2 * k.lanes + 1; ++channels)
        tiles_case(test, k, m, m, test.random.within(1, 3), channels, k.winograd_grad_output);
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
                const Sandwich s = sandwich(g, g, size_t(i / 3), size_t(i % 3),
                                            [&](int64_t a, int64_t b) { return double(m[(a * 6 + b) * m_point + c]); });
                expected.set(i * w_tap + c, T(s.value));
                largest = std::max(largest, s.size);
            }
        }
        k.winograd_grad_weight({m.data(), w.data(), channels, m_point, w_tap});
        test.compare(w, expected, largest * EPSILON<T>);
    }
}

namespace {

template <class T>
void output_case(Test& test, const Kernels<T>& k, const Axis& h, const Axis& w, int64_t channels, bool last) {
    const Matrix down = output_matrix_of(h.n, h.outputs), along = output_matrix_of(w.n, w.outputs);
    const int64_t period = h.n == 1 ? test.random.within(1, 2 * k.lanes) : 1, run = period * w.outputs;
    const int64_t rows = test.random.within(1, 2 * k.lanes / w.outputs + 2), tiles = rows * period;
    const int64_t width = (rows - 1) * run + test.random.within(1, run), whole = up_to_multiple(channels, k.lanes);
    const int64_t height = test.random.within(1, h.outputs), gap = test.random.within(0, 3);
    const int64_t m_tile = whole + test.random.within(0, 3), m_point = tiles * m_tile;
    const int64_t out_pixel = last ? channels + gap : 1, out_row = width * out_pixel + gap;
    const int64_t out_channel = last ? 1 : height * out_row;
    const Guarded<T> m = test.array<T>((h.n * w.n - 1) * m_point + (tiles - 1) * m_tile + whole);
    Guarded<T> out = test.array<T>((channels - 1) * out_channel + (height - 1) * out_row + (width - 1) * out_pixel + 1);
    const Finish<T> finish(test, channels, out);
    test.with({{"nh", h.n},
               {"nw", w.n},
               {"mh", h.outputs},
               {"mw", w.outputs},
               {"channels", channels},
               {"tiles", tiles},
               {"period", period},
               {"width", width},
               {"height", height},
               {"channels_last", last},
               {"epilogue", finish.kind()}});
    Expected<T> expected(out);
    double largest = 0;
    for (int64_t at = 0; at < channels * height * width; ++at) {
        const int64_t c = at / (height * width), i = at / width % height, q = at % width;
        const T* const from = m.data() + (q / run * period + q % period) * m_tile + c;
        const Sandwich s = sandwich(down, along, size_t(i), size_t(q % run / period),
                                    [&](int64_t a, int64_t b) { return double(from[(a * w.n + b) * m_point]); });
        const int64_t to = c * out_channel + i * out_row + q * out_pixel;
        expected.set(to, finish.of(T(s.value), c, to));
        largest = std::max(largest, s.size);
    }
    k.winograd_output({m.data(), out.data(), tiles, width, height, m_point, m_tile, out_channel, out_row, out_pixel,
                       period, int32_t(channels), int32_t(h.n), int32_t(w.n), int32_t(h.outputs), int32_t(w.outputs),
                       finish.epilogue()});
    test.compare(out, expected, largest * EPSILON<T>);
}

}  // namespace

template <class T>
void Float<T>::winograd_output(Test& test, const Kernels<T>& k) {
    for (const Axis& h : AXES)
        for (const Axis& w : AXES)
            for (const bool last : {false, true})                                 // channels last
                if (h.n * w.n > 1) output_case(test, k, h, w, test.random.within(1, 2 * k.lanes + 1), last);
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
