#include "blocking.h"

#include <algorithm>

#include "../shape/integer_math.h"
#include "../shape/range.h"
#include "row_layout.h"

namespace convx {
namespace {

constexpr int64_t TASKS_PER_THREAD = 4;
constexpr double MOST_COPIES = 1.5;  // of the input, in the mean
constexpr double MOST_IDLE = 0.06;   // share of the work for which some thread has nothing left to do

// Vectors that `total` rows of `cols` pixels take when cut every `step` rows.
int64_t vectors(int64_t total, int64_t step, int64_t cols, int64_t lanes) {
    const int64_t whole = total / step, rest = total % step;
    return whole * ceil_div(step * cols, lanes) + ceil_div(rest * cols, lanes);
}

// The row count up to `most` that wastes the fewest lanes; balanced first, so that the last block is not a sliver.
int64_t best_rows(int64_t total, int64_t most, int64_t cols, int64_t lanes) {
    most = even_part(total, most);
    int64_t best = most;
    for (int64_t step = most; step > most / 2 && step > 0; --step)
        if (vectors(total, step, cols, lanes) < vectors(total, best, cols, lanes)) best = step;
    return best;
}

Blocking cut(const ConvShape& s, const BlockLimits& l) {
    const auto bytes = [&](int64_t d, int64_t p, int64_t q, int64_t c) {
        return patch_elements(s, d, p, q) * static_cast<double>(c * l.element);
    };
    Blocking b{1, 1, s.w.out, l.channels, 0, 0, 0};
    const double budget = static_cast<double>(l.bytes);
    const int64_t short_row = 4 * l.lanes;
    while (b.q > short_row && (bytes(1, 1, b.q, b.channels) > budget || b.q > 2 * l.pixels))
        b.q = std::max(short_row, round_up(ceil_div(b.q, 2), l.lanes));
    while (b.channels > 1 && bytes(1, 1, b.q, b.channels) > budget) b.channels = ceil_div(b.channels, 2);

    // Doubling first and refining after keeps the search short for any size.
    const int64_t wanted = std::min(l.pixels, std::max(short_row, s.pixels() / std::max<int64_t>(l.least_blocks, 1)));
    const auto grow = [&](int64_t limit, auto fits) {
        int64_t n = 1;
        for (int64_t step = 1; step > 0;) {
            if (n + step <= limit && fits(n + step)) {
                n += step;
                step *= 2;
            } else {
                step /= 2;
            }
        }
        return n;
    };
    if (b.q == s.w.out) {
        b.p = grow(s.h.out, [&](int64_t p) { return p * b.q <= wanted && bytes(1, p, b.q, b.channels) <= budget; });
        if (b.p == s.h.out)
            b.d = grow(s.d.out,
                       [&](int64_t d) { return d * b.p * b.q <= wanted && bytes(d, b.p, b.q, b.channels) <= budget; });
        else
            b.p = best_rows(s.h.out, b.p, b.q, l.lanes);
        b.d = best_rows(s.d.out, b.d, b.p * b.q, l.lanes);
    }
    b.count_d = ceil_div(s.d.out, b.d);
    b.count_p = ceil_div(s.h.out, b.p);
    b.count_q = ceil_div(s.w.out, b.q);
    return b;
}

// How often blocks copy an element of the input, or read it from beyond L2 where they need no copy.
double copies(const ConvShape& s, const Blocking& b) {
    if (s.w.stride == 1 && s.w.lo + s.w.hi == 0 && b.channels >= s.c_per_group()) return 1;
    return static_cast<double>(b.count()) * patch_elements(s, b.d, b.p, b.q) /
           patch_elements(s, s.d.out, s.h.out, s.w.out);
}

}  // namespace

Blocking choose_blocking(const ConvShape& s, const BlockLimits& limits) {
    BlockLimits l = limits;
    Blocking b = cut(s, l);
    while (b.channels / 2 >= l.least_channels && copies(s, b) > MOST_COPIES) {
        l.channels = ceil_div(b.channels, 2);
        b = cut(s, l);
    }
    return b;
}

Block Blocking::at(const ConvShape& s, int64_t index) const {
    const int64_t iq = index % count_q, ip = index / count_q % count_p, id = index / count_q / count_p;
    return {id * d, std::min(id * d + d, s.d.out), ip * p, std::min(ip * p + p, s.h.out),
            iq * q, std::min(iq * q + q, s.w.out)};
}

int64_t least_blocks(const ConvShape& s, int threads, int64_t per_thread) {
    return threads > 1 ? ceil_div(per_thread * threads, s.n * s.groups) : 1;
}

BlockTasks partition_tasks(const ConvShape& s, const Blocking& blocking, int64_t panels, int threads) {
    const int64_t wanted = threads > 1 ? TASKS_PER_THREAD * threads : 1;
    const int64_t blocks = s.n * s.groups * blocking.count();
    int64_t parts = std::clamp<int64_t>(wanted / blocks, 1, panels);
    // Seven equal tasks keep two threads as busy as eight do: rather twice as many.
    const auto idle = [&](int64_t cut) {
        const int64_t tasks = blocks * ceil_div(panels, ceil_div(panels, cut));
        return static_cast<double>(round_up(tasks, threads) - tasks) / static_cast<double>(tasks);
    };
    if (blocks * parts < 4 * wanted && idle(parts) > MOST_IDLE) {
        if (2 * parts <= panels && idle(2 * parts) <= idle(parts))
            parts *= 2;
        else if (parts > threads && parts == panels && idle(parts / threads * threads) < idle(parts))
            parts = parts / threads * threads;
    }
    return {s, blocking, panels, ceil_div(panels, parts)};
}

BlockTask BlockTasks::at(int64_t index) const {
    const EvenSplit channels(panels, step);
    const int64_t part = index % channels.count, k0 = channels.start(part), k1 = k0 + channels.size(part);
    const int64_t id = index / channels.count, image = id / blocking.count();
    return {image / shape.groups, image % shape.groups, k0, k1, blocking.at(shape, id % blocking.count()), id};
}

}  // namespace convx
