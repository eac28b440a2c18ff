// Sizes that blocking is derived from.
#pragma once
#include <cstdint>

namespace convx {

struct Caches {
    int64_t l1, l2, l3;  // bytes: data and second level of one core, the last level of all
};

// What the system reports, or CONVX_CACHES="32K,512K,16M" in its place. The same for the life of the process, as packed
// weights follow it. Throws std::invalid_argument where the variable cannot be read.
const Caches& caches();

}  // namespace convx
