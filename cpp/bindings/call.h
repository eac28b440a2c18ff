// Runs core code without the GIL and lets Ctrl-C through.
#pragma once
#include <pybind11/pybind11.h>

#include "../convx/parallel.h"

namespace convx::bindings {

void start_interrupt_clock();

template <class Body>
void without_gil(const Body& body) {
    start_interrupt_clock();
    try {
        pybind11::gil_scoped_release release;
        body();
    } catch (const Interrupted&) {
        throw pybind11::error_already_set();
    }
}

}  // namespace convx::bindings
