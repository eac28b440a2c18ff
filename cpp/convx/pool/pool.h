// Pooling per channel, separable: rows of a window first, then columns.
#pragma once
#include <optional>

#include "../../kernels/kernels.h"
#include "../shape.h"
#include "../view.h"

namespace convx::pool {

enum class Kind { max, average, norm };

template <class T>
struct PoolCall {
    const PoolSpec& spec;
    const PoolShape& shape;
    View<const T> x;
    T* out;  // contiguous
    Kind kind;
    const Kernels<T>& kernels;
    int threads;
    double norm = 0;  // p of (sum |x|^p)^(1/p), for Kind::norm
};

// T: float, double or, for a maximum, an integer.
template <class T>
void run(const PoolCall<T>& call);

}  // namespace convx::pool
