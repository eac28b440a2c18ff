// Threads, instruction sets, Winograd, and what this build is.
#include <algorithm>

#include "../convx/conv/winograd.h"
#include "../convx/conv/winograd_transform.h"
#include "../convx/runtime/cache.h"
#include "../convx/runtime/isa.h"
#include "../convx/runtime/memory.h"
#include "../convx/runtime/peak.h"
#include "../convx/runtime/threads.h"
#include "../convx/shape/message.h"
#include "functions.h"

namespace convx::bindings {
namespace {

constexpr int64_t MOST_THREADS = 1024;

py::object set_threads(const Arguments& a) {
    const int64_t count = a.integer(Name::n);
    if (count < 1 || count > MOST_THREADS)
        fail(a.function(), "n must be >= 1 and <= " + std::to_string(MOST_THREADS), std::to_string(count));
    set_num_threads(static_cast<int>(count));
    return py::none();
}

py::object restore_thread_setting(const Arguments& a) {
    set_num_threads(static_cast<int>(a.integer(Name::n)));
    return py::none();
}

py::object isas(const Arguments&) { return to_python(usable_isa_names()); }

py::object set_active_isa(const Arguments& a) {
    a.given(Name::name) ? set_isa(a.text(Name::name).c_str()) : set_isa(nullptr);
    return py::none();
}

// GFLOP/s of one core on registers alone, the best of the time given.
py::object measure_peak(const Arguments& a) {
    const double seconds = a.real(Name::seconds);
    double best = 0;
    without_gil([&] { best = fma_peak(seconds); });
    return made(PyFloat_FromDouble(best));
}

py::object info(const Arguments& a) {
    const py::object flags = made(PyDict_New()), d = made(PyDict_New());
    for (const Isa* isa : usable_isas()) set_item(flags, isa->name, to_python(isa->flags));
    set_item(d, "version", to_python(CONVX_VERSION));
    set_item(d, "isa", to_python(active_isa().name));
    set_item(d, "isas", made(PySequence_List(isas(a).ptr())));
    const Caches& sizes = caches();
    set_item(d, "cpu", to_python(cpu_name().c_str()));
    set_item(d, "caches", to_python(Shape{sizes.l1, sizes.l2, sizes.l3}));
    set_item(d, "openmp", to_python(openmp_version()));
    set_item(d, "threads", to_python(int64_t{num_threads()}));
    set_item(d, "compiler", to_python(CONVX_COMPILER));
    set_item(d, "build_type", to_python(CONVX_BUILD_TYPE));
    set_item(d, "flags", flags);
    return d;
}

py::object watch_allocations(const Arguments& a) {
    memory::watch(a.integer(Name::fail_at));
    return py::none();
}

py::object unwatch_allocations(const Arguments&) {
    const memory::Counts counts = memory::unwatch();
    return make_tuple({to_python(counts.made), to_python(counts.alive)});
}

py::object set_winograd(const Arguments& a) {
    using winograd::Level;
    const py::handle level = a[Name::level];
    if (is_bool(level)) {
        winograd::set_level(a.flag(Name::level) ? Level::all : Level::off);
        return py::none();
    }
    if (!PyUnicode_Check(level.ptr())) type_error(a.function(), "level", "must be a bool or a str", level);
    try {
        winograd::set_level(winograd::level_named(a.text(Name::level)));
    } catch (const std::invalid_argument& e) {
        throw std::invalid_argument(a.function() + ": " + e.what());
    }
    return py::none();
}

py::object get_winograd(const Arguments&) { return to_python(winograd::name_of(winograd::level())); }

template <class T>
py::object transform(const winograd::Scheme& scheme, winograd::Stage stage, const Array& given) {
    const Array tile = copied(given, dtype_of<T>());
    const winograd::Sides from = before(scheme, stage), to = after(scheme, stage);
    if (tile.shape() != Shape{from.h, from.w})
        fail("winograd_transform", "tile must have shape " + show({from.h, from.w}), "shape " + show(tile.shape()));
    const std::vector<T> values = winograd::transform<T>(scheme, stage, static_cast<const T*>(tile.data()));
    Array result = fresh(dtype_of<T>(), {to.h, to.w});
    std::copy(values.begin(), values.end(), static_cast<T*>(result.data()));
    return std::move(result);
}

// For tests against the literal matrices: points and taps along H and W. 9 points are those of stride 2.
py::object winograd_transform(const Arguments& a) {
    using winograd::Stage;
    const std::vector<int64_t> points = a.ints(Name::points).values, taps = a.ints(Name::taps).values;
    const auto axis = [&](size_t i) {
        return winograd::AxisScheme{static_cast<int>(points[i]), static_cast<int>(taps[i]), points[i] == 9 ? 2 : 1};
    };
    const winograd::Scheme scheme{axis(0), axis(1)};
    const std::string name = a.text(Name::stage);
    const Stage stage = name == "weight" ? Stage::weight : name == "input" ? Stage::input : Stage::output;
    const Array tile = a.floats(Name::tile);
    return with_float(tile.dtype(), [&](auto t) { return transform<decltype(t)>(scheme, stage, tile); });
}

constexpr Function FUNCTIONS[] = {
    {"set_num_threads", set_threads, {Name::n}},
    {"get_num_threads", [](const Arguments&) { return to_python(int64_t{num_threads()}); }, {}},
    {"thread_setting", [](const Arguments&) { return to_python(int64_t{thread_setting()}); }, {}},
    {"restore_thread_setting", restore_thread_setting, {Name::n}},
    {"isas", isas, {}},
    {"get_isa", [](const Arguments&) { return to_python(active_isa().name); }, {}},
    {"set_isa", set_active_isa, {Name::name}},
    {"fma_peak", measure_peak, {Name::seconds}},
    {"info", info, {}},
    {"watch_allocations", watch_allocations, {Name::fail_at}},
    {"unwatch_allocations", unwatch_allocations, {}},
    {"get_winograd", get_winograd, {}},
    {"set_winograd", set_winograd, {Name::level}},
    {"winograd_transform", winograd_transform, {Name::points, Name::taps, Name::stage, Name::tile}},
};

}  // namespace

void check_environment() {
    const auto check = [](const char* variable, auto read) {
        try {
            read();
        } catch (const std::invalid_argument& e) {
            throw py::import_error(std::string(variable) + ": " + e.what());
        }
    };
    check("CONVX_ISA", active_isa);
    check("CONVX_CACHES", caches);
    check("CONVX_WINOGRAD", winograd::level);
}

Functions runtime_functions() { return all_of(FUNCTIONS); }

}  // namespace convx::bindings
