// Where calls write.
#pragma once
#include "arrays.h"

namespace convx::bindings {

// Whether `out` is exactly these elements.
bool is_same_view(py::handle out, const Array& a);

// Where a call writes: the user's `out`, or the fresh array to be returned, where it can be written in place as
// (N,) C, *spatial in the type of the arithmetic, else memory whose contents `finish` moves there.
class Output {
  public:
    // dtype: of the result. shape: (N,) C, *spatial, whatever the format of the result; rank counts its spatial axes.
    Output(const std::string& function, py::handle out, const Dtype& dtype, const Shape& shape,
           std::initializer_list<const Array*> inputs, DataFormat format = DataFormat::channels_first, int rank = 0);
    template <class T = void>
    T* data() {
        return static_cast<T*>(data_);
    }
    py::object finish();  // once

  private:
    void set(Array result, DataFormat format, int rank, const Shape& shape, bool converts,
             std::initializer_list<const Array*> inputs);

    void* data_;
    const char* why_;       // it is not written in place; null where it is
    Array result_;          // what the user gets
    Array written_, view_;  // where it is not written in place: what is, and the result channels first
};

}  // namespace convx::bindings
