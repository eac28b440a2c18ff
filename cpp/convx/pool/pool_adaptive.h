// Adaptive pooling: windows that divide the input among a given number of outputs, and may differ in size.
#pragma once
#include "pool.h"
#include "pool_windows.h"

namespace convx::pool {

// Sizes of an adaptive pooling; a missing output size is that of the input.
PoolShape adaptive_shape(const std::string& function, int rank, const Shape& input,
                         const std::vector<std::optional<int64_t>>& output_size, DataFormat format);

// Where all windows have the same size, the ordinary pooling does it.
bool is_uniform(const PoolShape& shape);

// Sums are taken over the rows of a window, then over its columns; no indices. Kind::norm only where it is uniform.
template <class T>
void run_adaptive(const Pooling<T>& pooling);
template <class T>
void run_adaptive(const Pooling<T>& pooling, const Context& context);

}  // namespace convx::pool
