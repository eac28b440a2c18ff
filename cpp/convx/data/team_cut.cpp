#include "team_cut.h"

#include <algorithm>
#include <limits>

#include "../runtime/cache.h"
#include "../shape/integer_math.h"
#include "row_layout.h"

namespace convx {
namespace {

constexpr int64_t TASKS_PER_THREAD = 4;  // that are enough
constexpr double ROW = 32;               // to find one that is laid out
constexpr double WEIGHT_BYTE = 1.0 / 32;
constexpr double TASK = 3072;    // to begin one, for all channels
constexpr double UNEVEN = 0.06;  // of a task, for which some thread waits in the mean
constexpr double LINE = 512;     // of an output channel, that two threads write where one's pixels end

class Search {
  public:
    Search(const ConvShape& s, const CutCosts& costs, int threads)
        : s_(s), costs_(costs), threads_(threads), images_(s.n * s.groups), begin_(TASK / number(s.c_per_group())) {}

    // Cuts an axis, of which `size` points to the part in a block, into more and more parts.
    void along(Blocking& b, int64_t total, int64_t& size, int64_t step, int64_t others) {
        const int64_t least = ceil_div(total, size), most = std::max(least + threads_, ceil_div(wanted(), others));
        int64_t last = 0;
        for (int64_t n = least; n <= std::min(most, total); n += std::max<int64_t>(n / 8, 1)) {
            size = std::min(round_up(ceil_div(total, n), step), total);
            if (size != last) consider(b);
            last = size;
        }
    }

    int64_t wanted() const { return ceil_div(TASKS_PER_THREAD * threads_, images_); }  // blocks of an image
    BlockTasks best() const { return {s_, best_, costs_.panels, step_}; }

  private:
    void consider(Blocking b) {
        b.count_d = ceil_div(s_.d.out, b.d);
        b.count_p = ceil_div(s_.h.out, b.p);
        b.count_q = ceil_div(s_.w.out, b.q);
        const int64_t blocks = images_ * b.count(),
                      most_parts = std::min(costs_.panels, ceil_div(2 * TASKS_PER_THREAD * threads_, blocks));
        const double granules = granules_of(b.pixels()), input = copying(b);
        const double lines =
            b.count() > 1 && images_ % threads_ ? number(s_.k_per_group()) * LINE / number(s_.c_per_group()) : 0;
        const double once = costs_.input == Input::of_thread ? input * number(ceil_div(blocks, threads_))
                            : costs_.input == Input::of_team ? input * number(blocks) / number(threads_)
                                                             : 0;
        const double each = granules * costs_.ready + (costs_.input == Input::of_task ? input : 0) + begin_;
        for (int64_t parts = 1; parts <= most_parts; parts += std::max<int64_t>(parts / 4, 1)) {
            const int64_t step = ceil_div(costs_.panels, parts), tasks = blocks * ceil_div(costs_.panels, step);
            const double task = each + number(step) * (granules * costs_.panel + costs_.weights);
            // The last block may be smaller, and whose tasks are done first takes what is left.
            const double even = number(tasks) * number(s_.pixels()) / number(b.count() * b.pixels() * threads_);
            const double most = std::min(number(ceil_div(tasks, threads_)), even + 1 - 1.0 / threads_);
            const double time = lines + once + task * (most + UNEVEN);
            if (time >= least_) continue;
            least_ = time;
            best_ = b;
            step_ = step;
        }
    }

    double granules_of(int64_t pixels) const {
        const int64_t granule = costs_.granule, rest = round_up(pixels % granule, costs_.vector);
        return number(pixels / granule) + (rest == 0 ? 0 : std::max(number(rest) / number(granule), costs_.least));
    }

    double copying(const Blocking& b) const {
        const double rows = number(SlotAxis(s_.d, b.d).count) * number(SlotAxis(s_.h, b.p).count);
        return costs_.element > 0 ? patch_elements(s_, b.d, b.p, b.q) * costs_.element + rows * ROW : 0;
    }

    const ConvShape& s_;
    const CutCosts& costs_;
    const int64_t threads_, images_;
    const double begin_;
    double least_ = std::numeric_limits<double>::infinity();
    Blocking best_{};
    int64_t step_ = 1;
};

}  // namespace

BlockTasks cut_for_team(const ConvShape& s, const Blocking& most, const CutCosts& costs, int threads) {
    if (threads == 1) return {s, most, costs.panels, costs.panels};
    Search search(s, costs, threads);
    Blocking b = most;
    if (b.q == s.w.out) {
        if (b.p == s.h.out) {
            search.along(b, s.d.out, b.d, 1, 1);
            b.d = 1;
        }
        search.along(b, s.h.out, b.p, 1, ceil_div(s.d.out, b.d));
        b.p = 1;
    }
    const int64_t rows = ceil_div(s.d.out, b.d) * s.h.out;
    if (rows < search.wanted() || b.q < s.w.out) search.along(b, s.w.out, b.q, costs.granule, rows);
    return search.best();
}

double weights_cost(int64_t all, int64_t bytes) { return all <= caches().l2 / 2 ? 0 : number(bytes) * WEIGHT_BYTE; }

}  // namespace convx
