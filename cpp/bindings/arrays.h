// NumPy arrays to views and back.
#pragma once
#include <pybind11/numpy.h>

#include <string>

#include "../convx/shape.h"
#include "../convx/view.h"

namespace convx::bindings {

namespace py = pybind11;

// Anything numpy.asarray takes, or else numpy.from_dlpack, as an array of any dtype. TypeError for a masked array.
py::array as_array(const std::string& function, const char* argument, py::handle value);

// The array itself, or a copy that is aligned and of native byte order.
py::array readable(const py::array& a);

// The array itself, or a copy in C order; NumPy's MemoryError where that does not fit.
py::array contiguous(const py::array& a);

// Anything numpy.asarray takes, or else numpy.from_dlpack, as an aligned float16, bfloat16, float32 or float64 array of
// native byte order, copied only where it is not that already; TypeError for other dtypes. bfloat16 is the dtype of
// ml_dtypes, known by its name: that package is never imported here.
py::array as_float_array(const std::string& function, const char* argument, py::handle value);

// The dtype to which NumPy promotes two that as_float_array let through; TypeError, naming `argument`, where it has
// none.
py::dtype promote(const std::string& function, const char* argument, const py::dtype& a, const py::dtype& b);

// Whether arithmetic is in double; that of float16 and bfloat16 is in float.
bool is_double(const py::dtype& dtype);
bool is_double(const py::array& a);

// The array in T, converted only where its dtype differs; `contiguous` also asks for C order.
template <class T>
py::array cast_to(const py::array& a, bool contiguous);

// A fresh array in C order.
py::array copied(const py::array& a, const py::dtype& dtype);

Shape shape_of(const py::array& a);
std::string dtype_name(const py::dtype& d);

// The array with its channel axis before the `rank` spatial ones: a view where it was behind them. An array of the
// wrong number of axes stays as it is, to be refused by its shape.
py::array channels_first(const py::array& a, DataFormat format, int rank);

// (N, C, D, H, W) strides of a channels-first array of `rank` spatial axes, with N missing where it is not batched.
template <class T>
View<const T> view_of(const py::array& a, int rank, bool batched);

// Where a call writes: the user's `out`, or the fresh array to be returned, where it can be written in place as
// (N,) C, *spatial in the type of the arithmetic, else memory whose contents `finish` moves there.
class Output {
  public:
    // dtype: of the result. shape: (N,) C, *spatial, whatever the format of the result; rank counts its spatial axes.
    Output(const std::string& function, py::handle out, const py::dtype& dtype, const Shape& shape,
           std::initializer_list<const py::array*> inputs, DataFormat format = DataFormat::channels_first,
           int rank = 0);
    void* data() { return data_; }
    py::array finish();  // once

  private:
    void set(py::array result, DataFormat format, int rank, const Shape& shape, bool converts,
             std::initializer_list<const py::array*> inputs);

    void* data_;
    py::object result_;          // what the user gets
    py::object written_, view_;  // where it is not written in place: what is, and the result channels first
};

}  // namespace convx::bindings
