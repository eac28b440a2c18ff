// What is around every call from Python: exceptions become Python's; core code runs without the GIL and lets Ctrl-C
// through.
#pragma once
#include <exception>

#include "../convx/runtime/interrupt.h"
#include "arguments.h"

namespace convx::bindings {

// The functions of one file of bindings.
struct Functions {
    const Function* first;
    size_t count;
};
template <size_t count>
constexpr Functions all_of(const Function (&functions)[count]) {
    return {functions, count};
}

// Within a catch block: sets Python's exception to what was thrown.
void translate();

// What a C function that Python calls returns.
template <class Body>
PyObject* guarded(const Body& body) {
    try {
        return py::object(body()).release().ptr();
    } catch (...) {
        translate();
        return nullptr;
    }
}

// The GIL is let go of from `release` to `take`. Neither is left to a destructor: at the end of the interpreter a
// daemon thread never gets the GIL back.
class Gil {
  public:
    void release() { state_ = PyEval_SaveThread(); }
    void take();
    // What a call is asked in between: whether a signal handler has raised. Only the main thread runs handlers.
    static bool (*asks())(void*);

  private:
    static bool has_raised(void* gil);
    PyThreadState* state_ = nullptr;
};

void watch_main_thread();  // once, when the module is made

template <class Body>
void without_gil(const Body& body) {
    Gil gil;
    std::exception_ptr failure;
    const auto asks = Gil::asks();
    gil.release();
    try {
        const Asked asked(asks, &gil);
        body();
    } catch (...) {
        failure = std::current_exception();
    }
    gil.take();
    if (!failure) return;
    try {
        std::rethrow_exception(failure);
    } catch (const Interrupted&) {
        raise();
    }
}

}  // namespace convx::bindings
