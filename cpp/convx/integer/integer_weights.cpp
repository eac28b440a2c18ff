#include "integer_weights.h"

#include <algorithm>
#include <memory>

#include "../runtime/interrupt.h"
#include "../shape/integer_math.h"

namespace convx {
namespace {

constexpr uint8_t SIGN = 128;  // flips a signed byte into an unsigned one 128 larger

template <class T>
PackFormat<T> pack_format(const IntegerTerms<T>& terms) {
    PackFormat<T> format;
    if (terms.kernels.parts == 1) return format;
    format.flip = terms.signed_x ? SIGN : 0;
    const auto zero = static_cast<int16_t>(terms.x_zero + format.flip);  // of the flipped input
    if (terms.kernels.parts == 2)
        format.offset = zero;
    else
        format.fill = static_cast<T>(zero * int64_t{0x01010101});
    return format;
}

// Words of one output channel: the parts of word c, tap i are row[(c*parts + part)*taps + i]; words lie `width` apart.
template <class T>
void pack_row(const ConvSpec& spec, const int64_t* row, int64_t parts, T* dst, int64_t width) {
    Pace pace;
    const int64_t taps = spec.taps(), bits = 8 * static_cast<int64_t>(sizeof(T)) / parts;
    const uint64_t mask = parts == 1 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
    for (int64_t c = 0; c < spec.c_per_group; c += parts) {
        const int64_t present = std::min(parts, spec.c_per_group - c);
        pace.step(taps);
        for (int64_t i = 0; i < taps; ++i, dst += width) {
            uint64_t word = 0;
            for (int64_t p = 0; p < present; ++p)
                word |= (static_cast<uint64_t>(row[(c + p) * taps + i]) & mask) << (p * bits);
            *dst = static_cast<T>(word);
        }
    }
}

}  // namespace

PowerOfTwoSplit::PowerOfTwoSplit(int64_t rows_, int64_t most_)
    : rows(rows_), most(most_), count(rows / most + __builtin_popcountll(static_cast<uint64_t>(rows % most))) {}

int64_t PowerOfTwoSplit::size(int64_t i) const { return start(i + 1) - start(i); }

int64_t PowerOfTwoSplit::start(int64_t i) const {
    const int64_t whole = rows / most;
    if (i <= whole) return i * most;
    int64_t at = whole * most, rest = rows % most;
    for (int64_t bit = most / 2; bit > 0 && i > whole; bit /= 2) {
        if (!(rest & bit)) continue;
        at += bit;
        --i;
    }
    return at;
}

ConvShape in_packed_channels(ConvShape shape, int64_t parts) {
    shape.c = shape.groups * ceil_div(shape.c_per_group(), parts);
    return shape;
}

int64_t IntegerWeights::zero_point(int64_t k) const {
    return zero_points.empty() ? 0 : zero_points[zero_points.size() == 1 ? 0 : static_cast<size_t>(k)];
}

void IntegerWeights::read(const ConvSpec& spec, int64_t k, int64_t* row) const {
    const int64_t depth = spec.depth(), zero = zero_point(k);
    with_type(type, [&](auto none) {
        const auto* const src = static_cast<const decltype(none)*>(data) + k * depth;
        in_pieces(depth, [&](int64_t first, int64_t n) {
            for (int64_t i = first; i < first + n; ++i) row[i] = src[i] - zero;
        });
    });
}

bool IntegerWeights::fit_bytes(const ConvSpec& spec) const {
    if (type == IntType::i8 && std::all_of(zero_points.begin(), zero_points.end(), [](int64_t z) { return z == 0; }))
        return true;
    const int64_t depth = spec.depth();
    return with_type(type, [&](auto none) {
        const auto* src = static_cast<const decltype(none)*>(data);
        bool fit = true;
        for (int64_t k = 0; k < spec.k && fit; ++k, src += depth) {
            const int64_t zero = zero_point(k);
            if (k) checkpoint();
            in_pieces(depth, [&](int64_t first, int64_t n) {
                const auto [least, most] = std::minmax_element(src + first, src + first + n);
                fit = fit && *least - zero >= INT8_MIN && *most - zero <= INT8_MAX;
            });
        }
        return fit;
    });
}

template <class T>
IntegerPacking<T> pack_integers(const ConvSpec& spec, const IntegerWeights& weights, const IntegerTerms<T>& terms,
                                Lane lane) {
    const DotKernels<T>& k = terms.kernels;
    const int64_t rows = spec.k_per_group(), words = ceil_div(spec.c_per_group, k.parts) * spec.taps();
    const int64_t slabs = ceil_div(rows, k.nr);
    const PowerOfTwoSplit panels(rows, k.pixel_rows);
    const bool pixels = lane == Lane::pixels;
    IntegerPacking<T> packed{&k,
                             lane,
                             Buffer<T>(spec.groups * (pixels ? rows : slabs * k.nr) * words),
                             Buffer<T>(spec.k),
                             pack_format(terms),
                             false};
    packed.padding_is_zero = packed.format.fill == 0;
    if (!pixels)
        in_pieces(packed.data.size(), [&](int64_t i, int64_t n) { std::fill_n(packed.data.data() + i, n, T(0)); });
    const Buffer<int64_t> row(spec.depth());
    const int64_t subtracted = k.parts == 4 ? terms.x_zero + packed.format.flip : 0;  // of the unsigned input
    for (int64_t g = 0; g < spec.groups; ++g)
        for (int64_t r = 0, panel = 0; r < rows; ++r) {
            const int64_t channel = g * rows + r;
            checkpoint();
            weights.read(spec, channel, row.data());
            if (pixels) {
                if (r == panels.start(panel + 1)) ++panel;
                const int64_t first = panels.start(panel);
                pack_row(spec, row.data(), k.parts, packed.data.data() + (g * rows + first) * words + r - first,
                         panels.size(panel));
            } else {
                pack_row(spec, row.data(), k.parts,
                         packed.data.data() + (g * slabs + r / k.nr) * k.nr * words + r % k.nr, k.nr);
            }
            int64_t bias = terms.bias.empty() ? 0 : terms.bias[static_cast<size_t>(channel)];
            if (subtracted) {
                int64_t sum = 0;
                for (int64_t i = 0; i < spec.depth(); ++i) sum += row.data()[i];
                bias = wrapping_add(bias, -wrapping_multiply(sum, subtracted));
            }
            packed.bias.data()[channel] = static_cast<T>(bias);
        }
    return packed;
}

#define CONVX_INSTANTIATE(T) \
    template IntegerPacking<T> pack_integers(const ConvSpec&, const IntegerWeights&, const IntegerTerms<T>&, Lane);
CONVX_WORDS(CONVX_INSTANTIATE)

}  // namespace convx
