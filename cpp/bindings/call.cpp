#include "call.h"

#include <atomic>

#if defined(__linux__)
#include <cxxabi.h>
#include <pthread.h>
#include <unistd.h>
#endif

namespace convx::bindings {
namespace {

// The thread that runs signal handlers: after a fork the one that forked.
std::atomic<unsigned long> main_thread{0};

unsigned long find_main_thread() {
#if defined(__linux__)
    pthread_atfork(nullptr, nullptr, [] { main_thread = PyThread_get_thread_ident(); });
#endif
    const py::object threading = made(PyImport_ImportModule("threading"));
    return PyLong_AsUnsignedLong(attribute(call(attribute(threading, "main_thread"), {}), "ident").ptr());
}

}  // namespace

void watch_main_thread() { main_thread = find_main_thread(); }

// Python before 3.14 ends a daemon thread here once the interpreter has gone, and unwinds its stack. Objects on it must
// not be let go of without the GIL, nor may it vanish below the threads of a team: the thread waits for the process to
// end.
void Gil::take() {
#if defined(__GLIBCXX__) && defined(__linux__)
    try {
        PyEval_RestoreThread(state_);
    } catch (const abi::__forced_unwind&) {
        for (;;) pause();
    }
#else
    PyEval_RestoreThread(state_);
#endif
}

bool Gil::has_raised(void* self) {
    Gil& gil = *static_cast<Gil*>(self);
    gil.take();
    const bool raised = PyErr_CheckSignals() != 0;
    gil.release();
    return raised;
}

bool (*Gil::asks())(void*) { return PyThread_get_thread_ident() == main_thread ? has_raised : nullptr; }

}  // namespace convx::bindings
