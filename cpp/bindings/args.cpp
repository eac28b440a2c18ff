#include "args.h"

#include <cmath>
#include <limits>

#include "../convx/conv/algorithm.h"
#include "../convx/message.h"

namespace convx::bindings {
namespace {

PadMode pad_mode(const std::string& function, const std::string& name) {
    if (name == "valid") return PadMode::valid;
    if (name == "same") return PadMode::same;
    if (name == "same_lower") return PadMode::same_lower;
    if (name == "causal") return PadMode::causal;
    fail(function, "padding must be an int, ints, (lo, hi) pairs or one of 'valid', 'same', 'same_lower', 'causal'",
         "'" + name + "'");
}

// torch's names and np.pad's.
constexpr std::pair<const char*, Border> BORDERS[] = {
    {"zeros", Border::zeros},       {"reflect", Border::reflect},     {"replicate", Border::replicate},
    {"circular", Border::circular}, {"symmetric", Border::symmetric}, {"edge", Border::replicate},
    {"wrap", Border::circular},
};

double to_activation(const std::string& function, py::handle item, py::handle whole) {
    return to_double(function, "activation", item, whole, "must hold real numbers");
}

constexpr double INF = std::numeric_limits<double>::infinity();

Epilogue<double> named_activation(const std::string& function, const std::string& name, py::handle whole) {
    if (name == "relu") return {nullptr, Activation::clamp, 0, INF};
    if (name == "relu6") return {nullptr, Activation::clamp, 0, 6};
    fail(function, "activation must be one of None, 'relu', 'relu6', ('leaky_relu', slope), ('clamp', lo, hi)",
         shown(whole));
}

}  // namespace

int64_t parse_int(const std::string& function, const char* argument, py::handle value) {
    return to_int64(function, argument, value, value, "must be an int");
}

bool parse_bool(const std::string& function, const char* argument, py::handle value) {
    if (PyBool_Check(value.ptr())) return value.ptr() == Py_True;
    if (!is_numpy_bool(value)) type_error(function, argument, "must be a bool", value);
    return PyObject_IsTrue(value.ptr()) == 1;
}

Ints parse_ints(const std::string& function, const char* argument, py::handle value) {
    const char* rule = "must be an int or a sequence of ints";
    if (!is_sequence(value)) return {{to_int64(function, argument, value, value, rule)}, true};
    Ints ints{{}, false};
    for (const py::handle item : as_tuple(value))
        ints.values.push_back(to_int64(function, argument, item, value, rule));
    return ints;
}

std::optional<Ints> parse_optional_ints(const std::string& function, const char* argument, py::handle value) {
    if (value.is_none()) return std::nullopt;
    return parse_ints(function, argument, value);
}

Padding parse_padding(const std::string& function, py::handle value) {
    const char* rule = "must be an int, ints, (lo, hi) pairs or a name";
    Padding padding;
    if (PyUnicode_Check(value.ptr())) {
        padding.mode = pad_mode(function, text_of(value));
        return padding;
    }
    if (!is_sequence(value)) {
        const int64_t x = to_int64(function, "padding", value, value, rule);
        padding.values = {{x, x}};
        return padding;
    }
    const py::tuple items = as_tuple(value);
    padding.form = items.size() && is_sequence(items[0]) ? Padding::Form::pairs : Padding::Form::per_axis;
    for (const py::handle item : items) {
        if (is_sequence(item) != (padding.form == Padding::Form::pairs)) type_error(function, "padding", rule, value);
        if (padding.form == Padding::Form::per_axis) {
            const int64_t x = to_int64(function, "padding", item, value, rule);
            padding.values.emplace_back(x, x);
            continue;
        }
        const py::tuple pair = as_tuple(item);
        if (pair.size() != 2) fail(function, "padding must hold (lo, hi) pairs of two ints", shown(value));
        padding.values.emplace_back(to_int64(function, "padding", pair[0], value, rule),
                                    to_int64(function, "padding", pair[1], value, rule));
    }
    return padding;
}

Border parse_padding_mode(const std::string& function, py::handle value) {
    if (!PyUnicode_Check(value.ptr())) type_error(function, "padding_mode", "must be a str", value);
    std::string choices;
    for (const auto& [name, border] : BORDERS) {
        if (PyUnicode_CompareWithASCIIString(value.ptr(), name) == 0) return border;
        choices += (choices.empty() ? "'" : ", '") + std::string(name) + "'";
    }
    fail(function, "padding_mode must be one of " + choices, shown(value));
}

const char* name_of(Border border) {
    for (const auto& [name, value] : BORDERS)
        if (value == border) return name;
    return "";
}

DataFormat parse_data_format(const std::string& function, py::handle value) {
    if (!PyUnicode_Check(value.ptr())) type_error(function, "data_format", "must be a str", value);
    if (PyUnicode_CompareWithASCIIString(value.ptr(), "channels_first") == 0) return DataFormat::channels_first;
    if (PyUnicode_CompareWithASCIIString(value.ptr(), "channels_last") == 0) return DataFormat::channels_last;
    fail(function, "data_format must be 'channels_first' or 'channels_last'", shown(value));
}

std::string parse_algorithm(const std::string& function, py::handle value) {
    if (!PyUnicode_Check(value.ptr())) type_error(function, "algorithm", "must be a str", value);
    const auto name = text_of(value);
    if (name != "auto") find_algorithm<float>(function, name);
    return name;
}

Epilogue<double> parse_activation(const std::string& function, py::handle value) {
    if (value.is_none()) return {nullptr, Activation::clamp, -INF, INF};
    if (PyUnicode_Check(value.ptr())) return named_activation(function, text_of(value), value);
    if (!is_sequence(value))
        type_error(function, "activation", "must be None, a name, or a tuple of a name and numbers", value);
    const py::tuple items = as_tuple(value);
    if (items.empty() || !PyUnicode_Check(items[0].ptr()))
        type_error(function, "activation", "must be None, a name, or a tuple of a name and numbers", value);
    const auto name = text_of(items[0]);
    if (name == "leaky_relu" && items.size() == 2) {
        const double slope = to_activation(function, items[1], value);
        if (!std::isfinite(slope)) fail(function, "activation must have a finite slope", shown(value));
        return {nullptr, Activation::leaky_relu, slope, 0};
    }
    if (name == "clamp" && items.size() == 3) {
        const double lo = to_activation(function, items[1], value), hi = to_activation(function, items[2], value);
        if (!(lo <= hi)) fail(function, "activation must have lo <= hi", shown(value));
        return {nullptr, Activation::clamp, lo, hi};
    }
    if (items.size() == 1) return named_activation(function, name, value);
    return named_activation(function, "", value);
}

}  // namespace convx::bindings
