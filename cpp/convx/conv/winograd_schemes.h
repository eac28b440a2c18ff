// The schemes F(m, r) along one axis, the pairs made of them, and which fit a convolution.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "../shape/shape.h"

namespace convx::winograd {

// What "auto" may take: nothing; what errs about twice as much as a direct sum; all.
enum class Level { off, accurate, all };

// m outputs of r taps from n inputs, which become n points. An axis of one tap is left as it is. With stride 2 the even
// inputs of a tile meet the taps 0 and 2, by F(m, 2), and the odd ones tap 1, as they are: the m odd points share one
// row of G and so their weights.
struct AxisScheme {
    int points = 1, taps = 1;
    int64_t stride = 1;
    bool splits() const { return points == 9; }
    int outputs() const { return splits() ? 4 : points + 1 - taps; }
    int weights() const { return splits() ? 6 : points; }  // different ones
    int weight_of(int point) const { return point < weights() ? point : weights() - 1; }
    bool accurate() const { return points < 7 ? outputs() < 5 : splits(); }
    int64_t step() const { return outputs() * stride; }  // inputs from one tile to the next
    std::vector<double> g() const;                       // G, weights x taps
};

// Tiles along an axis. The last may have six of the eight points and two outputs fewer, where fewer products cover the
// axis so; they meet the same weights.
class AxisTiles {
  public:
    // loss: one in so many points must be saved at least.
    AxisTiles(const AxisScheme& scheme, int64_t out, bool may_narrow, int64_t loss);
    int64_t count() const { return wide_ + narrow_; }
    int64_t wide() const { return wide_; }
    int outputs(bool narrow) const { return scheme_.outputs() - (narrow ? LEFT_OUT : 0); }  // of a tile
    int points(bool narrow) const { return scheme_.points - (narrow ? LEFT_OUT : 0); }
    int shared_points() const { return points(narrow_ > 0); }
    int64_t all_points() const { return scheme_.points * count() - LEFT_OUT * narrow_; }
    int64_t all_outputs() const { return start(count()); }
    int64_t start(int64_t tile) const {  // its first output
        return tile * scheme_.outputs() - LEFT_OUT * std::max<int64_t>(tile - wide_, 0);
    }
    int64_t inputs(int64_t begin, int64_t end) const {  // of some tiles
        return (start(end - 1) - start(begin)) * scheme_.stride + points(end > wide_);
    }
    static constexpr int LEFT_OUT = 2;
    static bool leaves_out(int point) { return point == 3 || point == 4; }  // +-1 of eight

  private:
    AxisScheme scheme_;
    int64_t wide_, narrow_ = 0;
};

// H and W are transformed; the taps along D are summed as input channels are.
struct Scheme {
    AxisScheme h, w;
    int points() const { return h.points * w.points; }
    int weights() const { return h.weights() * w.weights(); }
    int weight_of(int point) const {
        return h.weight_of(point / w.points) * w.weights() + w.weight_of(point % w.points);
    }
    int variant() const { return h.points * 16 + w.points; }  // tells the schemes of one convolution apart
    // Along W outputs of narrow tiles fill vectors worse. Along H the last of some rows alone must be those of all.
    AxisTiles tiles_h(int64_t out, size_t element) const { return {h, out, may_narrow(element), 0}; }
    AxisTiles tiles_w(int64_t out, size_t element) const { return {w, out, may_narrow(element), 32}; }
    bool may_narrow(size_t element) const { return h.points > 1 && w.points > 1 && element == sizeof(float); }
    bool within(Level level) const { return level == Level::all || (h.accurate() && w.accurate()); }
};

struct Schemes {
    Scheme all[16];
    int count = 0;
    const Scheme* begin() const { return all; }
    const Scheme* end() const { return all + count; }
    const Scheme& of(int variant) const;
};

template <class A>
bool is_free(const A& a) {  // of taps, strides and padding
    return a.kernel == 1 && a.stride == 1 && a.lo + a.hi == 0;
}

// Taps along H alone. Then a map is one row of pixels, and taps that lie apart are as good as neighbours: so are the
// outputs of a tile.
template <class A>
bool is_signal(const A& h, const A& w, Border border, bool is_part) {
    return !is_part && is_free(w) && h.stride == 1 && border == Border::zeros;
}
inline bool has_gaps(const ConvShape& s) { return s.h.kernel > 1 && s.h.dilation > 1; }

// Those that fit kernel, stride and dilation along H and W; none: not for Winograd.
Schemes schemes_of(const ConvSpec& s);
Schemes schemes_of(const ConvShape& s);

}  // namespace convx::winograd
