#include "argmax.h"

#include <algorithm>

#include "../runtime/context.h"
#include "../runtime/parallel.h"

namespace convx::elementwise {
namespace {

constexpr double WORK = 8;         // multiply-adds that take as long as an element
constexpr int64_t COLUMNS = 1024;  // of a task, at most

}  // namespace

template <class T>
void argmax(const ArgmaxArrays<T>& a) {
    const double count = static_cast<double>(a.outer) * static_cast<double>(a.length) * static_cast<double>(a.inner);
    if (count == 0) return;
    const Context context = decide(count * WORK);
    const Kernels<T>& k = context.kernels<T>();
    const Pieces columns{a.inner, std::min(a.inner, COLUMNS)};
    parallel_pieces(
        worth_a_task(a.outer * columns.count(), a.length * columns.size), context.threads, [&](const Range& some, int) {
            for (int64_t i = some.begin; i < some.end; ++i) {
                const Range part = columns.at(i % columns.count());
                const int64_t image = i / columns.count();
                k.argmax({a.x + image * a.length * a.inner + part.begin, a.index + image * a.inner + part.begin,
                          a.length, a.inner, part.size(), a.least, a.last});
            }
        });
}

#define CONVX_INSTANTIATE(T) template void argmax(const ArgmaxArrays<T>&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::elementwise
