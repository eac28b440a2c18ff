#include "reduction.h"

#include <cmath>

#include "../runtime/context.h"
#include "rows.h"

namespace convx::elementwise {
namespace {

constexpr double WORK = 14;  // multiply-adds that take as long as an element

template <class T, class Each>
double reduced(const Kernels<T>& k, Reduction kind, const T* x, int64_t length, double* partial, const Each& each) {
    const auto sum = [&](const auto& of) {
        return row_sum<T>(length, partial, each, [&](int64_t i, int64_t n) { return of(x + i, n); });
    };
    const auto extreme = [&](const auto& of) {
        return row_extreme(length, partial, each, kind == Reduction::max,
                           [&](int64_t i, int64_t n) { return of({x + i, n}); });
    };
    const auto total = [&] { return sum([&](const T* at, int64_t n) { return k.sum({at, n}); }); };
    const auto squares = [&] { return sum([&](const T* at, int64_t n) { return k.sum_squares({at, n, 0}); }); };
    switch (kind) {
        case Reduction::sum:
            return total();
        case Reduction::mean:
            return total() / static_cast<double>(length);
        case Reduction::l1:
            return sum([&](const T* at, int64_t n) { return k.sum_sizes({at, n}); });
        case Reduction::l2:
            return std::sqrt(squares());
        case Reduction::squares:
            return squares();
        case Reduction::max:
            return extreme(k.largest);
        case Reduction::min:
            return extreme(k.smallest);
    }
    return 0;
}

}  // namespace

template <class T>
void reduce(const ReductionArrays<T>& a) {
    if (a.rows == 0) return;
    const Context context = decide(static_cast<double>(a.rows) * static_cast<double>(a.length) * WORK);
    const Kernels<T>& k = context.kernels<T>();
    for_rows(a.rows, a.length, context.threads, [&](int64_t row, double* partial, const auto& each) {
        a.y[row] = static_cast<T>(reduced(k, a.kind, a.x + row * a.length, a.length, partial, each));
    });
}

#define CONVX_INSTANTIATE(T) template void reduce(const ReductionArrays<T>&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::elementwise
