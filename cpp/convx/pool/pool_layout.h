// Arrays of one or two spatial axes and channels behind them are pooled as they lie: as images of one map and one more
// axis, the last, whose windows hold one element.
#pragma once
#include "pool.h"

namespace convx::pool {

inline bool lies_last(const PoolSpec& spec) { return output_format(spec) == DataFormat::channels_last; }

inline PoolShape channels_as_axis(const PoolShape& s) {
    return {s.n, 1, s.h, s.w, {s.c, s.c, 1, 1, 1, 0, 0}, s.batched};
}
template <class T>
View<const T> channels_as_axis(const View<const T>& x) {
    return {x.data, x.n, 0, x.h, x.w, x.c};
}

// Calls body(pooling) with the channels where they lie.
template <class T, class Body>
void as_it_lies(const Pooling<T>& p, const Body& body) {
    if (!lies_last(p.spec)) return body(p);
    const PoolShape shape = channels_as_axis(p.shape);
    body(Pooling<T>{p.spec, shape, channels_as_axis(p.x), p.out, p.kind, p.norm});
}

}  // namespace convx::pool
