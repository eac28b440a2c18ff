// How many terms of a sum a register tile takes at a time (KC).
#pragma once
#include <algorithm>
#include <cstdint>

#include "../runtime/cache.h"

namespace convx {

template <class T, class K>
int64_t terms_in(int64_t bytes, const K& k) {
    return std::max<int64_t>(bytes / (k.nr * static_cast<int64_t>(sizeof(T))), 16);
}

// Of a panel of nr columns that stays in L1: what it meets streams through the other half.
template <class T, class K>
int64_t cached_terms(const K& k) {
    return terms_in<T>(caches().l1 / 2, k);
}

// Tiles of many rows do so much with what they load that it may as well come from L2.
inline bool loads_little(int64_t mr) { return mr >= 12; }

// Then sums are rarely put away.
template <class T, class K>
int64_t panel_depth(const K& k) {
    return !loads_little(k.mr) ? cached_terms<T>(k) : std::max(terms_in<T>(caches().l2 / 8, k), cached_terms<T>(k));
}

}  // namespace convx
