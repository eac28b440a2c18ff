// Arrays of one or two spatial axes and channels behind them are pooled as they lie: as images of one map and one more
// axis, the last, whose windows hold one element.
#pragma once
#include "pool.h"

namespace convx::pool {

// Long rows are for short windows, and for pixels that are but a small part of what is pooled at a time.
constexpr int64_t MOST_TAPS = 6, MOST_CHANNELS = 128;
constexpr double MOST_EXTENT = 1 << 30;

inline bool lies_last(const PoolSpec& spec) { return output_format(spec) == DataFormat::channels_last; }

inline PoolShape channels_as_axis(const PoolShape& s) {
    return {s.n, 1, s.h, s.w, {s.c, s.c, 1, 1, 1, 0, 0}, s.batched};
}
template <class T>
View<const T> channels_as_axis(const View<const T>& x) {
    return {x.data, x.n, 0, x.h, x.w, x.c};
}

// Where windows move by one pixel along W, those of all channels are those of one long row, whose taps lie a pixel
// apart.
template <class T>
bool is_long_row(const Pooling<T>& p) {
    const PoolShape& s = p.shape;
    const double pixel = static_cast<double>(s.c);
    return s.w.stride == 1 && s.w.kernel <= MOST_TAPS && p.x.c == 1 && p.x.w == s.c && s.c <= MOST_CHANNELS &&
           static_cast<double>(s.w.extent()) * pixel < MOST_EXTENT && static_cast<double>(s.w.lo) * pixel < MOST_EXTENT;
}
inline PoolShape as_long_row(const PoolShape& s) {
    const Axis& w = s.w;
    return {s.n,      1, s.d, s.h, {w.in * s.c, w.out * s.c, w.kernel, 1, w.dilation * s.c, w.lo * s.c, w.hi * s.c},
            s.batched};
}
template <class T>
View<const T> as_long_row(const View<const T>& x) {
    return {x.data, x.n, 0, x.d, x.h, 1};
}

// Calls body(pooling) with the channels where they lie, as an axis of their own.
template <class T, class Body>
void with_channels_as_axis(const Pooling<T>& p, const Body& body) {
    if (!lies_last(p.spec)) return body(p);
    const PoolShape shape = channels_as_axis(p.shape);
    body(Pooling<T>{p.spec, shape, channels_as_axis(p.x), p.out, p.kind, p.norm});
}

// The same for windows of one size, which may be those of a long row.
template <class T, class Body>
void as_it_lies(const Pooling<T>& p, const Body& body) {
    if (!lies_last(p.spec) || !is_long_row(p)) return with_channels_as_axis(p, body);
    const PoolShape row = as_long_row(p.shape);
    body(Pooling<T>{p.spec, row, as_long_row(p.x), p.out, p.kind, p.norm});
}

}  // namespace convx::pool
