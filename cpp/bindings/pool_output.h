// Where poolings write.
#pragma once
#include "../convx/pool/pool.h"
#include "arguments.h"

namespace convx::bindings {

// shape: (N,) C, *spatial, whatever the format; `inputs` may not be overwritten.
Output pool_output(const PoolSpec& spec, py::handle out, const Dtype& dtype, const Shape& shape,
                   std::initializer_list<const Array*> inputs);

// Of a maximum with its indices: `out` is None or a tuple of the arrays for both.
class IndexedOutput {
  public:
    IndexedOutput(const PoolSpec& spec, py::handle out, const Dtype& dtype, const Shape& shape, const Array& x);
    template <class T>
    T* values() {
        return values_.data<T>();
    }
    int64_t* indices() { return indices_.data<int64_t>(); }
    py::object finish();  // once

  private:
    py::object value_out_, index_out_;  // what the user gave, or None
    Output values_;
    Array given_;  // the first of those arrays
    Output indices_;
};

}  // namespace convx::bindings
