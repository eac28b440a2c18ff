// Where a pooling reads and writes.
#pragma once
#include "../convx/pool/pool_windows.h"
#include "arrays.h"

namespace convx::bindings {

// Arrays of one or two spatial axes and channels behind them are pooled as they lie, as images of one map more axes,
// the last of which has windows of one element.
class PoolSite {
  public:
    // x: with its channels first, as `shape` is.
    PoolSite(const PoolShape& shape, const py::array& x, int rank, DataFormat format);

    template <class T>
    View<const T> view() const {
        const auto size = static_cast<int64_t>(sizeof(T));
        return {reinterpret_cast<const T*>(bytes.data),
                bytes.n / size,
                bytes.c / size,
                bytes.d / size,
                bytes.h / size,
                bytes.w / size};
    }

    // With these spatial sizes, `shape.n` or none, and `shape.c`; `others` may not be overwritten.
    Output output(const std::string& function, py::handle out, const py::dtype& dtype, const Shape& shape,
                  std::initializer_list<const py::array*> others) const;

    PoolShape shape;                    // as it is pooled
    View<const char> bytes;             // strides in bytes
    int64_t index_d, index_h, index_w;  // of an element within its map, from one to the next along an axis

  private:
    int rank_;
    DataFormat format_;
    bool in_place_;  // pooled as they lie
};

// In operations of a convolution: what an input element costs grows with the window until that is cut up.
double work(const PoolShape& shape);

}  // namespace convx::bindings
