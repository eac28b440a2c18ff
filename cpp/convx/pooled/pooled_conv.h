// A convolution and a maximum of its output over windows that do not overlap along the rows. Where the maps in between
// are large, some rows of them at a time are made and pooled while they are in L2: they reach no other memory.
#pragma once
#include "../conv/convolution.h"

namespace convx::pooled {

// out: contiguous, of the pooling's output_shape. The bits are those of one call after the other.
template <class T>
void run(Convolution<T>& convolution, const ConvSpec& spec, const ConvShape& shape, const PoolSpec& pooling,
         const View<const T>& x, T* out);

// Scratch of a run, that of the convolution included.
template <class T>
int64_t workspace_bytes(Convolution<T>& convolution, const ConvSpec& spec, const ConvShape& shape,
                        const PoolSpec& pooling);

PoolShape pool_shape(const ConvSpec& spec, const ConvShape& shape, const PoolSpec& pooling);

}  // namespace convx::pooled
