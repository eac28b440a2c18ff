// How many terms of a sum a register tile takes at a time.
#pragma once
#include <algorithm>
#include <cstdint>

#include "../runtime/cache.h"

namespace convx {

// KC: a panel of nr columns that many terms deep fills half of L1; what it meets streams through the rest.
template <class T, class K>
int64_t panel_depth(const K& k) {
    return std::max<int64_t>(caches().l1 / 2 / (k.nr * static_cast<int64_t>(sizeof(T))), 16);
}

}  // namespace convx
