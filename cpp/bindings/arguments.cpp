#include "arguments.h"

#include <cmath>
#include <limits>

#include "../convx/conv/algorithm.h"
#include "../convx/shape/message.h"
#include "remedies.h"

namespace convx::bindings {
namespace {

PadMode pad_mode(const std::string& function, py::handle value) {
    const std::string name = text_of(value);
    if (name == "valid") return PadMode::valid;
    if (name == "same") return PadMode::same;
    if (name == "same_lower") return PadMode::same_lower;
    if (name == "causal") return PadMode::causal;
    fail(function,
         "padding must be an int, ints, (lo, hi) pairs or one of 'valid', 'same', 'same_lower', 'causal'" +
             remedy("padding", value),
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

// What a function is called in messages: the user's name for it, or the core's own.
std::string name_in_messages(const char* name, py::handle given) {
    if (!given) return name;
    if (!PyUnicode_Check(given.ptr())) throw py::type_error("function must be a str, got " + shown(given));
    return text_of(given);
}

}  // namespace

const char* text_of(Name name) {
    static constexpr const char* TEXTS[] = {"",
#define CONVX_NAME(name) #name,
                                            CONVX_NAMES(CONVX_NAME)
#undef CONVX_NAME
    };
    static_assert(sizeof TEXTS / sizeof *TEXTS == NAMES);
    return TEXTS[static_cast<int>(name)];
}

Arguments::Arguments(const char* function, const int8_t* places, PyObject* const* values)
    : places_(places),
      values_(values),
      function_(name_in_messages(function, has(Name::function) ? (*this)[Name::function] : py::handle())) {}

Array Arguments::indices() const {
    const Array a = array(Name::indices);
    if (a.dtype().kind() != 'i' || a.itemsize() != 8)
        throw py::type_error(function_ + ": indices must have dtype int64, got dtype " + dtype_name(a.dtype()));
    return readable(a);
}

int64_t Arguments::integer(Name name) const {
    const py::handle value = (*this)[name];
    return to_int64(function_, text_of(name), value, value, "must be an int");
}

double Arguments::real(Name name) const {
    const py::handle value = (*this)[name];
    return to_double(function_, text_of(name), value, value, "must be a real number");
}

std::string Arguments::text(Name name) const {
    const py::handle value = (*this)[name];
    if (!PyUnicode_Check(value.ptr())) type_error(function_, text_of(name), "must be a str", value);
    return text_of(value);
}

Ints parse_ints(const std::string& function, const char* argument, py::handle value) {
    const char* rule = "must be an int or a sequence of ints";
    if (!is_sequence(value)) return {{to_int64(function, argument, value, value, rule)}, true};
    Ints ints{{}, false};
    for (const py::handle item : as_tuple(value))
        ints.values.push_back(to_int64(function, argument, item, value, rule));
    return ints;
}

int weight_rank(const std::string& function, const Ints& weight_shape) {
    const int rank = static_cast<int>(weight_shape.values.size()) - 2;
    if (rank < 1 || rank > AXES) fail(function, "weight_shape must have 3 to 5 axes", show(weight_shape.values));
    return rank;
}

Ints Arguments::ints(Name name) const { return parse_ints(function_, text_of(name), (*this)[name]); }

std::optional<Ints> Arguments::optional_ints(Name name) const {
    if ((*this)[name].is_none()) return std::nullopt;
    return ints(name);
}

int Arguments::rank() const {
    const int64_t rank = integer(Name::rank);
    if (rank < 1 || rank > AXES)
        fail(function_, "rank must be >= 1 and <= " + std::to_string(AXES), std::to_string(rank));
    return static_cast<int>(rank);
}

Padding Arguments::padding() const {
    const char* rule = "must be an int, ints, (lo, hi) pairs or a name";
    const py::handle value = (*this)[Name::padding];
    const auto number = [&](py::handle item) { return to_int64(function_, "padding", item, value, rule); };
    Padding padding;
    if (PyUnicode_Check(value.ptr())) {
        padding.mode = pad_mode(function_, value);
        return padding;
    }
    if (!is_sequence(value)) {
        const int64_t x = number(value);
        padding.values = {{x, x}};
        return padding;
    }
    const py::tuple items = as_tuple(value);
    padding.form = items.size() && is_sequence(item_of(items, 0)) ? Padding::Form::pairs : Padding::Form::per_axis;
    for (const py::handle item : items) {
        if (is_sequence(item) != (padding.form == Padding::Form::pairs)) type_error(function_, "padding", rule, value);
        if (padding.form == Padding::Form::per_axis) {
            const int64_t x = number(item);
            padding.values.emplace_back(x, x);
            continue;
        }
        const py::tuple pair = as_tuple(item);
        if (pair.size() != 2) fail(function_, "padding must hold (lo, hi) pairs of two ints", shown(value));
        const int64_t lo = number(item_of(pair, 0));
        padding.values.emplace_back(lo, number(item_of(pair, 1)));
    }
    return padding;
}

Border Arguments::border() const {
    if (!has(Name::padding_mode)) return Border::zeros;
    return border_of(function_, "padding_mode", (*this)[Name::padding_mode]);
}

Border border_of(const std::string& function, const char* argument, py::handle value) {
    if (!PyUnicode_Check(value.ptr())) type_error(function, argument, "must be a str", value);
    for (const auto& [name, border] : BORDERS)
        if (is_text(value, name)) return border;
    std::vector<const char*> names;
    for (const auto& [name, border] : BORDERS) names.push_back(name);
    fail(function, std::string(argument) + " must be one of " + show_choices(names) + remedy(argument, value),
         shown(value));
}

const char* name_of(Border border) {
    for (const auto& [name, value] : BORDERS)
        if (value == border) return name;
    return "";
}

DataFormat Arguments::format() const {
    if (!has(Name::data_format)) return DataFormat::channels_first;
    const py::handle value = (*this)[Name::data_format];
    if (!PyUnicode_Check(value.ptr())) type_error(function_, "data_format", "must be a str", value);
    for (const DataFormat format : {DataFormat::channels_first, DataFormat::channels_last})
        if (is_text(value, name_of(format))) return format;
    fail(function_, "data_format must be 'channels_first' or 'channels_last'" + remedy("data_format", value),
         shown(value));
}

std::string Arguments::algorithm() const {
    const std::string name = text(Name::algorithm);
    if (name != "auto") find_algorithm<float>(function_, name);
    return name;
}

Dtype Arguments::dtype() const {
    const py::handle value = (*this)[Name::dtype];
    if (!is_dtype(value)) type_error(function_, "dtype", "must be a numpy.dtype", value);
    return py::reinterpret_borrow<Dtype>(value);
}

Epilogue<double> parse_activation(const std::string& function, py::handle value) {
    if (value.is_none()) return {nullptr, Activation::clamp, -INF, INF};
    if (PyUnicode_Check(value.ptr())) return named_activation(function, text_of(value), value);
    const auto refuse = [&] {
        type_error(function, "activation", "must be None, a name, or a tuple of a name and numbers", value);
    };
    if (!is_sequence(value)) refuse();
    const py::tuple items = as_tuple(value);
    const size_t count = items.size();
    if (!count || !PyUnicode_Check(item_of(items, 0).ptr())) refuse();
    const auto name = text_of(item_of(items, 0));
    if (name == "leaky_relu" && count == 2) {
        const double slope = to_activation(function, item_of(items, 1), value);
        if (!std::isfinite(slope)) fail(function, "activation must have a finite slope", shown(value));
        return {nullptr, Activation::leaky_relu, slope, 0};
    }
    if (name == "clamp" && count == 3) {
        const double lo = to_activation(function, item_of(items, 1), value),
                     hi = to_activation(function, item_of(items, 2), value);
        if (!(lo <= hi)) fail(function, "activation must have lo <= hi", shown(value));
        return {nullptr, Activation::clamp, lo, hi};
    }
    return named_activation(function, count == 1 ? name : "", value);
}

Epilogue<double> Arguments::activation() const { return parse_activation(function_, (*this)[Name::activation]); }

double Arguments::norm() const {
    const double norm = real(Name::norm_type);
    if (!(norm > 0)) fail(function_, "norm_type must be > 0", shown((*this)[Name::norm_type]));
    return norm;
}

ConvSpec Arguments::conv_spec(int rank, const Shape& weight, const Shape* bias, const Padding& padding) const {
    const Ints stride = ints(Name::stride), dilation = ints(Name::dilation);
    ConvSpec spec = convx::conv_spec(function_, rank, weight, bias, stride, padding, dilation, integer(Name::groups));
    spec.border = border();
    spec.format = format();
    return spec;
}

PoolSpec Arguments::pool_spec() const {
    std::optional<int64_t> divisor;
    if (given(Name::divisor_override)) divisor = integer(Name::divisor_override);
    const Ints kernel = ints(Name::kernel_size), dilation = ints(Name::dilation);
    const std::optional<Ints> stride = optional_ints(Name::stride);
    const bool ceil_mode = flag(Name::ceil_mode),
               count_padding = !has(Name::count_include_pad) || flag(Name::count_include_pad),
               any_padding = has(Name::any_padding) && flag(Name::any_padding);
    PoolSpec spec = convx::pool_spec(function_, rank(), kernel, stride, padding(), dilation, ceil_mode, count_padding,
                                     divisor, any_padding);
    spec.format = format();
    return spec;
}

}  // namespace convx::bindings
