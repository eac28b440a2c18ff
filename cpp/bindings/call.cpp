#include "call.h"

#include <chrono>

namespace convx::bindings {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto INTERVAL = std::chrono::milliseconds(100);  // short calls never touch the GIL
thread_local Clock::time_point next_poll;

bool poll() {
    if (Clock::now() < next_poll) return false;
    next_poll = Clock::now() + INTERVAL;
    pybind11::gil_scoped_acquire acquire;
    return PyErr_CheckSignals() != 0;
}

}  // namespace

void start_interrupt_clock() {
    interrupt_requested = poll;
    next_poll = Clock::now() + INTERVAL;
}

}  // namespace convx::bindings
