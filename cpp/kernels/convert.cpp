// Integers to wider ones of the same order, and back.
#include "contracts/argmax.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

// The unsigned 64-bit integers have no wider type: they are moved down by half of their range.
template <class Wide, class T>
constexpr Wide FLIP = static_cast<Wide>(sizeof(Wide) == sizeof(T) ? uint64_t{1} << 63 : 0);

}  // namespace

template <class T>
void Convert<T>::widen(const Widening& w) {
    using Wide = typename WideInteger<T>::type;
    constexpr int L = LANES<Wide>;
    Wide* to = static_cast<Wide*>(w.dst);
    const T* from = static_cast<const T*>(w.src);
    int64_t i = 0;
    if (w.step == 1)
        for (; i + L <= w.count; i += L)
            store(to + i, __builtin_convertvector((load<T, L>(from + i)), vec<Wide>) ^ FLIP<Wide, T>);
    for (; i < w.count; ++i) to[i] = static_cast<Wide>(from[i * w.step]) ^ FLIP<Wide, T>;
}

template <class T>
void Convert<T>::truncate(const Truncation& t) {
    using Wide = typename WideInteger<T>::type;
    constexpr int L = LANES<Wide>;
    T* to = static_cast<T*>(t.dst);
    const Wide* from = static_cast<const Wide*>(t.src);
    int64_t i = 0;
    for (; i + L <= t.count; i += L) {
        const vec<Wide> v = load(from + i) ^ FLIP<Wide, T>;
        store<T, L>(to + i, __builtin_convertvector(v, vec<T, L>));
    }
    for (; i < t.count; ++i) to[i] = static_cast<T>(from[i] ^ FLIP<Wide, T>);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
