#include "deform_places.h"

#include <cmath>

namespace convx {
namespace {

// The two elements around a place on one axis.
struct Between {
    double low = 0, high = 0;
    int64_t below = 0, above = 0;
    Between(double x, int64_t size) {
        if (x > -1 && x < static_cast<double>(size)) {
            const int64_t i = static_cast<int64_t>(x) - (x < 0);
            const double part = x - static_cast<double>(i);
            if (i >= 0) low = 1 - part, below = i;
            if (i + 1 < size) high = part, above = i + 1;
        } else if (std::isnan(x)) {
            low = high = x;
        }
    }
};

template <class T, int RANK>
void locate_places(const Deformation<T>& call, const Places& p, int64_t points, T* weights, int64_t* offsets) {
    constexpr int CORNERS = 1 << RANK, FIRST = AXES - RANK;
    const ConvShape& s = call.shape.conv;
    const Axis* const axes[AXES] = {&s.d, &s.h, &s.w};
    const int64_t steps[AXES] = {call.x.d, call.x.h, call.x.w}, channel = p.group * s.taps() + p.tap;
    const int64_t taps[AXES] = {p.tap / (s.h.kernel * s.w.kernel), p.tap / s.w.kernel % s.h.kernel, p.tap % s.w.kernel};
    int64_t at[AXES] = {p.first / (s.h.out * s.w.out), p.first / s.w.out % s.h.out, p.first % s.w.out};
    const T* const moves = call.offset.data + p.image * call.offset.n + channel * RANK * call.offset.c;
    const T* const masks = call.mask.data ? call.mask.data + p.image * call.mask.n + channel * call.mask.c : nullptr;
    for (int64_t i = 0; i < p.count; ++i) {
        const T* const move = moves + at[0] * call.offset.d + at[1] * call.offset.h + at[2] * call.offset.w;
        double weight[CORNERS] = {1};
        int64_t offset[CORNERS] = {0};
#pragma GCC unroll 3
        for (int r = 0; r < RANK; ++r) {
            const Axis& a = *axes[FIRST + r];
            const int64_t start = at[FIRST + r] * a.stride - a.lo + taps[FIRST + r] * a.dilation;
            const Between x(static_cast<double>(start) + static_cast<double>(move[r * call.offset.c]), a.in);
#pragma GCC unroll 4
            for (int corner = (1 << r) - 1; corner >= 0; --corner) {  // each place so far becomes two
                weight[2 * corner + 1] = weight[corner] * x.high;
                offset[2 * corner + 1] = offset[corner] + x.above * steps[FIRST + r];
                weight[2 * corner] = weight[corner] * x.low;
                offset[2 * corner] = offset[corner] + x.below * steps[FIRST + r];
            }
        }
        const double mask =
            masks ? static_cast<double>(masks[at[0] * call.mask.d + at[1] * call.mask.h + at[2] * call.mask.w]) : 1;
#pragma GCC unroll 8
        for (int corner = 0; corner < CORNERS; ++corner) {
            weights[corner * points + i] = weight[corner] == 0 ? T(0) : static_cast<T>(weight[corner] * mask);
            offsets[corner * points + i] = offset[corner];
        }
        if (++at[2] == s.w.out) at[2] = 0, ++at[1];
        if (at[1] == s.h.out) at[1] = 0, ++at[0];
    }
}

}  // namespace

template <class T>
void locate(const Deformation<T>& call, const Places& places, int64_t points, T* weights, int64_t* offsets) {
    const auto run = call.shape.rank == 1   ? locate_places<T, 1>
                     : call.shape.rank == 2 ? locate_places<T, 2>
                                            : locate_places<T, 3>;
    run(call, places, points, weights, offsets);
}

#define CONVX_INSTANTIATE(T) template void locate(const Deformation<T>&, const Places&, int64_t, T*, int64_t*);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx
