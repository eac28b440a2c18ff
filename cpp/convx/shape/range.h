// Ranges of indices, and how they are cut.
#pragma once
#include <algorithm>
#include <cstdint>

#include "integer_math.h"

namespace convx {

struct Range {
    int64_t begin, end;
    int64_t size() const { return end - begin; }
    bool empty() const { return begin >= end; }
};

// Positions start, start + step, ... of an axis, some of them perhaps beyond its ends.
struct Positions {
    int64_t start, step, count;
    int64_t at(int64_t i) const { return start + i * step; }
    // Which of them lie in [0, size).
    Range inside(int64_t size) const {
        const auto below = [&](int64_t limit) { return limit <= 0 ? 0 : step == 1 ? limit : ceil_div(limit, step); };
        const int64_t begin = std::min(below(-start), count);
        return {begin, std::clamp(below(size - start), begin, count)};
    }
};

// [0, total) in pieces of `size`, the last one perhaps smaller.
struct Pieces {
    int64_t total = 0, size = 1;
    int64_t count() const { return ceil_div(total, size); }
    Range at(int64_t i) const { return {i * size, std::min(i * size + size, total)}; }
};

// [0, total) in as few parts of at most `most` as do; their sizes differ by one at most.
struct EvenSplit {
    int64_t total, count;
    EvenSplit(int64_t total_, int64_t most) : total(total_), count(ceil_div(total_, most)) {}
    int64_t start(int64_t i) const { return i * (total / count) + (i < total % count ? i : total % count); }
    int64_t size(int64_t i) const { return total / count + (i < total % count); }
    int64_t end_of_size(int64_t i) const { return i < total % count ? total % count : count; }  // of that of part i

    // body(start of the first, how many, size of each) for the parts of each size, of which there are two at most.
    template <class Body>
    void for_each_size(const Body& body) const {
        for (int64_t i = 0, end; i < count; i = end) {
            end = end_of_size(i);
            body(start(i), end - i, size(i));
        }
    }
};

}  // namespace convx
