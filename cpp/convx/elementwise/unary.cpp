#include "unary.h"

#include <algorithm>

#include "../runtime/context.h"
#include "../runtime/parallel.h"

namespace convx::elementwise {
namespace {

// Multiply-adds that take as long as a function.
double work(Unary f) { return f <= Unary::hard_swish ? 4 : 32; }

}  // namespace

template <class T>
void unary(const UnaryRow<T>& array) {
    const Context context = decide(static_cast<double>(array.count) * work(array.function));
    const Kernels<T>& k = context.kernels<T>();
    parallel_pieces(worth_a_task(array.count, 2), context.threads, [&](const Range& some, int) {
        k.unary_row({array.x + some.begin, array.y + some.begin, some.size(), array.function, array.a, array.b});
    });
}

#define CONVX_INSTANTIATE(T) template void unary(const UnaryRow<T>&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::elementwise
