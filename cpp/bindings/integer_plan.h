// Plans whose arithmetic is in integers.
#pragma once
#include <memory>

#include "plan.h"

namespace convx::bindings {

// _core.conv and _core.conv_plan of a weight that holds integers.
py::object integer_conv(const Arguments& a, const Array& weight);
std::unique_ptr<Plan> integer_plan(const Arguments& a, const Array& weight);

}  // namespace convx::bindings
