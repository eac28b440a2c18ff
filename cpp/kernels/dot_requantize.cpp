// Sums to 8 bits.
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

constexpr float ROUNDER = 12582912.0f;  // 1.5 * 2**23: the sum with a small number is that number rounded, bits and all
constexpr int32_t ROUNDER_BITS = 0x4B400000;
constexpr int L = LANES<int32_t>;

CONVX_INLINE vec<uint8_t, L> eight_bits(vec<int32_t> sum, float scale, const Requantize& r) {
    const vec<float> scaled = __builtin_convertvector(sum, vec<float>) * scale;
    const vec<float> clamped = clamp<float>(scaled, splat(r.lo), splat(r.hi));
    const vec<int32_t> rounded = (vec<int32_t>)(clamped + ROUNDER) - (ROUNDER_BITS - r.zero);
    return __builtin_convertvector(rounded, vec<uint8_t, L>);
}

}  // namespace

void requantize(const Requantize& r) {
    for (int64_t i = 0; i < r.rows; ++i) {
        const int32_t* src = r.src + i * r.src_row;
        uint8_t* dst = r.dst + i * r.dst_row;
        int64_t p = 0;
        for (; p + L <= r.count; p += L) store<uint8_t, L>(dst + p, eight_bits(load(src + p), r.scale[i], r));
        if (p == r.count) continue;
        alignas(64) int32_t few[L] = {};
        alignas(64) uint8_t done[L];
        copy_few(few, src + p, r.count - p);
        store<uint8_t, L>(done, eight_bits(load(few), r.scale[i], r));
        copy_few<uint8_t, L>(dst + p, done, r.count - p);
    }
}

}  // namespace convx::CONVX_ISA
