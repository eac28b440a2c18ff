#include "integer_args.h"

#include <algorithm>
#include <cmath>

#include "../convx/integer/integer_conv.h"
#include "../convx/message.h"
#include "args.h"
#include "arrays.h"

namespace convx::bindings {
namespace {

constexpr const char* INTEGERS = "int8, uint8, int16, uint16, int32, uint32 or int64";

std::string dtype_of(const py::array& a) { return "dtype " + dtype_name(a.dtype()); }

// -1, 0 or 1: below, in or above the range of int64, with the value where it is in it.
std::pair<int, int64_t> bound(const std::string& function, py::handle item, py::handle whole) {
    py::object number = py::reinterpret_borrow<py::object>(item);
    if (!PyIndex_Check(item.ptr())) {
        const double x = to_double(function, "activation", item, whole, "must hold real numbers");
        if (std::isinf(x)) return {x < 0 ? -1 : 1, 0};
        if (x != std::floor(x)) fail(function, "activation must have whole bounds for integer arrays", shown(whole));
        number = py::reinterpret_steal<py::object>(PyLong_FromDouble(x));
        if (!number) throw py::error_already_set();
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
void check_count(const std::string& function, const char* argument, const py::array& a, int64_t channels) {
    const bool one = a.ndim() == 0 || (a.ndim() == 1 && a.size() == 1);
    if (one || (channels > 0 && a.ndim() == 1 && a.size() == channels)) return;
    fail(function,
         std::string(argument) + " must be one number" +
             (channels > 0 ? " or have shape (" + std::to_string(channels) + ",)" : ""),
         "shape " + show(shape_of(a)));
}

}  // namespace

bool is_integer(const py::array& a) { return a.dtype().kind() == 'i' || a.dtype().kind() == 'u'; }

py::array as_integer_array(const std::string& function, const char* argument, py::handle value, bool bytes) {
    const py::array a = as_array(function, argument, value);
    if (!is_integer(a) || (a.dtype().kind() == 'u' && a.itemsize() == 8) || (bytes && a.itemsize() > 1))
        throw py::type_error(function + ": " + argument + " must be " + (bytes ? "int8 or uint8" : INTEGERS) +
                             ", got " + dtype_of(a));
    return readable(a);
}

IntType int_type(const py::array& a) {
    const bool has_sign = a.dtype().kind() == 'i';
    switch (a.itemsize()) {
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

IntView int_view(const py::array& a, int rank, bool batched) {
    const auto stride = [&](int axis) { return a.strides(axis) / a.itemsize(); };
    const int c = batched ? 1 : 0, w = c + rank;
    return {a.data(),
            int_type(a),
            batched ? stride(0) : 0,
            stride(c),
            rank > 2 ? stride(w - 2) : 0,
            rank > 1 ? stride(w - 1) : 0,
            stride(w)};
}

std::vector<int64_t> int_values(const py::array& a) {
    const auto wide = py::array_t<int64_t, py::array::c_style | py::array::forcecast>(a);
    return {wide.data(), wide.data() + wide.size()};
}

Bounds parse_integer_activation(const std::string& function, py::handle given) {
    // Read once: a sequence of the user's own could say something else the second time.
    const py::object value = is_sequence(given) ? as_tuple(given) : py::reinterpret_borrow<py::object>(given);
    const Epilogue<double> known = parse_activation(function, value);
    if (known.activation == Activation::leaky_relu)
        fail(function, "activation must be None, 'relu', 'relu6' or ('clamp', lo, hi) for integer arrays",
             shown(value));
    if (value.is_none()) return {};
    const bool named = PyUnicode_Check(value.ptr()) || py::len(value) == 1;
    if (named) return {0, std::isinf(known.hi) ? INT64_MAX : static_cast<int64_t>(known.hi)};
    return clamp_bounds(function, value[py::int_(1)], value[py::int_(2)], value);
}

void check_integer_algorithm(const std::string& function, const std::string& name) {
    const auto names = integer_algorithms();
    if (std::find(names.begin(), names.end(), name) != names.end()) return;
    std::string choices;
    for (const auto& n : names) choices += (choices.empty() ? "'" : ", '") + n + "'";
    fail(function, "algorithm must be one of " + choices + " for integer arrays", "'" + name + "'");
}

std::vector<int64_t> parse_zero_points(const std::string& function, const char* argument, py::handle value,
                                       IntType type, int64_t channels) {
    const py::array a = as_array(function, argument, value);
    if (!is_integer(a)) throw py::type_error(function + ": " + argument + " must be an integer, got " + dtype_of(a));
    check_count(function, argument, a, channels);
    const int64_t lo = type == IntType::i8 ? -128 : 0, hi = lo + 255;
    const bool huge = a.dtype().kind() == 'u' && a.itemsize() == 8;
    std::vector<int64_t> values = int_values(a);
    for (const int64_t x : values)
        if (x < lo || x > hi || (huge && x > hi))
            fail(function,
                 std::string(argument) + " must be >= " + std::to_string(lo) + " and <= " + std::to_string(hi) +
                     ", as elements are",
                 shown(value));
    return values;
}

std::vector<float> parse_scales(const std::string& function, const char* argument, py::handle value, int64_t channels) {
    const py::array a = as_array(function, argument, value);
    const char kind = a.dtype().kind();
    if (kind != 'f' && kind != 'i' && kind != 'u' && kind != 'V')
        throw py::type_error(function + ": " + argument + " must be a real number, got " + dtype_of(a));
    check_count(function, argument, a, channels);
    const auto narrow = py::array_t<float, py::array::c_style | py::array::forcecast>(a);
    const std::vector<float> values(narrow.data(), narrow.data() + narrow.size());
    for (const float x : values)
        if (!(x > 0) || std::isinf(x))
            fail(function, std::string(argument) + " must be > 0 and finite in float32", shown(value));
    return values;
}

}  // namespace convx::bindings
