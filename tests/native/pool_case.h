// A random pooling, shared by the families that are about one.
#pragma once
#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "expected.h"
#include "sliding.h"

namespace convx::native {

struct PoolCase {
    Sliding s;
    int64_t n, c;
    bool ceil_mode;
    std::string text() const {
        return "n " + std::to_string(n) + " c " + std::to_string(c) + (ceil_mode ? " ceil" : "") + s.text();
    }
    PoolSpec spec(bool include_pad = true, std::optional<int64_t> divisor = std::nullopt) const {
        return pool_spec("pool", s.rank, s.kernel(), s.stride(), s.padding(), s.dilation(), ceil_mode, include_pad,
                         divisor);
    }
    PoolShape shape(const PoolSpec& spec) const {
        const Shape input = s.shape(n, c, &Line::in);
        return pool_shape(spec, input.data(), static_cast<int>(input.size()));
    }
};

// A window that would start behind the input and its low padding is no window; with ceil_mode one may end there.
inline int64_t window_count(const Line& l, bool ceil_mode) {
    const int64_t padded = l.in + l.lo + l.hi;
    int64_t count = 0;
    while (count * l.stride + l.span() <= padded) ++count;
    const bool rest = (count - 1) * l.stride + l.span() < padded;
    return count + (ceil_mode && rest && count * l.stride < l.in + l.lo);
}

inline Line any_pool_line(Random& random, int64_t size, int64_t kernel, bool ceil_mode) {
    Line l;
    do {
        l = any_line(random, {size, kernel, 3, random.one_in(3) ? 2 : 1, 0});
        l.lo = random.within(0, l.kernel / 2);
        l.hi = random.within(0, l.kernel / 2);
        l.out = window_count(l, ceil_mode);
    } while (l.out < 1);
    return l;
}

inline PoolCase any_pool(Random& random) {
    PoolCase p{{}, random.within(1, 3), random.within(1, 9), random.one_in(3)};
    p.s.rank = static_cast<int>(random.within(1, 3));
    const int64_t size = p.s.rank == 1 ? 200 : p.s.rank == 2 ? 40 : 10, kernel = random.one_in(6) ? 14 : 5;
    p.s.w = any_pool_line(random, size, kernel, p.ceil_mode);
    if (p.s.rank > 1) p.s.h = any_pool_line(random, size, kernel, p.ceil_mode);
    if (p.s.rank > 2) p.s.d = any_pool_line(random, size, kernel, p.ceil_mode);
    if (p.s.rank == 1) return p;
    const auto square = [&](int64_t size, int64_t stride, int64_t padding) {
        for (Line* l : {&p.s.h, &p.s.w}) {
            l->in = std::max(l->in, size);
            l->kernel = size;
            l->stride = stride;
            l->dilation = 1;
            l->lo = l->hi = padding;
            l->out = window_count(*l, p.ceil_mode);
        }
    };
    switch (random.within(0, 5)) {  // what networks have
        case 0:
            square(2, 2, 0);
            break;
        case 1:
            square(3, random.within(1, 2), random.within(0, 1));
            break;
        case 2:  // whole maps
            for (Line* l : {&p.s.d, &p.s.h, &p.s.w}) *l = {l->in, 1, l->in, 1, 1, 0, 0};
            break;
        default:
            break;
    }
    return p;
}

// Calls f(element of the input, its position within the map) for the elements under the window of an output.
template <class T, class F>
void under_window(const Sliding& s, const Array<T>& x, int64_t n, int64_t c, int64_t output, const F& f) {
    for (int64_t tap = 0; tap < s.taps(); ++tap) {
        const Point p = s.place(s.output(output), s.tap(tap));
        if (s.inside(p)) f(x(n, c, p.d, p.h, p.w), s.index(p));
    }
}

template <class T>
constexpr T lowest() {
    if constexpr (std::numeric_limits<T>::has_infinity)
        return -std::numeric_limits<T>::infinity();
    else
        return std::numeric_limits<T>::min();
}

// The largest element under each window, and where the first of them lies in its map; the lowest value and -1 where
// there is none. windows(output, f) calls f(element, position) for those under it.
template <class T>
struct Largest {
    std::vector<T> value;
    std::vector<int64_t> index;
    template <class Windows>
    void add(const Windows& windows) {
        T best = lowest<T>();
        int64_t where = -1;
        windows([&](T element, int64_t position) {
            if (where < 0 || element > best) best = element, where = position;
        });
        value.push_back(best);
        index.push_back(where);
    }
};

template <class T>
Largest<T> largest(const PoolCase& p, const Array<T>& x) {
    Largest<T> result;
    for (int64_t n = 0; n < p.n; ++n)
        for (int64_t c = 0; c < p.c; ++c)
            for (int64_t o = 0; o < p.s.outputs(); ++o)
                result.add([&](const auto& f) { under_window(p.s, x, n, c, o, f); });
    return result;
}

// How many taps of a window count in an average's divisor; those in the padding do, those behind it never.
inline int64_t counted(const PoolCase& p, int64_t output, bool include_pad) {
    const auto along = [&](const Line& l, int64_t o) {
        int64_t count = 0;
        for (int64_t tap = 0; tap < l.kernel; ++tap) {
            const int64_t at = l.at(o, tap);
            count += include_pad ? at < l.in + l.hi : at >= 0 && at < l.in;
        }
        return count;
    };
    const Point o = p.s.output(output);
    return along(p.s.d, o.d) * along(p.s.h, o.h) * along(p.s.w, o.w);
}

// Calls f with a zero of one of the types that have a maximum.
template <class F>
void with_any_type(Random& random, const F& f) {
    switch (random.within(0, 11)) {
        case 0:
            return f(int8_t{});
        case 1:
            return f(uint8_t{});
        case 2:
            return f(int16_t{});
        case 3:
            return f(uint16_t{});
        case 4:
            return f(int32_t{});
        case 5:
            return f(uint32_t{});
        case 6:
            return f(int64_t{});
        case 7:
            return f(uint64_t{});
        case 8:
        case 9:
            return f(double{});
        default:
            return f(float{});
    }
}

template <class F>
void with_any_float(Random& random, const F& f) {
    random.one_in(2) ? f(float{}) : f(double{});
}

// Ties among the elements half of the time.
template <class T>
Array<T> pool_input(Random& random, Sizes sizes) {
    Array<T> x(sizes, any_layout(random));
    random.one_in(2) ? x.fill(random) : x.fill_small(random);
    return x;
}

}  // namespace convx::native
