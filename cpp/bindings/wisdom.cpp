// What was measured, to and from Python: a fact is a dict of the arguments of _core.learn.
#include "../convx/conv/wisdom.h"

#include "../convx/conv/winograd.h"
#include "../convx/shape/message.h"
#include "functions.h"
#include "plan.h"

namespace convx::bindings {
namespace {

constexpr const char* FLOAT_NAMES[] = {"float32", "float64"};

// body(T{}) of the dtype.
template <class Body>
void with_named_float(const Arguments& a, const Body& body) {
    const std::string name = a.text(Name::dtype);
    if (name == FLOAT_NAMES[0]) return body(float{});
    if (name == FLOAT_NAMES[1]) return body(double{});
    fail(a.function(), "dtype must be one of " + show_choices(FLOAT_NAMES), "'" + name + "'");
}

const Isa& isa_of(const Arguments& a) {
    const std::string name = a.text(Name::isa);
    if (const Isa* const isa = usable_isa(name)) return *isa;
    fail(a.function(), "isa must be one that this CPU has, " + show_choices(usable_isa_names()), "'" + name + "'");
}

winograd::Level level_of(const Arguments& a) {
    try {
        return winograd::level_named(a.text(Name::winograd));
    } catch (const std::invalid_argument&) {
        fail(a.function(), "winograd must be 'off', 'accurate' or 'all'", shown(a[Name::winograd]));
    }
}

int threads_of(const Arguments& a) {
    const int64_t threads = a.integer(Name::threads);
    if (threads < 1 || threads >= LIMIT)
        fail(a.function(), "threads must be >= 1 and < 2**31", std::to_string(threads));
    return static_cast<int>(threads);
}

// An algorithm that "auto" may take for such a convolution.
template <class T>
const Algorithm<T>& algorithm_of(const Arguments& a, const ConvSpec& spec) {
    const std::string name = a.text(Name::algorithm);
    const Algorithm<T>* const algorithm = find_algorithm<T>(a.function(), name);
    if (!algorithm || !algorithm->cost)
        fail(a.function(), "algorithm must be one that 'auto' may take", "'" + name + "'");
    check_row(algorithm, spec);
    return *algorithm;
}

// Checks a fact, and keeps it where that is asked for.
py::object learn(const Arguments& a) {
    const Ints weight = a.ints(Name::weight_shape);
    const ConvSpec spec = a.conv_spec(weight_rank(a.function(), weight), weight.values, nullptr, a.padding());
    const Shape input = parse_shape(spec, a[Name::input_shape]);
    const ConvShape shape = conv_shape(spec, input.data(), static_cast<int>(input.size()));
    if (shape.n == 0) fail(a.function(), "input_shape must have an image", shown(a[Name::input_shape]));
    const Isa& isa = isa_of(a);
    const int threads = threads_of(a);
    const winograd::Level level = level_of(a);
    const bool keep = a.flag(Name::keep);
    with_named_float(a, [&](auto t) {
        using T = decltype(t);
        const Algorithm<T>& algorithm = algorithm_of<T>(a, spec);
        if (keep) wisdom::learn<T>({&isa, threads, level, spec.rank, spec.format, shape}, algorithm);
    });
    return py::none();
}

// One entry for each spatial axis.
template <class Of>
py::object of_axes(const wisdom::Question& q, const Of& of) {
    const Axis* const axes[AXES] = {&q.shape.d, &q.shape.h, &q.shape.w};
    return per_axis(q.rank, [&](int i) { return to_python(of(*axes[i])); });
}

void append(py::handle list, const wisdom::Question& q, const char* dtype, const char* algorithm) {
    const ConvShape& s = q.shape;
    Shape input{s.n, s.c}, weight{s.k, s.c_per_group()};
    const Axis axes[AXES] = {s.d, s.h, s.w};
    for (int i = AXES - q.rank; i < AXES; ++i) {
        input.push_back(axes[i].in);
        weight.push_back(axes[i].kernel);
    }
    const py::object fact = made(PyDict_New());
    set_item(fact, "isa", to_python(q.isa->name));
    set_item(fact, "threads", to_python(int64_t{q.threads}));
    set_item(fact, "winograd", to_python(winograd::name_of(q.level)));
    set_item(fact, "dtype", to_python(dtype));
    set_item(fact, "input_shape", to_python(in_format(input, q.rank, q.format)));
    set_item(fact, "weight_shape", to_python(weight));
    set_item(fact, "stride", of_axes(q, [](const Axis& a) { return a.stride; }));
    set_item(fact, "padding", of_axes(q, [](const Axis& a) { return Shape{a.lo, a.hi}; }));
    set_item(fact, "dilation", of_axes(q, [](const Axis& a) { return a.dilation; }));
    set_item(fact, "groups", to_python(s.groups));
    set_item(fact, "padding_mode", to_python(name_of(s.border)));
    set_item(fact, "data_format", to_python(name_of(q.format)));
    set_item(fact, "algorithm", to_python(algorithm));
    if (PyList_Append(list.ptr(), fact.ptr())) raise();
}

// Those facts of whose question that is true.
template <class Wanted>
py::object facts(const Wanted& wanted) {
    py::object list = made(PyList_New(0));
    const auto append_all = [&](const auto& known, const char* dtype) {
        for (const auto& [question, algorithm] : known)
            if (wanted(question)) append(list, question, dtype, algorithm->name);
    };
    append_all(wisdom::everything<float>(), FLOAT_NAMES[0]);
    append_all(wisdom::everything<double>(), FLOAT_NAMES[1]);
    return list;
}

py::object everything(const Arguments&) {
    return facts([](const wisdom::Question&) { return true; });
}

bool is_of(const ConvSpec& spec, const wisdom::Question& q) {
    const ConvShape& s = q.shape;
    const Axis* const axes[AXES] = {&s.d, &s.h, &s.w};
    for (int i = 0; i < AXES; ++i) {
        const Window& w = spec.window[i];
        if (w.kernel != axes[i]->kernel || w.stride != axes[i]->stride || w.dilation != axes[i]->dilation) return false;
    }
    return spec.rank == q.rank && spec.format == q.format && spec.border == s.border && spec.k == s.k &&
           spec.groups == s.groups && spec.c_per_group == s.c_per_group();
}

py::object forget(const Arguments&) {
    wisdom::forget();
    return py::none();
}

using N = Name;
constexpr Function FUNCTIONS[] = {
    {"learn",
     learn,
     {N::function, N::isa, N::threads, N::winograd, N::dtype, N::input_shape, N::weight_shape, N::stride, N::padding,
      N::dilation, N::groups, N::padding_mode, N::data_format, N::algorithm, N::keep}},
    {"wisdom", everything, {}},
    {"forget", forget, {}},
};

}  // namespace

py::object wisdom_of(const ConvSpec& spec) {
    return facts([&](const wisdom::Question& q) { return is_of(spec, q); });
}

Functions wisdom_functions() { return all_of(FUNCTIONS); }

}  // namespace convx::bindings
