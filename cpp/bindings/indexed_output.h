// Where a maximum with indices is written.
#pragma once
#include "pool_site.h"

namespace convx::bindings {

// `out` is None or a tuple of the arrays for the values and for their indices.
class IndexedOutput {
  public:
    IndexedOutput(const PoolSpec& spec, py::handle out, const py::dtype& dtype, const Shape& shape, const py::array& x);
    void* values() { return values_.data(); }
    int64_t* indices() { return static_cast<int64_t*>(indices_.data()); }
    py::tuple finish();  // once

  private:
    py::object value_out_, index_out_;  // what the user gave, or None
    Output values_;
    py::array given_;  // the first of those arrays
    Output indices_;
};

}  // namespace convx::bindings
