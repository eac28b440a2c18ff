// Integers to wider ones of the same order, and back.
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

// The unsigned 64-bit integers have no wider type: they are moved down by half of their range.
template <class Wide, class T>
constexpr uint64_t FLIP = sizeof(Wide) == sizeof(T) ? uint64_t{1} << 63 : 0;

}  // namespace

template <class Wide, class T>
void widen(void* dst, const void* src, int64_t step, int64_t count) {
    constexpr int L = LANES<Wide>;
    Wide* to = static_cast<Wide*>(dst);
    const T* from = static_cast<const T*>(src);
    int64_t i = 0;
    if (step == 1)
        for (; i + L <= count; i += L)
            store(to + i,
                  __builtin_convertvector((load<T, L>(from + i)), vec<Wide>) ^ static_cast<Wide>(FLIP<Wide, T>));
    for (; i < count; ++i) to[i] = static_cast<Wide>(from[i * step]) ^ static_cast<Wide>(FLIP<Wide, T>);
}

template <class Wide, class T>
void narrow(void* dst, const void* src, int64_t count) {
    constexpr int L = LANES<Wide>;
    T* to = static_cast<T*>(dst);
    const Wide* from = static_cast<const Wide*>(src);
    int64_t i = 0;
    for (; i + L <= count; i += L) {
        const vec<Wide> v = load(from + i) ^ static_cast<Wide>(FLIP<Wide, T>);
        store<T, L>(to + i, __builtin_convertvector(v, vec<T, L>));
    }
    for (; i < count; ++i) to[i] = static_cast<T>(from[i] ^ static_cast<Wide>(FLIP<Wide, T>));
}

template void widen<int32_t, int8_t>(void*, const void*, int64_t, int64_t);
template void widen<int32_t, uint8_t>(void*, const void*, int64_t, int64_t);
template void widen<int32_t, int16_t>(void*, const void*, int64_t, int64_t);
template void widen<int32_t, uint16_t>(void*, const void*, int64_t, int64_t);
template void widen<int64_t, uint32_t>(void*, const void*, int64_t, int64_t);
template void widen<int64_t, uint64_t>(void*, const void*, int64_t, int64_t);
template void narrow<int32_t, int8_t>(void*, const void*, int64_t);
template void narrow<int32_t, uint8_t>(void*, const void*, int64_t);
template void narrow<int32_t, int16_t>(void*, const void*, int64_t);
template void narrow<int32_t, uint16_t>(void*, const void*, int64_t);
template void narrow<int64_t, uint32_t>(void*, const void*, int64_t);
template void narrow<int64_t, uint64_t>(void*, const void*, int64_t);

}  // namespace convx::CONVX_ISA
