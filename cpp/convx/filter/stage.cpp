#include "stage.h"

#include <cmath>
#include <stdexcept>

namespace convx::filter {
namespace {

constexpr double SMALL = 1 << 22;  // below, float32 has a bit for the half
constexpr double EPSILON = 1.0 / (int64_t{1} << 52);

// Whether float holds every sum of numbers below 2^8 by weights of so many bits, or of whole ones.
bool is_exact(const Line& line, double bound, double largest) {
    const double scale = largest <= 256 && bound <= 256 ? 1 << 14 : 1;
    for (const double w : line.w)
        if (scale * w != std::rint(scale * w)) return false;
    return bound < SMALL;
}

// As scipy.ndimage tells them apart.
TermOrder order_of(const Line& line) {
    const int64_t taps = line.taps();
    bool even = taps % 2 == 1, odd = even;
    for (int64_t t = 0; t < taps; ++t) {
        const double a = line.w[static_cast<size_t>(t)], b = line.w[static_cast<size_t>(taps - 1 - t)];
        even = even && std::abs(a - b) <= EPSILON;
        odd = odd && std::abs(a + b) <= EPSILON;
    }
    return even ? TermOrder::sums : odd ? TermOrder::differences : TermOrder::last_first;
}

// The mean of whole numbers, cut off: their sum times a weight that is too large by so little that no mean comes to
// the next whole number, and by more than both roundings take away.
Stage box(int64_t taps, double largest) {
    const double sum = static_cast<double>(taps) * largest;
    const bool wide = sum >= 1 << 20;
    if (sum >= static_cast<double>(int64_t{1} << 48)) throw std::invalid_argument("the sums of a box are too large");
    return {Way::box, wide, (1 + (wide ? 4 * EPSILON : 4.0 / (1 << 23))) / static_cast<double>(taps), 0, {}};
}

}  // namespace

Stage stage_of(const Line& line, double largest, bool integers, bool cut, bool wide) {
    const int64_t taps = line.taps();
    if (line.mean && integers) return cut ? box(taps, largest) : Stage{Way::box, false, line.w[0], 0, {}};
    if (line.mean && taps >= LONG_BOX) return {Way::box, false, line.w[0], 0, {}};
    if (!cut || !taps) return {};
    double bound = 0;
    for (const double w : line.w) bound += std::abs(w) * largest;
    if (bound >= static_cast<double>(int64_t{1} << 31))
        throw std::invalid_argument("the sums of integers do not fit into 32 bits");
    if (!wide && is_exact(line, bound, largest)) return {Way::sums, false, 1, 0, order_of(line)};
    if (wide || largest > 256 || bound >= SMALL) return {Way::exactly, false, 1, 0, order_of(line)};
    return {Way::settled, false, 1, static_cast<double>(taps + 4) * bound / (1 << 24), order_of(line)};
}

bool sums_fit(const Line& line, double largest, const PixelType& out) {
    double sum = 0;
    for (const double w : line.w) {
        if (!(w >= 0)) return false;
        sum += w * largest;
    }
    return sum < out.largest + (out.is_signed ? -0.5 : 0.5);
}

}  // namespace convx::filter
