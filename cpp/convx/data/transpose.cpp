#include "transpose.h"

#include <algorithm>

#include "../runtime/parallel.h"
#include "../shape/integer_math.h"

namespace convx {
namespace {

constexpr int64_t TASK_BYTES = 64 << 10;  // read and written by a task: both stay in L2

}  // namespace

template <class T>
void transpose_images(const T* src, T* dst, int64_t images, int64_t rows, int64_t cols, const Kernels<T>& kernels,
                      int threads) {
    const int64_t lanes = kernels.lanes;
    const int64_t wanted = std::max<int64_t>(TASK_BYTES / (rows * static_cast<int64_t>(sizeof(T))), 1);
    const int64_t step = std::min(round_up(wanted, lanes), cols), parts = ceil_div(cols, step);
    parallel_tasks(images * parts, threads, [&](int64_t task, int) {
        const int64_t n = task / parts, first = task % parts * step;
        kernels.transpose_rows({src + n * rows * cols + first, dst + (n * cols + first) * rows, rows,
                                std::min(step, cols - first), cols, rows});
    });
}

#define CONVX_INSTANTIATE(T) \
    template void transpose_images(const T*, T*, int64_t, int64_t, int64_t, const Kernels<T>&, int);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx
