// Pooling per channel, separable: rows of a window first, then columns.
#pragma once
#include "../runtime/context.h"
#include "../shape/shape.h"
#include "../shape/view.h"

namespace convx::pool {

enum class Kind { max, min, average, norm };

template <class T>
struct Pooling {
    const PoolSpec& spec;
    const PoolShape& shape;
    View<const T> x;  // channels first, wherever they lie
    T* out;           // contiguous, in output_format(spec)
    Kind kind;
    double norm = 0;    // p of (sum |x|^p)^(1/p), for Kind::norm
    int64_t pixel = 1;  // elements of one, all of them in a column; x.w counts pixels
};

// What is pooled channels last is written so only where it is read as it lies.
DataFormat output_format(const PoolSpec& spec);

// T: float, double or, for a maximum or a minimum, an integer.
template <class T>
void run(const Pooling<T>& pooling);
template <class T>
void run(const Pooling<T>& pooling, const Context& context);

// The largest of each `size` of the `maps` maps: of an array (before, maps, after), contiguous as the result.
template <class T>
void maxout(const T* x, int64_t before, int64_t maps, int64_t after, int64_t size, T* out);

// In operations of a convolution: what an input element costs grows with the window until that is cut up.
double work(const PoolShape& shape);

}  // namespace convx::pool
