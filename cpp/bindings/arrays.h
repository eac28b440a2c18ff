// NumPy arrays to views and back.
#pragma once
#include <pybind11/numpy.h>

#include <string>

#include "../convx/shape.h"
#include "../convx/view.h"

namespace convx::bindings {

namespace py = pybind11;

// Anything numpy.asarray takes, as an aligned float32 or float64 array of native byte order; TypeError for other
// dtypes.
py::array as_float_array(const std::string& function, const char* argument, py::handle value);

bool is_double(const py::array& a);

// The array in T, converted only where its dtype differs; `contiguous` also asks for C order.
template <class T>
py::array cast_to(const py::array& a, bool contiguous);

Shape shape_of(const py::array& a);

// (N, C, D, H, W) strides of an array of `rank` spatial axes, with N missing where it is not batched.
template <class T>
View<const T> view_of(const py::array& a, int rank, bool batched);

// Where a call writes: the user's `out` where it can be written in place, else fresh memory that `finish` copies there.
class Output {
  public:
    Output(const std::string& function, py::handle out, const py::dtype& dtype, const Shape& shape,
           std::initializer_list<const py::array*> inputs);
    void* data() { return result_.mutable_data(); }
    py::array finish();

  private:
    py::array result_;
    py::object user_;
};

}  // namespace convx::bindings
