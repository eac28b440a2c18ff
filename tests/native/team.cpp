// How a team is given its tasks: each once, and of any cut each output once.
#include <cstdio>
#include <vector>

#include "../../cpp/convx/data/team_cut.h"
#include "../../cpp/convx/runtime/shares.h"
#include "families.h"
#include "random.h"

namespace convx::native {
namespace {

bool each_once(int64_t tasks, int threads, Random& random) {
    Shares shares(tasks, threads);
    std::vector<int> taken(static_cast<size_t>(tasks));
    for (int64_t left = tasks; left > 0; --left) {
        if (shares.left() != left) return false;
        const int64_t task = shares.take(static_cast<int>(random.within(0, threads - 1)));
        if (task < 0 || task >= tasks || taken[static_cast<size_t>(task)]++) return false;
    }
    return shares.left() == 0 && shares.take(0) < 0;
}

// Each output of each panel of channels once, in blocks that are no larger than they may be and in parts that follow
// one another.
bool covers(Random& random) {
    const auto axis = [&](int64_t most) {
        const int64_t out = random.within(1, most), kernel = random.within(1, 3);
        return Axis{out + kernel - 1, out, kernel};
    };
    ConvShape s{random.within(1, 3), random.within(1, 40), 0, 1, axis(5), axis(20), axis(40), true};
    const int64_t panels = random.within(1, 12);
    s.k = panels * 4;
    const Blocking most = choose_blocking(s, {s.c, random.within(1, 1 << 16), random.within(1, 400), 4, 1, 8});
    const CutCosts costs{random.within(8, 16),
                         8,
                         panels,
                         100,
                         random.real(0, 1),
                         random.real(0, 50),
                         random.real(0, 200),
                         random.real(0, 1),
                         random.one_of({Input::of_task, Input::of_thread, Input::of_team})};
    const BlockTasks tasks = cut_for_team(s, most, costs, static_cast<int>(random.within(1, 9)));
    const Blocking& b = tasks.blocking;
    if (b.d > most.d || b.p > most.p || b.q > most.q || b.channels != most.channels) return false;
    std::vector<int> computed(static_cast<size_t>(s.n * panels * s.pixels()));
    for (int64_t i = 0; i < tasks.count(); ++i) {
        const BlockTask t = tasks.at(i);
        for (int64_t k = t.k0; k < t.k1; ++k)
            for (int64_t d = t.block.d0; d < t.block.d1; ++d)
                for (int64_t p = t.block.p0; p < t.block.p1; ++p)
                    for (int64_t q = t.block.q0; q < t.block.q1; ++q)
                        ++computed[static_cast<size_t>(
                            (((t.image * panels + k) * s.d.out + d) * s.h.out + p) * s.w.out + q)];
    }
    for (const int times : computed)
        if (times != 1) return false;
    return true;
}

}  // namespace

bool check_team(const Plan& plan) {
    Random random(plan.seed);
    bool right = true;
    for (int64_t i = 0; i < 4 * plan.cases; ++i) {
        right &= each_once(random.within(0, 70), static_cast<int>(random.within(1, 40)), random);
        right &= covers(random);
    }
    std::printf("team: %s\n", right ? "right" : "WRONG");
    return right;
}

}  // namespace convx::native
