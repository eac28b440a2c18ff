// Rows of several channels into one row of words.
#include "contracts/integer.h"
#include "simd.h"

namespace convx::CONVX_ISA {

namespace {

using Part8 = vec<uint8_t, 16>;
using Part16 = vec<int16_t, 8>;

// a0 b0 a1 b1 ... of the lower or the upper half.
template <bool UPPER, class V, int... I>
CONVX_INLINE V zip(V a, V b, Lanes<I...>) {
    constexpr int L = sizeof...(I);
#if defined(__clang__)
    return __builtin_shufflevector(a, b, ((I & 1 ? L : 0) + I / 2 + (UPPER ? L / 2 : 0))...);
#else
    return __builtin_shuffle(a, b, decltype(a < b){((I & 1 ? L : 0) + I / 2 + (UPPER ? L / 2 : 0))...});
#endif
}

using Bytes16 = AllLanes<uint8_t, 16>;
using Halves8 = AllLanes<int16_t, 8>;

CONVX_INLINE Part8 part(const WordRow& r, int c, int64_t i) {
    return load<uint8_t, 16>(r.x + (c < r.channels ? c : 0) * r.channel + i) ^ r.flip;
}

CONVX_INLINE void words16(const WordRow& r, int64_t i, Bytes*) {
    const Part8 a = part(r, 0, i), b = part(r, 1, i), c = part(r, 2, i), d = part(r, 3, i);
    const Part16 ab[2] = {(Part16)zip<false>(a, b, Bytes16{}), (Part16)zip<true>(a, b, Bytes16{})};
    const Part16 cd[2] = {(Part16)zip<false>(c, d, Bytes16{}), (Part16)zip<true>(c, d, Bytes16{})};
    CONVX_UNROLL
    for (int h = 0; h < 2; ++h) {
        store<int32_t, 4>(r.dst + i + 8 * h, (vec<int32_t, 4>)zip<false>(ab[h], cd[h], Halves8{}));
        store<int32_t, 4>(r.dst + i + 8 * h + 4, (vec<int32_t, 4>)zip<true>(ab[h], cd[h], Halves8{}));
    }
}

CONVX_INLINE void words16(const WordRow& r, int64_t i, Pairs*) {
    const Part8 a = part(r, 0, i), b = part(r, 1, i), zero = {};
    const Part8 ab[2] = {zip<false>(a, b, Bytes16{}), zip<true>(a, b, Bytes16{})};
    CONVX_UNROLL
    for (int h = 0; h < 2; ++h) {
        const Part16 low = (Part16)zip<false>(ab[h], zero, Bytes16{}) - r.offset;
        const Part16 high = (Part16)zip<true>(ab[h], zero, Bytes16{}) - r.offset;
        store<int32_t, 4>(r.dst + i + 8 * h, (vec<int32_t, 4>)low);
        store<int32_t, 4>(r.dst + i + 8 * h + 4, (vec<int32_t, 4>)high);
    }
}

// One channel: parts of other channels are zeros.
CONVX_INLINE void single16(const WordRow& r, int64_t i) {
    const vec<uint8_t, 16> x = part(r, 0, i);
    if constexpr (VECTOR_BYTES == 64) {
        store<int32_t, 16>(r.dst + i, (vec<int32_t, 16>)__builtin_convertvector(x, vec<uint32_t, 16>) - r.offset);
    } else {
        const Part8 zero = {};
        const Part8 parts[2] = {zip<false>(x, zero, Bytes16{}), zip<true>(x, zero, Bytes16{})};
        CONVX_UNROLL
        for (int h = 0; h < 2; ++h) {
            const Part16 low = zip<false>((Part16)parts[h], (Part16)zero, Halves8{});
            const Part16 high = zip<true>((Part16)parts[h], (Part16)zero, Halves8{});
            store<int32_t, 4>(r.dst + i + 8 * h, (vec<int32_t, 4>)low - r.offset);
            store<int32_t, 4>(r.dst + i + 8 * h + 4, (vec<int32_t, 4>)high - r.offset);
        }
    }
}

template <class Op>
struct Format;
template <>
struct Format<Bytes> {
    static constexpr int PARTS = 4;
    using Part = uint8_t;
};
template <>
struct Format<Pairs> {
    static constexpr int PARTS = 2;
    using Part = uint16_t;
};

template <class Op>
CONVX_INLINE int32_t word(const WordRow& r, int64_t i) {
    using Part = typename Format<Op>::Part;
    const uint8_t* x = r.x + i * r.step;
    uint32_t word = 0;
    CONVX_UNROLL
    for (int c = 0; c < Format<Op>::PARTS; ++c)
        if (c < r.channels)
            word |= static_cast<uint32_t>(static_cast<Part>((x[c * r.channel] ^ r.flip) - r.offset))
                    << (c * 8 * static_cast<int>(sizeof(Part)));
    return static_cast<int32_t>(word);
}

}  // namespace

template <class Product>
void Word<Product>::dot_words(const WordRow& r) {
    if (r.step == 1 && r.count >= 16 && r.channels == 1) {
        for (int64_t i = 0; i + 16 <= r.count; i += 16) single16(r, i);
        if (r.count % 16) single16(r, r.count - 16);
        return;
    }
    if (r.step == 1 && r.count >= 16) {
        for (int64_t i = 0; i + 16 <= r.count; i += 16) words16(r, i, static_cast<Product*>(nullptr));
        if (r.count % 16) words16(r, r.count - 16, static_cast<Product*>(nullptr));  // overlaps its neighbour
        return;
    }
    for (int64_t i = 0; i < r.count; ++i) r.dst[i] = word<Product>(r, i);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
