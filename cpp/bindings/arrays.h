// NumPy arrays to views and back.
#pragma once
#include <cstdint>
#include <string>
#include <type_traits>

#include "../convx/shape/shape.h"
#include "../convx/shape/view.h"
#include "objects.h"

namespace convx::bindings {

// NumPy's numbers of its types.
constexpr int FLOAT32 = 11, FLOAT64 = 12, FLOAT16 = 23;

class Dtype : public py::object {
  public:
    using py::object::object;
    int num() const { return fields()->num; }
    char kind() const { return fields()->kind; }
    char byteorder() const { return fields()->byteorder; }
    int64_t itemsize() const { return fields()->itemsize; }

    struct Fields {  // as NumPy 2 lays them out
        PyObject_HEAD;
        PyObject* type;
        char kind, letter, byteorder, former_flags;
        int num;
        uint64_t flags;
        Py_ssize_t itemsize;
    };

  private:
    const Fields* fields() const { return reinterpret_cast<const Fields*>(m_ptr); }
};

class Array : public py::object {
  public:
    using py::object::object;
    int ndim() const { return fields()->ndim; }
    const int64_t* sizes() const { return fields()->shape; }
    int64_t shape(int axis) const { return fields()->shape[axis]; }
    int64_t stride(int axis) const { return fields()->strides[axis]; }  // in bytes
    Shape shape() const { return {fields()->shape, fields()->shape + ndim()}; }
    Shape strides() const { return {fields()->strides, fields()->strides + ndim()}; }
    int64_t size() const;
    int64_t itemsize() const { return dtype().itemsize(); }
    void* data() const { return fields()->data; }
    Dtype dtype() const { return py::reinterpret_borrow<Dtype>(fields()->dtype); }
    bool is_contiguous() const { return fields()->flags & 0x0001; }
    bool is_aligned() const { return fields()->flags & 0x0100; }
    bool is_writeable() const { return fields()->flags & 0x0400; }

    struct Fields {  // as NumPy lays them out
        PyObject_HEAD;
        char* data;
        int ndim;
        int64_t *shape, *strides;
        PyObject *base, *dtype;
        int flags;
    };

  private:
    const Fields* fields() const { return reinterpret_cast<const Fields*>(m_ptr); }
};

void find_numpy();  // once, when the module is made

bool is_array(py::handle value);
bool is_dtype(py::handle value);
Dtype dtype_of_number(int num);
template <class T>
Dtype dtype_of();              // of float, double, int32_t and int64_t
bool is_half(const Dtype& d);  // float16 or bfloat16
bool is_same(const Dtype& a, const Dtype& b);
std::string dtype_name(const Dtype& d);

Array fresh(const Dtype& dtype, const Shape& shape);  // in C order, not filled
Array copied(const Array& a, const Dtype& dtype);     // in C order
void move_to(const Array& to, const Array& from);     // an overflow in a half type is a result, not a warning
Array read_only(Array a);                             // itself
Array kept(const Array& a);                           // a copy of its own dtype that nobody can write to

void tell(const char* name, const Array& a);  // to a call that is traced

void check_unmasked(const std::string& function, const char* argument, const Array& a);

// Anything numpy.asarray takes, or else numpy.from_dlpack, as an array of any dtype. TypeError for a masked array.
Array as_array(const std::string& function, const char* argument, py::handle value);

// The array itself, or a copy that is aligned and of native byte order.
Array readable(const Array& a);

// The array itself, or a copy in C order; NumPy's MemoryError where that does not fit.
Array contiguous(const Array& a);

// The array as an aligned float16, bfloat16, float32 or float64 array of native byte order, copied only where it is not
// that already; TypeError for other dtypes. bfloat16 is the dtype of ml_dtypes, known by its name: that package is
// never imported here.
Array as_floats(const std::string& function, const char* argument, const Array& a);

// Like as_floats, and integers and bool too.
Array as_numbers(const std::string& function, const char* argument, const Array& a);

// The dtype to which NumPy promotes two that as_floats let through; TypeError, naming `argument`, where it has none.
Dtype promote(const std::string& function, const char* argument, const Dtype& a, const Dtype& b);

// The array in T, converted only where its dtype differs; `in_c_order` also asks for that.
template <class T>
Array cast_to(const Array& a, bool in_c_order = false);

// The array with its channel axis before the `rank` spatial ones: a view where it was behind them. An array of the
// wrong number of axes stays as it is, to be refused by its shape.
Array channels_first(const Array& a, DataFormat format, int rank);

// (N, C, D, H, W) strides of a channels-first array of `rank` spatial axes, with N missing where it is not batched.
template <class T>
View<const T> view_of(const Array& a, int rank, bool batched) {
    const auto stride = [&](int axis) { return a.stride(axis) / static_cast<int64_t>(sizeof(T)); };
    const int c = batched ? 1 : 0, w = c + rank;
    return {static_cast<const T*>(a.data()), batched ? stride(0) : 0,      stride(c),
            rank > 2 ? stride(w - 2) : 0,    rank > 1 ? stride(w - 1) : 0, stride(w)};
}

// body(T{}) of the type in which an array of that dtype is computed: float for float16 and bfloat16, uint8_t for bool.
template <class Body>
auto with_float(const Dtype& d, const Body& body) {
    return d.num() == FLOAT64 ? body(double{}) : body(float{});
}

template <class Body>
auto with_number(const Dtype& d, const Body& body) {
    const bool is_signed = d.kind() == 'i';
    if (!is_signed && d.kind() != 'u' && d.kind() != 'b') return with_float(d, body);
    switch (d.itemsize()) {
        case 1:
            return is_signed ? body(int8_t{}) : body(uint8_t{});
        case 2:
            return is_signed ? body(int16_t{}) : body(uint16_t{});
        case 4:
            return is_signed ? body(int32_t{}) : body(uint32_t{});
        default:
            return is_signed ? body(int64_t{}) : body(uint64_t{});
    }
}

// The array in the type of the arithmetic: only float16 and bfloat16 are converted.
template <class T>
Array computed_in(const Array& a, bool in_c_order = false) {
    if constexpr (std::is_floating_point_v<T>)
        return cast_to<T>(a, in_c_order);
    else
        return in_c_order ? contiguous(a) : a;
}

}  // namespace convx::bindings
