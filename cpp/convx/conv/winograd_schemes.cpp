#include "winograd_schemes.h"

#include "../shape/integer_math.h"

namespace convx::winograd {
namespace {

// Finite points; the last is infinity. Opposite ones stand side by side, for the kernels' sums and differences.
std::vector<double> finite_points(int points) {
    switch (points) {
        case 1:
            return {};
        case 4:
            return {0, 1, -1};
        case 6:
            return {0, 0.75, -0.75, 1.5, -1.5};
        case 7:
            return {0.375, -0.375, 0.875, -0.875, 1.875, -1.875};
        case 8:
            return {0, 0.5, -0.5, 1, -1, 2, -2};
        default:  // 5, and of stride 2 those of the even inputs
            return {0.5, -0.5, 1.25, -1.25};
    }
}

// Row of point p: (1, p, p^2, ...) / prod_{q != p} (p - q) over the finite points; the last row belongs to infinity.
std::vector<double> weight_matrix(const std::vector<double>& points, int taps) {
    std::vector<double> g;
    for (const double p : points) {
        double value = 1;
        for (const double q : points)
            if (q != p) value /= p - q;
        for (int i = 0; i < taps; ++i, value *= p) g.push_back(value);
    }
    g.resize(g.size() + static_cast<size_t>(taps) - 1, 0);
    g.push_back(1);
    return g;
}

constexpr int MOST_TAPS = 7;

// How many points an axis may take, fewest first; 0: no more. Six and seven taps leave but eight, by which two taps
// gain nothing; seven are for three taps on maps that five outputs a tile cut well, as 14, five for two taps along one
// axis, as along both their error would not pay.
struct Choices {
    int points[4];
};
Choices choices(int64_t taps, int64_t stride, int64_t dilation) {
    if (taps == 1) return {{1}};
    if (dilation != 1 || taps > MOST_TAPS) return {};
    if (stride > 1) return stride == 2 && taps == 3 ? Choices{{9}} : Choices{};
    switch (taps) {
        case 2:
            return {{4, 5, 6}};
        case 3:
            return {{4, 6, 7, 8}};
        case 4:
        case 5:
            return {{6, 8}};
        default:
            return {{8}};
    }
}

bool go_together(int i, int j) { return i * j > 1 && ((i != 5 && j != 5) || i * j == 5); }

template <class A>
Schemes pairs(const A& h, const A& w, Border border, bool is_part) {
    Schemes schemes;
    for (const int i : choices(h.kernel, h.stride, is_signal(h, w, border, is_part) ? 1 : h.dilation).points)
        for (const int j : choices(w.kernel, w.stride, w.dilation).points)
            if (go_together(i, j))
                schemes.all[schemes.count++] = {{i, static_cast<int>(h.kernel), h.stride},
                                                {j, static_cast<int>(w.kernel), w.stride}};
    return schemes;
}

}  // namespace

std::vector<double> AxisScheme::g() const {
    if (!splits()) return weight_matrix(finite_points(points), taps);
    const std::vector<double> even = weight_matrix(finite_points(points), 2);
    std::vector<double> all;
    for (size_t i = 0; i < even.size(); i += 2) all.insert(all.end(), {even[i], 0, even[i + 1]});
    all.insert(all.end(), {0, 1, 0});
    return all;
}

AxisTiles::AxisTiles(const AxisScheme& scheme, int64_t out, bool may_narrow, int64_t loss)
    : scheme_(scheme), wide_(ceil_div(out, scheme.outputs())) {
    constexpr int64_t MOST = 2;  // three cover no more outputs than two whole tiles, which have fewer points
    const int64_t outputs = scheme.outputs() - LEFT_OUT;
    if (!may_narrow || scheme.points != 8 || outputs < 2) return;
    int64_t least = wide_ * scheme.points;
    for (int64_t narrow = 1; narrow <= MOST; ++narrow) {
        const int64_t wide = std::max<int64_t>(ceil_div(out - narrow * outputs, scheme.outputs()), 0);
        const int64_t points = (wide + narrow) * scheme.points - LEFT_OUT * narrow;
        if (points + (loss ? least / loss : 0) >= least) continue;
        least = points;
        wide_ = wide;
        narrow_ = narrow;
    }
}

const Scheme& Schemes::of(int variant) const {
    int i = 0;
    while (i < count - 1 && all[i].variant() != variant) ++i;
    return all[i];
}

Schemes schemes_of(const ConvSpec& s) { return pairs(s.window[1], s.window[2], s.border, s.is_part); }
Schemes schemes_of(const ConvShape& s) { return pairs(s.h, s.w, s.border, s.is_part); }

}  // namespace convx::winograd
