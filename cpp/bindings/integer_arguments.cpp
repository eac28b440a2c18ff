#include "integer_arguments.h"

#include <algorithm>
#include <cmath>

#include "../convx/integer/integer_conv.h"
#include "../convx/shape/message.h"

namespace convx::bindings {
namespace {

constexpr const char* INTEGERS = "int8, uint8, int16, uint16, int32, uint32 or int64";

std::string dtype_text(const Array& a) { return "dtype " + dtype_name(a.dtype()); }

// -1, 0 or 1: below, in or above the range of int64, with the value where it is in it.
std::pair<int, int64_t> bound(const std::string& function, py::handle item, py::handle whole) {
    py::object number = py::reinterpret_borrow<py::object>(item);
    if (!PyIndex_Check(item.ptr())) {
        const double x = to_double(function, "activation", item, whole, "must hold real numbers");
        if (std::isinf(x)) return {x < 0 ? -1 : 1, 0};
        if (x != std::floor(x)) fail(function, "activation must have whole bounds for integer arrays", shown(whole));
        number = made(PyLong_FromDouble(x));
    }
    number = py::reinterpret_steal<py::object>(PyNumber_Index(number.ptr()));
    if (!number) refused(function, "activation", "must hold real numbers", whole);
    int overflow = 0;
    const int64_t x = PyLong_AsLongLongAndOverflow(number.ptr(), &overflow);
    return {overflow, x};
}

Bounds clamp_bounds(const std::string& function, py::handle lo, py::handle hi, py::handle whole) {
    const auto [below, least] = bound(function, lo, whole);
    const auto [above, most] = bound(function, hi, whole);
    const Bounds b{below ? INT64_MIN : least, above ? INT64_MAX : most};
    if (below > 0 || above < 0 || b.lo > b.hi)
        fail(function, "activation must have bounds lo <= hi that the sums can reach", shown(whole));
    return b;
}

// An array of no axis, of one element, or of `channels`.
void check_count(const std::string& function, const char* argument, const Array& a, int64_t channels) {
    const bool one = a.ndim() == 0 || (a.ndim() == 1 && a.size() == 1);
    if (one || (channels > 0 && a.ndim() == 1 && a.size() == channels)) return;
    fail(function,
         std::string(argument) + " must be one number" +
             (channels > 0 ? " or have shape (" + std::to_string(channels) + ",)" : ""),
         "shape " + show(a.shape()));
}

}  // namespace

Array as_integers(const std::string& function, const char* argument, const Array& a, bool bytes) {
    const Dtype d = a.dtype();
    const char* const remedy = d.kind() == 'f' && !bytes ? " (pass weight.astype('float32') for sums of floats)" : "";
    if (!is_integer(d) || (d.kind() == 'u' && d.itemsize() == 8) || (bytes && d.itemsize() > 1))
        throw py::type_error(function + ": " + argument + " must be " + (bytes ? "int8 or uint8" : INTEGERS) + remedy +
                             ", got " + dtype_text(a));
    return readable(a);
}

IntType int_type(const Array& a) {
    const Dtype d = a.dtype();
    const bool has_sign = d.kind() == 'i';
    switch (d.itemsize()) {
        case 1:
            return has_sign ? IntType::i8 : IntType::u8;
        case 2:
            return has_sign ? IntType::i16 : IntType::u16;
        case 4:
            return has_sign ? IntType::i32 : IntType::u32;
        default:
            return IntType::i64;
    }
}

IntView int_view(const Array& a, int rank, bool batched) {
    const View<const char> v = view_of<char>(a, rank, batched);
    const int64_t size = a.itemsize();
    return {v.data, int_type(a), v.n / size, v.c / size, v.d / size, v.h / size, v.w / size};
}

std::vector<int64_t> int_values(const Array& a) {
    const Array wide = copied(a, dtype_of<int64_t>());
    const auto* const data = static_cast<const int64_t*>(wide.data());
    return {data, data + wide.size()};
}

Bounds integer_activation(const Arguments& a) {
    const std::string& f = a.function();
    const py::handle given = a[Name::activation];
    // Read once: a sequence of the user's own could say something else the second time.
    const py::object value = is_sequence(given) ? as_tuple(given) : py::reinterpret_borrow<py::object>(given);
    const Epilogue<double> known = parse_activation(f, value);
    if (known.activation == Activation::leaky_relu)
        fail(f, "activation must be None, 'relu', 'relu6' or ('clamp', lo, hi) for integer arrays", shown(value));
    if (value.is_none()) return {};
    const bool named = PyUnicode_Check(value.ptr()) || PyTuple_GET_SIZE(value.ptr()) == 1;
    if (named) return {0, std::isinf(known.hi) ? INT64_MAX : static_cast<int64_t>(known.hi)};
    return clamp_bounds(f, PyTuple_GET_ITEM(value.ptr(), 1), PyTuple_GET_ITEM(value.ptr(), 2), value);
}

std::string integer_algorithm(const Arguments& a) {
    const std::string name = a.algorithm();
    const auto names = integer_algorithms();
    if (std::find(names.begin(), names.end(), name) != names.end()) return name;
    fail(a.function(), "algorithm must be one of " + show_choices(names) + " for integer arrays", "'" + name + "'");
}

ZeroPoints::ZeroPoints(const Arguments& a, Name name, int64_t channels)
    : function_(a.function()), name_(name), given_(py::reinterpret_borrow<py::object>(a[name])) {
    const char* argument = text_of(name);
    const Array array = a.array(name);
    const Dtype d = array.dtype();
    if (!is_integer(d))
        throw py::type_error(function_ + ": " + argument + " must be an integer, got " + dtype_text(array));
    check_count(function_, argument, array, channels);
    values_ = int_values(array);
    const auto [least, most] = std::minmax_element(values_.begin(), values_.end());
    const bool wrapped = d.kind() == 'u' && *least < 0;  // from uint64
    least_ = wrapped ? 0 : *least;
    most_ = wrapped ? INT64_MAX : *most;
}

const std::vector<int64_t>& ZeroPoints::of(IntType type) const {
    const int64_t lo = type == IntType::i8 ? -128 : 0, hi = lo + 255;
    if (least_ < lo || most_ > hi)
        fail(function_,
             std::string(text_of(name_)) + " must be >= " + std::to_string(lo) + " and <= " + std::to_string(hi) +
                 ", as elements are",
             shown(given_));
    return values_;
}

IntType ZeroPoints::fitting(IntType type) const { return least_ < 0 ? IntType::i8 : most_ > 127 ? IntType::u8 : type; }

std::vector<float> scales(const Arguments& a, Name name, int64_t channels) {
    const std::string& f = a.function();
    const char* argument = text_of(name);
    const Array given = a.array(name);
    const char kind = given.dtype().kind();
    if (kind != 'f' && kind != 'i' && kind != 'u' && kind != 'V')
        throw py::type_error(f + ": " + argument + " must be a real number, got " + dtype_text(given));
    check_count(f, argument, given, channels);
    const Array rounded = copied(given, dtype_of<float>());
    const auto* const data = static_cast<const float*>(rounded.data());
    const std::vector<float> values(data, data + rounded.size());
    for (const float x : values)
        if (!(x > 0) || std::isinf(x))
            fail(f, std::string(argument) + " must be > 0 and finite in float32", shown(a[name]));
    return values;
}

}  // namespace convx::bindings
