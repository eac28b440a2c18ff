// Direct convolution for few channels: lanes are pixels of a padded block of the input, no packing, a few output
// channels at a time.
#pragma once
#include "algorithm.h"

namespace convx::narrow {

template <class T>
Algorithm<T> row();

// The same with weights packed in panels of at most `most_rows` output channels.
template <class T>
int64_t workspace_panels(const ConvShape& shape, const Kernels<T>& k, int threads, int64_t most_rows,
                         DataFormat format);
template <class T>
void run_panels(const ConvCall<T>& call, int64_t most_rows);

}  // namespace convx::narrow
