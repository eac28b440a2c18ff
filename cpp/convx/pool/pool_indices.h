// Maximum pooling that also tells where each maximum lies.
#pragma once
#include "pool.h"
#include "pool_windows.h"

namespace convx::pool {

template <class T>
struct IndexedPooling {
    const PoolSpec& spec;
    const PoolShape& shape;
    bool adaptive;     // windows divide the axes
    View<const T> x;   // channels first, wherever they lie
    T* values;         // contiguous, in output_format(spec), as the indices
    int64_t* indices;  // of the element in its map, counted row by row; -1 where a window holds none
};

// T: float, double or an integer.
template <class T>
void run_with_indices(const IndexedPooling<T>& pooling);
template <class T>
void run_with_indices(const IndexedPooling<T>& pooling, const Context& context);

// What that is computed with.
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

template <class T>
void find_maxima(const IndexCall& call);

}  // namespace convx::pool
