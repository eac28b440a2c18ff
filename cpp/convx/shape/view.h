// A strided (N, C, D, H, W) array that somebody else owns; strides count elements and may be zero or negative.
#pragma once
#include <cstdint>

#include "range.h"

namespace convx {

template <class T>
struct View {
    T* data;
    int64_t n, c, d, h, w;  // strides
};

// Channel `plane % c` of image `plane / c`.
template <class T>
T* plane_of(const View<T>& v, int64_t c, int64_t plane) {
    return v.data + plane / c * v.n + plane % c * v.c;
}

// The offsets, from the first element, of all elements of an array of these sizes.
template <class T>
Range offsets_of(const View<T>& v, int64_t n, int64_t c, int64_t d, int64_t h, int64_t w) {
    Range all{0, 1};
    const auto add = [&](int64_t stride, int64_t count) { (stride < 0 ? all.begin : all.end) += stride * (count - 1); };
    add(v.n, n), add(v.c, c), add(v.d, d), add(v.h, h), add(v.w, w);
    return all;
}

}  // namespace convx
