#include "sliding.h"

#include <algorithm>

namespace convx::native {

Ints Sliding::ints(int64_t Line::* member) const {
    Ints all{{d.*member, h.*member, w.*member}, false};
    all.values.erase(all.values.begin(), all.values.end() - rank);
    return all;
}

Padding Sliding::padding() const {
    Padding p{PadMode::numbers, {{d.lo, d.hi}, {h.lo, h.hi}, {w.lo, w.hi}}, Padding::Form::pairs};
    p.values.erase(p.values.begin(), p.values.end() - rank);
    return p;
}

Shape Sliding::shape(int64_t first, int64_t second, int64_t Line::* size) const {
    Shape s{first, second};
    for (const int64_t n : ints(size).values) s.push_back(n);
    return s;
}

std::string Sliding::text() const {
    std::string s;
    for (const Line& l : {d, h, w})
        s += " [in " + std::to_string(l.in) + " kernel " + std::to_string(l.kernel) + " stride " +
             std::to_string(l.stride) + " dilation " + std::to_string(l.dilation) + " padding " + std::to_string(l.lo) +
             "," + std::to_string(l.hi) + " out " + std::to_string(l.out) + "]";
    return s;
}

int64_t bordered(Border border, const Line& line, int64_t i) {
    const int64_t n = line.in;
    if (i >= 0 && i < n) return i;
    if (border == Border::zeros) return -1;
    if (border == Border::replicate) return i < 0 ? 0 : n - 1;
    if (border == Border::circular) return i < 0 ? i + n : i - n;
    const int64_t edge = border == Border::reflect ? 1 : 0;  // whether the edge is passed once or twice
    return i < 0 ? -i - 1 + edge : 2 * n - 1 - edge - i;
}

// The padding of the other borders comes from the input once.
Border any_border(Random& random, const Sliding& s) {
    if (!random.one_in(3)) return Border::zeros;
    for (const Line& l : {s.d, s.h, s.w})
        if (std::max(l.lo, l.hi) >= std::max<int64_t>(l.in, 2)) return Border::zeros;
    const auto border = random.one_of({Border::reflect, Border::replicate, Border::circular, Border::symmetric});
    for (const Line& l : {s.d, s.h, s.w})
        if (border == Border::reflect && std::max(l.lo, l.hi) > 0 && std::max(l.lo, l.hi) >= l.in) return Border::zeros;
    return border;
}

Line any_line(Random& random, const Limits& limits) {
    Line l;
    do {
        l.in = random.within(1, limits.size);
        l.kernel = random.within(1, limits.kernel);
        l.stride = random.within(1, limits.stride);
        l.dilation = random.within(1, limits.dilation);
        l.lo = random.within(0, limits.padding);
        l.hi = random.within(0, limits.padding);
    } while (l.in + l.lo + l.hi < l.span());
    l.out = (l.in + l.lo + l.hi - l.span()) / l.stride + 1;
    return l;
}

Sliding any_sliding(Random& random, int rank, const Limits& limits) {
    Sliding s;
    s.rank = rank;
    s.w = any_line(random, limits);
    if (rank > 1) s.h = any_line(random, limits);
    if (rank > 2) s.d = any_line(random, limits);
    return s;
}

}  // namespace convx::native
