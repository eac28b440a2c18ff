// Sums to 8 bits.
#include "contracts/integer.h"
#include "every.h"

namespace convx::CONVX_ISA {
namespace {

constexpr float ROUNDER = 12582912.0f;  // 1.5 * 2**23: the sum with a small number is that number rounded, bits and all
constexpr int32_t ROUNDER_BITS = 0x4B400000;
constexpr int L = LANES<int32_t>;
constexpr int STEP = VECTOR_BYTES == 64 ? L : 4 * L;  // results of one store

CONVX_INLINE vec<int32_t> rounded(const int32_t* sums, float scale, const Requantize& r) {
    const vec<float> scaled = __builtin_convertvector(load(sums), vec<float>) * scale;
    const vec<float> clamped = clamp<float>(scaled, splat(r.lo), splat(r.hi));
    return (vec<int32_t>)(clamped + ROUNDER) - (ROUNDER_BITS - r.zero);
}

// Every other part of a and b: the lower halves of their elements.
template <class T, class V>
CONVX_INLINE vec<T, VECTOR_BYTES / sizeof(T)> halves(V a, V b) {
    constexpr int N = VECTOR_BYTES / sizeof(T);
    return every_second<0, T, N>((vec<T, N>)a, (vec<T, N>)b, AllLanes<T, N>{});
}

template <int N>
CONVX_INLINE vec<uint8_t, N> eight_bits(const int32_t* sums, float scale, const Requantize& r) {
    if constexpr (N == L) {
        return __builtin_convertvector(rounded(sums, scale, r), vec<uint8_t, N>);
    } else {
        const auto low = halves<int16_t>(rounded(sums, scale, r), rounded(sums + L, scale, r));
        const auto high = halves<int16_t>(rounded(sums + 2 * L, scale, r), rounded(sums + 3 * L, scale, r));
        return halves<uint8_t>(low, high);
    }
}

}  // namespace

void Byte::dot_requantize(const Requantize& call) {
    const Requantize r = call;  // bytes stored may alias what is behind a reference
    for (int64_t i = 0; i < r.rows; ++i) {
        const int32_t* src = r.src + i * r.src_row;
        uint8_t* dst = r.dst + i * r.dst_row;
        const float scale = r.scale[i];
        int64_t p = 0;
        for (; p + STEP <= r.count; p += STEP) store<uint8_t, STEP>(dst + p, eight_bits<STEP>(src + p, scale, r));
        if (p == r.count) continue;
        alignas(64) int32_t few[STEP] = {};
        alignas(64) uint8_t done[STEP];
        for (int64_t q = p; q < r.count; ++q) few[q - p] = src[q];
        store<uint8_t, STEP>(done, eight_bits<STEP>(few, scale, r));
        copy_few<uint8_t, STEP>(dst + p, done, r.count - p);
    }
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
