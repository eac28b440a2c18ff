// A strided (N, C, D, H, W) array that somebody else owns; strides count elements and may be zero or negative.
#pragma once
#include <cstdint>

namespace convx {

template <class T>
struct View {
    T* data;
    int64_t n, c, d, h, w;  // strides
};

}  // namespace convx
