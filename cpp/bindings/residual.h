// What a convolution adds to its sums.
#pragma once
#include "arrays.h"

namespace convx::bindings {

// None, or an array of exactly the result's shape and dtype.
class Residual {
  public:
    Residual(const std::string& function, py::handle value, const Dtype& dtype, const Shape& shape);

    // Null without one, and where it is `out`: its elements are read before these are written.
    const Array* apart_from(py::handle out) const;

    // In T and in C order; null without one.
    template <class T>
    const T* data() {
        if (!given_) return nullptr;
        computed_ = cast_to<T>(given_, true);
        return static_cast<const T*>(computed_.data());
    }

  private:
    Array given_, computed_;
};

}  // namespace convx::bindings
