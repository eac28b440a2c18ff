// Arrays of one or two spatial axes and channels behind them are pooled as they lie: as one long row where windows move
// by one pixel, else as rows of pixels, else as images of one map and one more axis, the last, whose windows hold one
// element.
#pragma once
#include <type_traits>

#include "../shape/taps.h"
#include "pool.h"
#include "pool_paths.h"

namespace convx::pool {

// Long rows are for short windows, and for pixels that are but a small part of what is pooled at a time; where windows
// lie apart, rows of larger pixels pay too, unless all sums are divided.
constexpr int64_t MOST_TAPS = 6, MOST_CHANNELS = 128, MOST_APART = 512;
constexpr double MOST_EXTENT = 1 << 30;

// One channel lies the same in either format.
template <class Call>
bool lies_last(const Call& p) {
    return output_format(p.spec) == DataFormat::channels_last && p.shape.c > 1;
}

inline PoolShape channels_as_axis(const PoolShape& s) {
    return {s.n, 1, s.h, s.w, {s.c, s.c, 1, 1, 1, 0, 0}, s.batched};
}
template <class T>
View<const T> channels_as_axis(const View<const T>& x) {
    return {x.data, x.n, 0, x.h, x.w, x.c};
}

// Pixels follow each other without a gap.
template <class T>
bool is_row(const Pooling<T>& p) {
    const PoolShape& s = p.shape;
    const double pixel = static_cast<double>(s.c);
    const bool apart = s.w.stride > 1 && p.kind != Kind::average;
    return p.x.c == 1 && p.x.w == s.c && s.c <= (apart ? MOST_APART : MOST_CHANNELS) &&
           static_cast<double>(s.w.extent()) * pixel < MOST_EXTENT && static_cast<double>(s.w.lo) * pixel < MOST_EXTENT;
}

// Where windows move by one pixel along W, those of all channels are those of one long row, whose taps lie a pixel
// apart.
template <class T>
bool is_long_row(const Pooling<T>& p) {
    return is_row(p) && p.shape.w.stride == 1 && p.shape.w.kernel <= MOST_TAPS;
}
inline PoolShape as_long_row(const PoolShape& s) {
    const Axis& w = s.w;
    return {s.n,      1, s.d, s.h, {w.in * s.c, w.out * s.c, w.kernel, 1, w.dilation * s.c, w.lo * s.c, w.hi * s.c},
            s.batched};
}

// Others are reduced pixel by pixel, once the rows under them are one.
template <class T>
bool is_row_of_pixels(const Pooling<T>& p) {
    const PoolShape& s = p.shape;
    const double rows = static_cast<double>(s.d.kernel) * static_cast<double>(s.h.kernel);
    return std::is_floating_point_v<T> && p.kind != Kind::norm && is_row(p) && s.w.out > 1 && trimmed(s.w).kernel > 0 &&
           rows * static_cast<double>(s.w.in * s.c) <= static_cast<double>(MOST_UNDER_WINDOWS);
}

// Calls body(pooling) with the channels where they lie, as an axis of their own.
template <class T, class Body>
void with_channels_as_axis(const Pooling<T>& p, const Body& body) {
    if (!lies_last(p)) return body(p);
    const PoolShape shape = channels_as_axis(p.shape);
    body(Pooling<T>{p.spec, shape, channels_as_axis(p.x), p.out, p.kind, p.norm});
}

// The same for windows of one size, which may be those of rows.
template <class T, class Body>
void as_it_lies(const Pooling<T>& p, const Body& body) {
    if (!lies_last(p) || !is_row(p)) return with_channels_as_axis(p, body);
    const PoolShape& s = p.shape;
    const View<const T> x{p.x.data, p.x.n, 0, p.x.d, p.x.h, 1};
    if (is_long_row(p)) {
        const PoolShape row = as_long_row(s);
        return body(Pooling<T>{p.spec, row, x, p.out, p.kind, p.norm});
    }
    if (!is_row_of_pixels(p)) return with_channels_as_axis(p, body);
    const PoolShape one{s.n, 1, s.d, s.h, s.w, s.batched};
    body(Pooling<T>{p.spec, one, x, p.out, p.kind, p.norm, s.c});
}

}  // namespace convx::pool
