// Means of bytes, from sums in 16 bits: each of them exact, whatever the order of its terms.
#pragma once
#include "bytes.h"

namespace convx::CONVX_ISA {
namespace {

CONVX_INLINE Shorts divided(Shorts sum, const Divisor& d) { return upper(sum + d.plus, d.factor) >> d.shift; }

CONVX_INLINE Halves read(const void* row, int64_t i) { return halves(static_cast<const uint8_t*>(row) + i); }
CONVX_INLINE Halves read_few(const void* row, int64_t i, int64_t n) {
    return halves(load_few(static_cast<const uint8_t*>(row) + i, n));
}

CONVX_INLINE Halves kept(const uint16_t* sums) { return {load(sums), load(sums + S)}; }

CONVX_INLINE void keep(uint16_t* sums, Halves x) {
    store(sums, x.even);
    store(sums + S, x.odd);
}

// Sums of the first rows, of whole vectors; the last one has `left` bytes, or none.
void begin(const ByteMeansDown& m, int64_t whole, int64_t left) {
    for (int64_t i = 0; i <= whole; i += L) keep(m.sums + i, Halves{});
    for (int64_t t = 0; t < m.taps - 1; ++t) {
        for (int64_t i = 0; i < whole; i += L) keep(m.sums + i, kept(m.sums + i) + read(m.src[t], i));
        if (left) keep(m.sums + whole, kept(m.sums + whole) + read_few(m.src[t], whole, left));
    }
}

// A row is added to the sum before its mean, one is taken away behind it.
template <class Read, class Store>
CONVX_INLINE void move_down(const ByteMeansDown& m, int64_t i, Read read_at, Store store_at) {
    Halves sum = kept(m.sums + i);
    uint8_t* dst = m.dst + i;
    for (int64_t r = 0; r < m.rows; ++r, dst += m.dst_row) {
        sum = sum + read_at(m.src[r + m.taps - 1], i);
        store_at(dst, together({divided(sum.even, m.divisor), divided(sum.odd, m.divisor)}));
        sum = sum - read_at(m.src[r], i);
    }
    keep(m.sums + i, sum);
}

void means_down(const ByteMeansDown& means) {
    const ByteMeansDown m = means;  // which no store to bytes changes
    const int64_t whole = m.count / L * L, left = m.count - whole;
    if (m.first) begin(m, whole, left);
    for (int64_t i = 0; i < whole; i += L) move_down(m, i, read, store<uint8_t>);
    if (left)
        move_down(
            m, whole, [&](const void* row, int64_t i) { return read_few(row, i, left); },
            [&](uint8_t* dst, Pixels x) { store_few(dst, x, left); });
}

void widen(const uint8_t* src, uint16_t* to, int64_t count) {
    for (int64_t i = 0; i < count; i += L) {
        const Wide x = __builtin_convertvector(load(src + i), Wide);
        __builtin_memcpy(to + i, &x, sizeof x);
    }
}

// Sums of four elements that lie `step` apart.
void fours(const uint16_t* src, int64_t step, uint16_t* sums, int64_t count) {
    for (int64_t i = 0; i < count; i += S)
        store(sums + i, (load(src + i) + load(src + i + step)) + (load(src + i + 2 * step) + load(src + i + 3 * step)));
}

// Where those sums lie, of up to three of each length, that a window is put together from.
struct Parts {
    const uint16_t* sums[3 * ByteMeansAlong::LEVELS];
    int64_t count;
};

// From sums of 1, 4, 16 ... bytes.
Parts parts_of(const ByteMeansAlong& m, const uint8_t* src) {
    Parts parts;
    parts.count = 0;
    int64_t at = 0, step = m.step, readable = m.count + (m.taps - 1) * step;
    uint16_t* level = m.sums;
    widen(src, level, readable);
    for (int64_t left = m.taps;; step *= 4) {
        for (int64_t d = left % 4; d > 0; --d, at += step) parts.sums[parts.count++] = level + at;
        if (!(left /= 4)) return parts;
        readable -= 3 * step;
        fours(level, step, level + m.sums_row, readable);
        level += m.sums_row;
    }
}

constexpr int BLOCK = 4;  // vectors of sums, that are made together

CONVX_INLINE void means(const Parts& parts, int64_t i, const Divisor& d, Pixels (&to)[BLOCK / 2]) {
    Shorts sum[BLOCK];
    CONVX_UNROLL
    for (int v = 0; v < BLOCK; ++v) sum[v] = load(parts.sums[0] + i + v * S);
    for (int64_t k = 1; k < parts.count; ++k) {
        CONVX_UNROLL
        for (int v = 0; v < BLOCK; ++v) sum[v] += load(parts.sums[k] + i + v * S);
    }
    CONVX_UNROLL
    for (int v = 0; v < BLOCK; ++v) sum[v] = divided(sum[v], d);
    CONVX_UNROLL
    for (int p = 0; p < BLOCK / 2; ++p) {
        Wide both;
        __builtin_memcpy(&both, sum + 2 * p, sizeof both);
        to[p] = __builtin_convertvector(both, Pixels);
    }
}

void means_along(const ByteMeansAlong& m) {
    const Divisor divisor = m.divisor;
    const int64_t count = m.count;
    for (int64_t r = 0; r < m.rows; ++r) {
        uint8_t* const dst = m.dst + r * m.dst_row;
        const Parts parts = parts_of(m, m.src + r * m.src_row);
        Pixels made[BLOCK / 2];
        int64_t i = 0;
        for (; i + BLOCK * S <= count; i += BLOCK * S) {
            means(parts, i, divisor, made);
            CONVX_UNROLL
            for (int p = 0; p < BLOCK / 2; ++p) store(dst + i + p * L, made[p]);
        }
        if (i == count) continue;
        means(parts, i, divisor, made);
        for (int p = 0; i < count; ++p, i += L) store_few(dst + i, made[p], count - i < L ? count - i : L);
    }
}

}  // namespace

}  // namespace convx::CONVX_ISA
