// Threads, instruction sets, and what this build is.
#include <pybind11/stl.h>

#include <chrono>

#include "../convx/isa.h"
#include "../convx/memory.h"
#include "../convx/message.h"
#include "../convx/threads.h"
#include "args.h"
#include "call.h"
#include "module.h"

namespace convx::bindings {
namespace {

constexpr int64_t MOST_THREADS = 1024;

void set_threads(py::handle n) {
    const int64_t count = parse_int("set_num_threads", "n", n);
    if (count < 1 || count > MOST_THREADS)
        fail("set_num_threads", "n must be >= 1 and <= " + std::to_string(MOST_THREADS), std::to_string(count));
    set_num_threads(static_cast<int>(count));
}

py::tuple isa_names() {
    py::list names;
    for (const Isa* isa : usable_isas()) names.append(isa->name);
    return py::tuple(names);
}

// GFLOP/s of one core on registers alone, the best of the time given.
double fma_peak(double seconds) {
    const Kernels<float>& k = kernels_of<float>(*active_isa().kernels);
    const auto now = [] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    };
    double best = 0;
    without_gil([&] {
        float sink = 0.5f;
        const double end = now() + seconds;
        do {
            checkpoint();
            const double start = now();
            const double operations = k.fma_burst({100000, &sink});
            best = std::max(best, operations / (now() - start) * 1e-9);
            sink = 0.5f;
        } while (now() < end);
    });
    return best;
}

py::dict info() {
    py::dict flags;
    for (const Isa* isa : usable_isas()) flags[isa->name] = isa->flags;
    py::dict d;
    d["version"] = CONVX_VERSION;
    d["isa"] = active_isa().name;
    d["isas"] = py::list(isa_names());
    d["openmp"] = openmp_version();
    d["threads"] = num_threads();
    d["compiler"] = CONVX_COMPILER;
    d["build_type"] = CONVX_BUILD_TYPE;
    d["flags"] = flags;
    return d;
}

}  // namespace

void bind_runtime(py::module_& m) {
    m.def("set_num_threads", &set_threads);
    m.def("get_num_threads", &num_threads);
    m.def("thread_setting", &thread_setting);
    m.def("restore_thread_setting", &set_num_threads);
    m.def("isas", &isa_names);
    m.def("get_isa", [] { return active_isa().name; });
    m.def("set_isa", [](const std::optional<std::string>& name) { set_isa(name ? name->c_str() : nullptr); });
    m.def("fma_peak", &fma_peak);
    m.def("info", &info);
    m.def("watch_allocations", &memory::watch);
    m.def("unwatch_allocations", [] {
        const memory::Counts counts = memory::unwatch();
        return py::make_tuple(counts.made, counts.alive);
    });
    watch_main_thread();
    try {
        active_isa();
    } catch (const std::invalid_argument& e) {
        throw py::import_error(std::string("CONVX_ISA: ") + e.what());
    }
}

}  // namespace convx::bindings
