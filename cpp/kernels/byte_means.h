// Means of bytes, from sums in 16 bits: each of them exact, whatever the order of its terms.
#pragma once
#include "bytes.h"

namespace convx::CONVX_ISA {
namespace {

CONVX_INLINE Shorts divided(Shorts sum, const Divisor& d) { return upper(sum + d.plus, d.factor) >> d.shift; }
CONVX_INLINE Halves divided(Halves sum, const Divisor& d) { return {divided(sum.even, d), divided(sum.odd, d)}; }

// A whole vector, or the bytes that are left of one.
template <bool WHOLE>
CONVX_INLINE Halves read(const ByteMeansDown& m, int64_t row, int64_t i) {
    const uint8_t* const p = static_cast<const uint8_t*>(m.src[row]) + i;
    return halves(WHOLE ? load(p) : load_few(p, m.count - i));
}

CONVX_INLINE Halves kept(const uint16_t* sums) { return {load(sums), load(sums + S)}; }

CONVX_INLINE void keep(uint16_t* sums, Halves x) {
    store(sums, x.even);
    store(sums + S, x.odd);
}

template <bool WHOLE>
CONVX_INLINE void add(const ByteMeansDown& m, int64_t row, int64_t i) {
    keep(m.sums + i, kept(m.sums + i) + read<WHOLE>(m, row, i));
}

// Rows of means of one vector: a row is added to the sum before its mean, one is taken away behind it.
template <bool WHOLE>
CONVX_INLINE void means(const ByteMeansDown& m, int64_t i) {
    Halves sum = kept(m.sums + i);
    for (int64_t r = 0; r < m.rows; ++r) {
        sum = sum + read<WHOLE>(m, r + m.taps - 1, i);
        const Pixels mean = together(divided(sum, m.divisor));
        uint8_t* const dst = m.dst + r * m.dst_row + i;
        if constexpr (WHOLE)
            store(dst, mean);
        else
            store_few(dst, mean, m.count - i);
        sum = sum - read<WHOLE>(m, r, i);
    }
    keep(m.sums + i, sum);
}

void means_down(const ByteMeansDown& m) {
    const int64_t whole = m.count / L * L;
    if (m.first) {
        for (int64_t i = 0; i < m.count; i += S) store(m.sums + i, Shorts{});
        store(m.sums + whole, Shorts{});
        store(m.sums + whole + S, Shorts{});
        for (int64_t t = 0; t < m.taps - 1; ++t) {
            for (int64_t i = 0; i < whole; i += L) add<true>(m, t, i);
            if (whole < m.count) add<false>(m, t, whole);
        }
    }
    for (int64_t i = 0; i < whole; i += L) means<true>(m, i);
    if (whole < m.count) means<false>(m, whole);
}

CONVX_INLINE Shorts read_shorts(const uint8_t* p) { return __builtin_convertvector((load<uint8_t, S>(p)), Shorts); }
CONVX_INLINE Shorts read_shorts(const uint16_t* p) { return load(p); }

// Sums of four elements that lie `step` apart.
template <class T>
void fours(const T* src, int64_t step, uint16_t* sums, int64_t count) {
    for (int64_t i = 0; i < count; i += S)
        store(sums + i, (read_shorts(src + i) + read_shorts(src + i + step)) +
                            (read_shorts(src + i + 2 * step) + read_shorts(src + i + 3 * step)));
}

// What a window is put together from: up to three bytes, and up to three sums of each length.
struct Parts {
    const uint8_t* bytes[3];
    const uint16_t* sums[3 * ByteMeansAlong::LEVELS];
    int64_t byte_count, sum_count;

    __attribute__((always_inline)) Shorts at(int64_t i) const {
        Shorts sum{};
        for (int64_t k = 0; k < byte_count; ++k) sum += read_shorts(bytes[k] + i);
        for (int64_t k = 0; k < sum_count; ++k) sum += load(sums[k] + i);
        return sum;
    }
};

// Sums of 4, 16, 64 ... bytes.
Parts parts_of(const ByteMeansAlong& m, const uint8_t* src) {
    Parts parts{};
    int64_t left = m.taps, at = 0, length = m.step, readable = m.count + (m.taps - 1) * m.step;
    const uint16_t* level = nullptr;
    for (int64_t k = 0;; ++k) {
        for (int64_t d = left % 4; d > 0; --d, at += length)
            if (level)
                parts.sums[parts.sum_count++] = level + at;
            else
                parts.bytes[parts.byte_count++] = src + at;
        if (!(left /= 4)) return parts;
        uint16_t* const next = m.sums + k * m.sums_row;
        readable -= 3 * length;
        if (level)
            fours(level, length, next, readable);
        else
            fours(src, length, next, readable);
        level = next;
        length *= 4;
    }
}

CONVX_INLINE Pixels means(const Parts& parts, int64_t i, const Divisor& d) {
    const Shorts both[2] = {divided(parts.at(i), d), divided(parts.at(i + S), d)};
    vec<uint16_t, L> shorts;
    __builtin_memcpy(&shorts, both, sizeof both);
    return __builtin_convertvector(shorts, Pixels);
}

void means_along(const ByteMeansAlong& m) {
    const int64_t whole = m.count / L * L;
    for (int64_t r = 0; r < m.rows; ++r) {
        uint8_t* const dst = m.dst + r * m.dst_row;
        const Parts parts = parts_of(m, m.src + r * m.src_row);
        for (int64_t i = 0; i < whole; i += L) store(dst + i, means(parts, i, m.divisor));
        if (whole < m.count) store_few(dst + whole, means(parts, whole, m.divisor), m.count - whole);
    }
}

}  // namespace

}  // namespace convx::CONVX_ISA
