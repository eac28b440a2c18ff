// Maximum pooling that also tells where each maximum lies.
#pragma once
#include "../../kernels/kernels.h"
#include "../view.h"
#include "pool_windows.h"

namespace convx::pool {

struct IndexCall {
    AxisWindows d, h, w;
    int64_t n, c;
    View<const char> x;  // strides in bytes
    void* values;        // contiguous, of the type of x; the lowest value of the type where a window holds no element
    int64_t* indices;    // contiguous; -1 there
    int64_t index_d, index_h, index_w;  // what one step along an axis adds to an index
    const KernelTable& kernels;
    int threads;
};

// T: float, double or an integer.
template <class T>
void run_with_indices(const IndexCall& call);

}  // namespace convx::pool
