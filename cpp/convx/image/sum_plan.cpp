#include "sum_plan.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../runtime/interrupt.h"
#include "../shape/integer_math.h"

namespace convx {
namespace {

constexpr double EPS32 = std::numeric_limits<float>::epsilon(), EPS64 = std::numeric_limits<double>::epsilon();
constexpr double EXACT32 = 1 << 24, EXACT64 = EXACT32 * (1 << 29);  // up to here they hold every whole number
constexpr double NEAR = 1.0 / 64;      // a larger part of the sums is not worth adding up twice
constexpr int64_t MOST_TERMS = 96;     // of a part: enough to be worth adding it
constexpr double MOST_NEAR = 1.0 / 4;  // beyond this all of them are

constexpr double FRACTION = 256;  // sums of such parts of one are exact too, where they are not large

struct Weights {
    bool whole = true, fractions = true;  // all are whole numbers; or such parts
    double largest = 0;                   // sum of absolute values of one output channel
};

bool is_whole(double x) { return x == std::nearbyint(x); }

Weights weights_of(const ImageFilter& f) {
    Weights all;
    const int64_t depth = f.shape.depth();
    Pace pace;
    const double* w = f.weight;
    for (int64_t k = 0; k < f.shape.k; ++k) {
        double sum = 0;
        for (int64_t i = 0; i < depth; ++i, ++w, pace.step()) {
            all.whole &= is_whole(*w);
            all.fractions &= is_whole(*w * FRACTION);
            sum += std::abs(*w);
        }
        all.largest = std::max(all.largest, sum);
    }
    return all;
}

bool symmetric(const double* w, int64_t size, double sign) {
    for (int64_t i = 0; i < size; ++i)
        if (!(std::abs(w[i] - sign * w[size - 1 - i]) <= EPS64)) return false;
    return true;
}

}  // namespace

// A sum of n products, made of m parts, differs from the exact one by at most (n/m + m + 2) eps/2 times the sum of
// their sizes: all additions, products and weights are rounded. So parts serve where a sum has many terms. What it is
// compared with has an error of the same kind, without parts.
SumPlan plan_sums(const ImageFilter& f, const FilterTile& tile) {
    const Weights weights = weights_of(f);
    const double most = weights.largest * std::max(f.pixels.largest, std::abs(f.fill));
    const bool whole = weights.whole && is_whole(f.fill), small = f.result.is_float || f.result.size <= 2;
    const bool fractions = weights.fractions && is_whole(f.fill) && most * FRACTION <= EXACT32 && small;
    const bool exact = fractions || (whole && most <= EXACT32);
    SumPlan plan{};
    plan.settles = !f.result.is_float && !fractions && !(whole && most <= EXACT64);
    plan.small = most < 1u << 31;
    plan.part = std::max<int64_t>(tile.taps, 1);
    const bool has_parts = plan.settles && f.shape.c_per_group() == 1 && tile.taps > MOST_TERMS;
    if (has_parts) plan.part = even_part(tile.taps, MOST_TERMS);
    const double terms = static_cast<double>(f.shape.depth());
    if (f.sums) {  // exact weights do not help them
        plan.settles = true;
        plan.tolerance = f.off + (terms + 2) * EPS64 / 2 * most + 1e-30;
        return plan;
    }
    const double steps = has_parts ? static_cast<double>(plan.part + ceil_div(tile.taps, plan.part)) : terms + 1;
    const auto error = [&](double eps) { return ((steps + 2) * eps + (terms + 2) * EPS64) / 2 * most + 1e-30; };
    const bool fill_fits = f.fill == static_cast<double>(static_cast<float>(f.fill));
    const bool narrow =
        f.result.is_float ? f.result.size <= 4 : f.result.size <= 2 && fill_fits && error(EPS32) <= NEAR;
    plan.wide = !exact && !narrow;
    plan.tolerance = error(plan.wide ? EPS64 : EPS32);
    if (plan.tolerance > MOST_NEAR) plan.tolerance = std::numeric_limits<double>::infinity();
    return plan;
}

namespace {

int64_t list_line(const int64_t* taps, const double* w, int64_t size, SettleTerm* terms) {
    const bool even = symmetric(w, size, 1), mirrored = size % 2 && (even || symmetric(w, size, -1));
    const int64_t first = mirrored ? size / 2 : size - 1;
    int64_t n = 0;
    terms[n++] = {taps[first], taps[first], 0, w[first]};
    for (int64_t i = 0; i < first; ++i) {
        const int64_t other = mirrored ? size - 1 - i : i;
        terms[n++] = {taps[i], taps[other], !mirrored ? 0.0 : even ? 1.0 : -1.0, w[i]};
    }
    return n;
}

}  // namespace

int64_t list_terms(const ImageFilter& f, const int64_t* taps, const double* w, SettleTerm* terms) {
    const int64_t depth = f.shape.depth();
    if (f.order == TermOrder::line) return list_line(taps, w, depth, terms);
    int64_t n = 0;
    for (int64_t i = 0; i < depth; ++i)
        if (f.order == TermOrder::all || std::abs(w[i]) > EPS64) terms[n++] = {taps[i], taps[i], 0, w[i]};
    return n;
}

}  // namespace convx
