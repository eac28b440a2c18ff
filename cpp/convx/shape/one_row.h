// A 1x1 convolution sees the pixels of an image as one long row, where its rows follow one another in memory.
#pragma once
#include "shape.h"

namespace convx {

inline bool may_be_one_row(const ConvShape& s) {
    const auto plain = [](const Axis& a) { return a.kernel == 1 && a.stride == 1 && a.lo + a.hi == 0; };
    return plain(s.d) && plain(s.h) && plain(s.w) && s.h.out * s.d.out > 1;
}

// x: a View or an IntView.
template <class Array>
bool is_one_row(const ConvShape& s, const Array& x) {
    return may_be_one_row(s) && (s.h.in == 1 || x.h == x.w * s.w.in) && (s.d.in == 1 || x.d == x.w * s.h.in * s.w.in);
}

inline ConvShape as_one_row(ConvShape s) {
    s.w.in = s.w.out = s.pixels();
    s.d = s.h = Axis{};
    return s;
}

}  // namespace convx
