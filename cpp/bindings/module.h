#pragma once
#include <pybind11/pybind11.h>

namespace convx::bindings {

void bind_conv(pybind11::module_& m);
void bind_conv_transpose(pybind11::module_& m);
void bind_deform(pybind11::module_& m);
void bind_gradients(pybind11::module_& m);
void bind_integer(pybind11::module_& m);
void bind_maxout(pybind11::module_& m);
void bind_pool(pybind11::module_& m);
void bind_pool_adaptive(pybind11::module_& m);
void bind_quantized(pybind11::module_& m);
void bind_runtime(pybind11::module_& m);
void bind_unpool(pybind11::module_& m);
void bind_unfold(pybind11::module_& m);
void bind_winograd(pybind11::module_& m);

}  // namespace convx::bindings
