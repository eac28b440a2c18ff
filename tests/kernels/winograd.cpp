// Winograd's transforms, against matrices made from the points that each scheme is defined by.
#include <algorithm>

#include "cases.h"
#include "winograd_matrices.h"

namespace convx::CONVX_ISA {
namespace {

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
                void (*kernel)(const WinogradInput<T>&), int64_t gap_h = 0, int64_t gap_w = 0) {
    const auto nh = int64_t(h.size()), nw = int64_t(w.size()), size_h = int64_t(h[0].size());
    const int64_t rows = test.random.within(1, 4), whole = up_to_multiple(channels, k.lanes);
    const int64_t step = test.random.within(1, 6), last = (cols - 1) * step + int64_t(w[0].size()) - 1;
    const int64_t x_pixel = whole + test.random.within(0, 3), x_tap = (last + 1) * x_pixel + test.random.within(0, 3);
    const int64_t x_row = test.random.within(0, 3) * x_tap;
    const int64_t v_tile = whole + test.random.within(0, 3), v_point = rows * cols * v_tile;
    const Guarded<T> x = test.array<T>((rows - 1) * x_row + (size_h - 1) * x_tap + last * x_pixel + whole);
    Guarded<T> v = test.array<T>(((nh + gap_h) * (nw + gap_w) - 1) * v_point + (rows * cols - 1) * v_tile + whole);
    test.with({{"nh", nh},
               {"nw", nw},
               {"cols", cols},
               {"channels", channels},
               {"rows", rows},
               {"step", step},
               {"gap_h", gap_h},
               {"gap_w", gap_w}});
    Expected<T> expected(v);
    double largest = 0;
    for (int64_t i = 0; i < nh * nw; ++i)
        for (int64_t t = 0; t < rows * cols; ++t) {
            const int64_t point = place(i / nw, gap_h) * (nw + gap_w) + place(i % nw, gap_w);
            const int64_t to = point * v_point + t * v_tile;
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
            int32_t(nw), int32_t(gap_h), int32_t(gap_w)});
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
    if (sizeof(T) > sizeof(float)) return;
    for (const int64_t n : {4, 6, 8})
        for (const int64_t cols : {1, 3, 12}) {
            const Matrix six = input_matrix_of(6, GAP), other = input_matrix_of(n);
            const auto channels = [&] { return test.random.within(1, 2 * k.lanes + 1); };
            tiles_case(test, k, six, other, cols, channels(), k.winograd_input, GAP, 0);
            tiles_case(test, k, other, six, cols, channels(), k.winograd_input, 0, GAP);
            tiles_case(test, k, six, six, cols, channels(), k.winograd_input, GAP, GAP);
        }
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
    const Matrix down = output_matrix_of(h.n, h.outputs, h.gap), along = output_matrix_of(w.n, w.outputs, w.gap);
    const int64_t period = h.n == 1 ? test.random.within(1, 2 * k.lanes) : 1, run = period * w.outputs;
    const int64_t rows = test.random.within(1, 2 * k.lanes / w.outputs + 2), tiles = rows * period;
    const int64_t width = (rows - 1) * run + test.random.within(1, run), whole = up_to_multiple(channels, k.lanes);
    const int64_t height = test.random.within(1, h.outputs), gap = test.random.within(0, 3);
    const int64_t m_tile = whole + test.random.within(0, 3), m_point = tiles * m_tile;
    const int64_t out_pixel = last ? channels + gap : 1, out_row = width * out_pixel + gap;
    const int64_t out_channel = last ? 1 : height * out_row;
    const Guarded<T> m = test.array<T>(((h.n + h.gap) * (w.n + w.gap) - 1) * m_point + (tiles - 1) * m_tile + whole);
    Guarded<T> out = test.array<T>((channels - 1) * out_channel + (height - 1) * out_row + (width - 1) * out_pixel + 1);
    const Finish<T> finish(test, channels, out);
    test.with({{"nh", h.n},
               {"nw", w.n},
               {"gap_h", h.gap},
               {"gap_w", w.gap},
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
        const Sandwich s = sandwich(down, along, size_t(i), size_t(q % run / period), [&](int64_t a, int64_t b) {
            return double(from[(place(a, h.gap) * (w.n + w.gap) + place(b, w.gap)) * m_point]);
        });
        const int64_t to = c * out_channel + i * out_row + q * out_pixel;
        expected.set(to, finish.of(T(s.value), c, to));
        largest = std::max(largest, s.size);
    }
    k.winograd_output({m.data(),
                       out.data(),
                       tiles,
                       width,
                       height,
                       m_point,
                       m_tile,
                       out_channel,
                       out_row,
                       out_pixel,
                       period,
                       int32_t(channels),
                       int32_t(h.n),
                       int32_t(w.n),
                       int32_t(h.outputs),
                       int32_t(w.outputs),
                       finish.epilogue(),
                       int32_t(h.gap),
                       int32_t(w.gap),
                       test.random.within(0, 1) > 0});
    test.compare(out, expected, largest * EPSILON<T>);
}

}  // namespace

template <class T>
void Float<T>::winograd_output(Test& test, const Kernels<T>& k) {
    for (const Axis& h : AXES)
        for (const Axis& w : AXES)
            for (const bool last : {false, true})  // channels last
                if (h.n * w.n > 1) output_case(test, k, h, w, test.random.within(1, 2 * k.lanes + 1), last);
    if (sizeof(T) > sizeof(float)) return;
    for (const Axis& six : WITH_GAP)
        for (const Axis& other : {Axis{4, 2}, Axis{6, 4}, Axis{8, 6}, six})
            for (const bool last : {false, true}) {
                output_case(test, k, six, other, test.random.within(1, 2 * k.lanes + 1), last);
                output_case(test, k, other, six, test.random.within(1, 2 * k.lanes + 1), last);
            }
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
