// Strips of rows of windows: the rows under each window are reduced into scratch that stays in L1, padding beside them,
// and from there the columns straight into the output. Small images share a strip.
#include "../runtime/parallel.h"
#include "pool_strip_worker.h"

namespace convx::pool::strips {
namespace {

template <class T>
void run(const PoolCall<T>& call) {
    const PoolShape& s = call.shape;
    StripPlan<T> plan(call);
    plan.workspace.allocate();
    plan.fill();
    const int64_t parts = plan.h.rows.count() * plan.w.outputs.count(), image = plan.h.rows.total * s.w.out * call.pixel;
    parallel_pieces(worth_a_task(s.n * s.c * parts, s.d.in * s.h.in * s.w.in / parts), call.threads,
                    [&](const Range& some, int thread) {
                        Worker<T>(plan, thread).run(some.begin, some.end, call.out + some.begin / parts * image);
                    });
}

}  // namespace

template <class T>
Algorithm<T> row() {
    Algorithm<T> a;
    a.name = "strips";
    a.summary = "rows, then columns, of a strip that stays in cache";
    a.supports = takes<T>;
    a.cost = 2;
    a.run = run<T>;
    return a;
}

#define CONVX_INSTANTIATE(T) template Algorithm<T> row();
CONVX_NUMBERS(CONVX_INSTANTIATE)

}  // namespace convx::pool::strips
