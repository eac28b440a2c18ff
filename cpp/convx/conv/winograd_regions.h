// Rectangles of a block's tiles that have as many points.
#pragma once
#include <algorithm>

#include "../data/blocking.h"
#include "winograd_schemes.h"

namespace convx::winograd {

struct Region {
    int64_t p0, p1, q0, q1;  // tiles
    bool narrow_h, narrow_w;
    int64_t first;  // of its tiles, in a plane of the block
    int64_t rows() const { return p1 - p0; }
    int64_t cols() const { return q1 - q0; }
    int64_t tiles() const { return rows() * cols(); }
};

// In such an order that the tiles of every point lie side by side.
class Regions {
  public:
    Regions(const Block& b, const AxisTiles& h, const AxisTiles& w) {
        const int64_t p = std::clamp(h.wide(), b.p0, b.p1), q = std::clamp(w.wide(), b.q0, b.q1);
        all_[0] = {b.p0, p, q, b.q1, false, true, 0};
        all_[1] = {b.p0, p, b.q0, q, false, false, after(0)};
        all_[2] = {p, b.p1, b.q0, q, true, false, after(1)};
        all_[3] = {p, b.p1, q, b.q1, true, true, after(2)};
    }
    const Region* begin() const { return all_; }
    const Region* end() const { return all_ + 4; }

    // Tiles of a plane that have a point, which narrow ones leave out along H, along W.
    Range tiles(bool not_narrow_h, bool not_narrow_w) const {
        return {not_narrow_w ? all_[1].first : 0, not_narrow_h   ? all_[2].first
                                                  : not_narrow_w ? all_[3].first
                                                                 : after(3)};
    }

  private:
    int64_t after(int i) const { return all_[i].first + all_[i].tiles(); }
    Region all_[4];
};

}  // namespace convx::winograd
