// Where a pooling writes.
#pragma once
#include "../convx/pool/pool.h"
#include "arrays.h"

namespace convx::bindings {

// shape: (N,) C, *spatial; `others` may not be overwritten.
Output pool_output(const PoolSpec& spec, py::handle out, const py::dtype& dtype, const Shape& shape,
                   std::initializer_list<const py::array*> others);

}  // namespace convx::bindings
