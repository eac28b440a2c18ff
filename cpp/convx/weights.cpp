#include "weights.h"

#include <cstring>
#include <type_traits>

namespace convx {

template <class T>
bool all_finite(const T* w, int64_t count) {
    using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
    constexpr Bits EXPONENT = sizeof(T) == 4 ? Bits(0x7f800000u) : Bits(0x7ff0000000000000u);
    Bits found = 0;
    for (int64_t i = 0; i < count; ++i) {
        Bits bits;
        std::memcpy(&bits, w + i, sizeof bits);
        found |= Bits((bits & EXPONENT) == EXPONENT);
    }
    return found == 0;
}

template bool all_finite(const float*, int64_t);
template bool all_finite(const double*, int64_t);

}  // namespace convx
