#include "weights.h"

#include <algorithm>
#include <cstring>

namespace convx {

template <class T>
void pack_transposed(T* dst, int64_t width, const T* w, int64_t rows, int64_t depth) {
    constexpr int64_t STRIP = 64;  // a strip of the destination stays in L1 while its columns are filled
    for (int64_t d0 = 0; d0 < depth; d0 += STRIP) {
        const int64_t d1 = std::min(d0 + STRIP, depth);
        for (int64_t i = 0; i < width; ++i)
            for (int64_t d = d0; d < d1; ++d) dst[d * width + i] = i < rows ? w[i * depth + d] : T(0);
    }
}

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

template void pack_transposed(float*, int64_t, const float*, int64_t, int64_t);
template void pack_transposed(double*, int64_t, const double*, int64_t, int64_t);
template bool all_finite(const float*, int64_t);
template bool all_finite(const double*, int64_t);

}  // namespace convx
