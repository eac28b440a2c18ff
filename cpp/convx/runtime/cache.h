// Sizes that blocking is derived from.
#pragma once
#include <cstdint>

namespace convx {

int64_t l2_bytes();  // of one core

}  // namespace convx
