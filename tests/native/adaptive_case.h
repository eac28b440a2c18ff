// A random adaptive pooling: windows that divide the input among the outputs.
#pragma once
#include "pool_case.h"

namespace convx::native {

inline PoolCase any_adaptive(Random& random) {
    PoolCase p{{}, random.within(1, 3), random.within(1, 9), false};
    p.s.rank = static_cast<int>(random.within(1, 3));
    const int64_t size = p.s.rank == 1 ? 200 : p.s.rank == 2 ? 40 : 10;
    const auto axis = [&](Line& l) {
        l.in = random.within(1, size);
        l.out = random.within(1, random.one_in(4) ? size : 9);
    };
    axis(p.s.w);
    if (p.s.rank > 1) axis(p.s.h);
    if (p.s.rank > 2) axis(p.s.d);
    return p;
}

inline std::vector<std::optional<int64_t>> output_sizes(const PoolCase& p) {
    const Shape result = p.s.shape(p.n, p.c, &Line::out);
    return {result.begin() + 2, result.end()};
}

template <class T, class F>
void under_adaptive(const Sliding& s, const Array<T>& x, int64_t n, int64_t c, int64_t output, const F& f) {
    const auto first = [](const Line& l, int64_t o) { return o * l.in / l.out; };
    const auto end = [](const Line& l, int64_t o) { return ((o + 1) * l.in + l.out - 1) / l.out; };
    const Point o = s.output(output);
    for (int64_t d = first(s.d, o.d); d < end(s.d, o.d); ++d)
        for (int64_t h = first(s.h, o.h); h < end(s.h, o.h); ++h)
            for (int64_t w = first(s.w, o.w); w < end(s.w, o.w); ++w) f(x(n, c, d, h, w), s.index({d, h, w}));
}

template <class T>
Largest<T> adaptive_largest(const PoolCase& p, const Array<T>& x) {
    Largest<T> result;
    for (int64_t n = 0; n < p.n; ++n)
        for (int64_t c = 0; c < p.c; ++c)
            for (int64_t o = 0; o < p.s.outputs(); ++o)
                result.add([&](const auto& f) { under_adaptive(p.s, x, n, c, o, f); });
    return result;
}

}  // namespace convx::native
