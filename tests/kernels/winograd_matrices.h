// The matrices of Winograd's schemes, made from the points that each is defined by.
#pragma once
#include <cmath>
#include <cstdint>
#include <vector>

namespace convx::CONVX_ISA {
namespace {

using Matrix = std::vector<std::vector<double>>;  // rows

const std::vector<double> FOUR{0, 1, -1}, SIX{0, 0.75, -0.75, 1.5, -1.5}, EIGHT{0, 0.5, -0.5, 1, -1, 2, -2},
    SEVEN{0.375, -0.375, 0.875, -0.875, 1.875, -1.875}, FIVE{0.5, -0.5, 1.25, -1.25};

// With a gap, six of the eight points.
const std::vector<double> SIX_OF_EIGHT{0, 0.5, -0.5, 2, -2};
constexpr int64_t GAP = 2;

// Where a point lies among those there would be.
int64_t place(int64_t point, int64_t gap) { return point + (point > 2 ? gap : 0); }

const std::vector<double>& points_of(int64_t n, int64_t gap = 0) {
    if (gap > 0) return SIX_OF_EIGHT;
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
Matrix input_matrix_of(int64_t n, int64_t gap = 0) {
    if (n == 1) return {{1}};
    if (n != 9) return input_matrix(points_of(n, gap));
    Matrix m(9, std::vector<double>(9));
    const Matrix even = input_matrix(FIVE);
    for (size_t i = 0; i < 5; ++i)
        for (size_t j = 0; j < 5; ++j) m[i][2 * j] = even[i][j];
    for (size_t i = 0; i < 4; ++i) m[5 + i][2 * i + 1] = 1;
    return m;
}

Matrix output_matrix_of(int64_t n, int64_t outputs, int64_t gap = 0) {
    if (n == 1) return {{1}};
    if (gap > 0) {  // the weights were divided by the differences from +-1, too
        Matrix m = powers(SIX_OF_EIGHT, size_t(outputs));
        for (size_t i = 0; i < SIX_OF_EIGHT.size(); ++i)
            for (double& x : m[i]) x *= SIX_OF_EIGHT[i] * SIX_OF_EIGHT[i] - 1;
        return transposed(m);
    }
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
    int64_t n, outputs, gap = 0;
};
const std::vector<Axis> AXES{{1, 1}, {4, 3}, {4, 2}, {5, 4}, {6, 5}, {6, 4}, {6, 3}, {6, 2},
                             {7, 5}, {8, 6}, {8, 5}, {8, 4}, {8, 3}, {8, 2}, {9, 4}},
    WITH_GAP{{6, 4, GAP}, {6, 3, GAP}, {6, 2, GAP}};

}  // namespace
}  // namespace convx::CONVX_ISA
