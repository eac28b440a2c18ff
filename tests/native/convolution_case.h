// A random convolution, shared by the families that are about one.
#pragma once
#include "../../cpp/kernels/kernels.h"
#include "expected.h"
#include "sliding.h"

namespace convx::native {

struct ConvolutionCase {
    Sliding s;
    int64_t n, groups, c_per_group, k_per_group;
    int64_t c() const { return groups * c_per_group; }
    int64_t k() const { return groups * k_per_group; }
    int64_t weights() const { return k() * c_per_group * s.taps(); }
    int64_t weight(int64_t k, int64_t c, int64_t tap) const { return (k * c_per_group + c) * s.taps() + tap; }
    Shape weight_shape() const { return s.shape(k(), c_per_group, &Line::kernel); }
    std::string text() const {
        return "n " + std::to_string(n) + " groups " + std::to_string(groups) + " of " + std::to_string(c_per_group) +
               " to " + std::to_string(k_per_group) + s.text();
    }
};

// Of all kinds that some algorithm is made for; one in eight is large enough for several threads.
inline ConvolutionCase any_convolution(Random& random) {
    const auto rank = static_cast<int>(random.within(1, 3));
    ConvolutionCase c{{}, random.within(1, 2), random.within(1, 3), random.within(1, 9), random.within(1, 20)};
    const auto square = [&](int64_t kernel, int64_t stride, int64_t size) {
        c.s = any_sliding(random, 2, {size, 1, 1, 1, 2});
        for (Line* l : {&c.s.h, &c.s.w}) {
            l->in += kernel;
            l->kernel = kernel;
            l->stride = stride;
            l->out = (l->in + l->lo + l->hi - kernel) / stride + 1;
        }
    };
    switch (random.within(0, 7)) {
        case 0:  // a kernel of Winograd's
            random.one_in(3) ? square(5, 1, 20) : square(3, random.within(1, 2), 30);
            break;
        case 1:  // depthwise
            square(random.one_of<int64_t>({3, 5, 7}), random.within(1, 2), 40);
            c.groups = random.within(1, 20);
            c.c_per_group = 1;
            c.k_per_group = random.within(1, 2);
            break;
        case 2:  // pointwise
            square(1, 1, 12);
            c.c_per_group = random.within(1, 40);
            break;
        case 3:  // large
            square(3, random.within(1, 2), 8);
            c.s.h.in += 24;
            c.s.h.out = (c.s.h.in + c.s.h.lo + c.s.h.hi - 3) / c.s.h.stride + 1;
            c.n = 2;
            c.groups = 1;
            c.c_per_group = 24;
            c.k_per_group = random.within(33, 70);
            break;
        default:
            c.s = any_sliding(random, rank, {rank == 1 ? 90 : rank == 2 ? 18 : 8, 5, 3, 2, 3});
    }
    return c;
}

template <class T>
Epilogue<T> any_activation(Random& random) {
    constexpr T INF = std::numeric_limits<T>::infinity();
    switch (random.within(0, 3)) {
        case 0:
            return {nullptr, Activation::clamp, 0, INF};
        case 1:
            return {nullptr, Activation::leaky_relu, T(0.25), 0};
        case 2:
            return {nullptr, Activation::clamp, T(-0.5), T(0.5)};
        default:
            return {nullptr, Activation::clamp, -INF, INF};
    }
}

template <class T>
double activated(const Epilogue<T>& e, double x) {
    const double lo = static_cast<double>(e.lo), hi = static_cast<double>(e.hi);
    if (e.activation == Activation::leaky_relu) return x > 0 ? x : x * lo;
    return x < lo ? lo : x > hi ? hi : x;
}

// Rounding of a sum of so many terms, in units of the last place of its magnitude; what Winograd's transforms add.
inline double sum_units(int64_t terms) { return 4.0 + static_cast<double>(terms); }
constexpr double WINOGRAD_UNITS = 100;

}  // namespace convx::native
