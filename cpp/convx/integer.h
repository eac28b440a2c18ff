#pragma once
#include <cstdint>

namespace convx {

// a >= 0, b > 0
inline int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

}  // namespace convx
