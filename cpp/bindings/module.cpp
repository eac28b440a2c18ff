#include "module.h"

PYBIND11_MODULE(_core, m) {
    m.doc() = "The compiled core of convx; called only by the Python layer.";
    convx::bindings::bind_conv(m);
    convx::bindings::bind_conv_transpose(m);
    convx::bindings::bind_deform(m);
    convx::bindings::bind_gradients(m);
    convx::bindings::bind_integer(m);
    convx::bindings::bind_maxout(m);
    convx::bindings::bind_pool(m);
    convx::bindings::bind_pool_adaptive(m);
    convx::bindings::bind_quantized(m);
    convx::bindings::bind_unpool(m);
    convx::bindings::bind_runtime(m);
    convx::bindings::bind_unfold(m);
    convx::bindings::bind_winograd(m);
}
