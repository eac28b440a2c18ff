// Deformable convolution.
#include "../../cpp/convx/columns/deform.h"

#include <cmath>

#include "convolution_case.h"
#include "families.h"

namespace convx::native {
namespace {

struct DeformCase : ConvolutionCase {
    int64_t offset_groups;
    int64_t offsets() const { return offset_groups * s.taps() * s.rank; }
};

template <class T>
struct Operands {
    Array<T> x, offset, mask;
    std::vector<T> weight, bias;
};

// The input between elements: zero beyond it, and linear from one to the next.
template <class T>
double between(const DeformCase& c, const Array<T>& x, int64_t n, int64_t channel, const double (&place)[AXES]) {
    double sum = 0;
    for (int corner = 0; corner < 8; ++corner) {
        double weight = 1;
        int64_t at[AXES];
        for (int axis = 0; axis < AXES; ++axis) {
            const double below = std::floor(place[axis]), part = place[axis] - below;
            const int up = corner >> axis & 1;
            at[axis] = static_cast<int64_t>(below) + up;
            weight *= up ? part : 1 - part;
        }
        const Point p{at[0], at[1], at[2]};
        if (weight > 0 && c.s.inside(p)) sum += weight * static_cast<double>(x(n, channel, p.d, p.h, p.w));
    }
    return sum;
}

template <class T>
double sample(const DeformCase& c, const Operands<T>& o, bool masked, int64_t n, int64_t channel, int64_t tap,
              Point at) {
    const int64_t group = channel / (c.c() / c.offset_groups), first = group * c.s.taps() + tap;
    const Point p = c.s.place(at, c.s.tap(tap));
    double place[AXES] = {static_cast<double>(p.d), static_cast<double>(p.h), static_cast<double>(p.w)};
    for (int i = 0; i < c.s.rank; ++i)
        place[AXES - c.s.rank + i] += static_cast<double>(o.offset(n, first * c.s.rank + i, at.d, at.h, at.w));
    return between(c, o.x, n, channel, place) * (masked ? static_cast<double>(o.mask(n, first, at.d, at.h, at.w)) : 1);
}

template <class T>
Expected naive(const DeformCase& c, const Operands<T>& o, bool masked) {
    const int64_t outputs = c.s.outputs();
    Expected sums(c.n * c.k() * outputs);
    for (int64_t n = 0; n < c.n; ++n)
        for (int64_t channel = 0; channel < c.c(); ++channel)
            for (int64_t tap = 0; tap < c.s.taps(); ++tap)
                for (int64_t pixel = 0; pixel < outputs; ++pixel) {
                    const double read = sample(c, o, masked, n, channel, tap, c.s.output(pixel));
                    for (int64_t i = 0; i < c.k_per_group; ++i) {
                        const int64_t k = channel / c.c_per_group * c.k_per_group + i;
                        sums.add((n * c.k() + k) * outputs + pixel,
                                 read * static_cast<double>(o.weight[c.weight(k, channel % c.c_per_group, tap)]));
                    }
                }
    for (int64_t i = 0; i < c.n * c.k() * outputs && !o.bias.empty(); ++i)
        sums.add(i, static_cast<double>(o.bias[i / outputs % c.k()]));
    return sums;
}

DeformCase any_deform(Random& random) {
    const auto rank = static_cast<int>(random.within(1, 3));
    DeformCase c;
    c.s = any_sliding(random, rank, {rank == 1 ? 60 : rank == 2 ? 12 : 6, 3, 2, 2, 2});
    c.n = random.within(1, 2);
    c.groups = random.within(1, 2);
    c.c_per_group = 2 * random.within(1, 4);
    c.k_per_group = random.within(1, 16);
    c.offset_groups = random.within(1, 2);
    return c;
}

template <class T>
void check_case(Family& family) {
    Random& random = family.random;
    const DeformCase c = any_deform(random);
    family.next_case(c.text());
    const bool masked = random.one_in(2);
    Operands<T> o{random_array<T>(random, c.s.input(c.n, c.c()), any_layout(random)),
                  Array<T>(c.s.result(c.n, c.offsets()), any_layout(random)),
                  random_array<T>(random, c.s.result(c.n, c.offset_groups * c.s.taps()), any_layout(random)),
                  random_vector<T>(random, c.weights()), random_vector<T>(random, random.one_in(2) * c.k())};
    for (int64_t i = 0; i < o.offset.sizes.count(); ++i) {
        const Point at = c.s.output(i % c.s.outputs());
        const int64_t plane = i / c.s.outputs();
        o.offset(plane / c.offsets(), plane % c.offsets(), at.d, at.h, at.w) =
            static_cast<T>(random.one_in(4) ? random.within(-3, 3) : random.real(-3, 3));
    }
    const ConvSpec spec =
        conv_spec("deform", c.s.rank, c.weight_shape(), nullptr, c.s.stride(), c.s.padding(), c.s.dilation(), c.groups);
    const Shape input = c.s.shape(c.n, c.c(), &Line::in), offset = c.s.shape(c.n, c.offsets(), &Line::out),
                mask = c.s.shape(c.n, c.offset_groups * c.s.taps(), &Line::out);
    const ConvShape conv = conv_shape(spec, input.data(), static_cast<int>(input.size()));
    const DeformShape shape = deform_shape(spec, conv, offset, masked ? &mask : nullptr);

    const Expected expected = naive(c, o, masked);
    on_every_setting([&](const Setting& setting) {
        auto out = unwritten<T>(c.n * c.k() * c.s.outputs());
        deform<T>({spec, shape, o.x.view(), o.offset.view(), masked ? o.mask.view() : View<const T>{}, o.weight.data(),
                   o.bias.empty() ? nullptr : o.bias.data(), out.data()},
                  setting);
        // A place is only as exact as its type, and what is read there changes by up to 2 from one element to the next.
        family.close(out, expected, 100, setting.text(), static_cast<double>(spec.depth()));
    });
}

}  // namespace

bool check_deform(const Plan& plan) {
    Family f32("deformable float", plan.seed + 17), f64("deformable double", plan.seed + 18);
    for (int64_t i = 0; i < plan.cases; ++i) {
        check_case<float>(f32);
        check_case<double>(f64);
    }
    const bool right = f32.report();
    return f64.report() && right;
}

}  // namespace convx::native
