#include "softmax.h"

#include <algorithm>

#include "../runtime/context.h"
#include "../runtime/parallel.h"

namespace convx::elementwise {
namespace {

constexpr double WORK = 40;      // multiply-adds that take as long as an element
constexpr int64_t COLUMNS = 64;  // of a task: whole lines of memory

}  // namespace

template <class T>
void softmax(const SoftmaxArrays<T>& s) {
    const double count = static_cast<double>(s.outer) * static_cast<double>(s.length) * static_cast<double>(s.inner);
    if (count == 0) return;
    const Context context = decide(count * WORK);
    const Kernels<T>& k = context.kernels<T>();
    const Pieces columns{s.inner, std::min(s.inner, COLUMNS)};
    parallel_pieces(worth_a_task(s.outer * columns.count(), s.length * columns.size), context.threads,
                    [&](const Range& some, int) {
                        for (int64_t i = some.begin; i < some.end; ++i) {
                            const Range part = columns.at(i % columns.count());
                            const int64_t at = i / columns.count() * s.length * s.inner + part.begin;
                            k.softmax({s.x + at, s.y + at, s.length, s.inner, part.size(), s.logarithm});
                        }
                    });
}

#define CONVX_INSTANTIATE(T) template void softmax(const SoftmaxArrays<T>&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::elementwise
