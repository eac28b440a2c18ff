// Means of bytes, from sums in 16 bits: each of them exact, whatever the order of its terms.
#pragma once
#include "bytes.h"

namespace convx::CONVX_ISA {
namespace {

CONVX_INLINE Shorts divided(Shorts sum, const Divisor& d) { return upper(sum + d.plus, splat(d.factor)) >> d.shift; }

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

// BY zeros, then lanes 0, 1, ...
template <int BY>
CONVX_INLINE Shorts moved_up(Shorts x) {
    return moved_down<S - BY, uint16_t>(Shorts{}, x, AllLanes<uint16_t>{});
}

// Each lane with those STEP, 2 * STEP ... before it.
template <int STEP, int BY = STEP>
CONVX_INLINE Shorts run_on(Shorts x) {
    x += moved_up<BY>(x);
    if constexpr (2 * BY < S) x = run_on<STEP, 2 * BY>(x);
    return x;
}

// Of the last STEP lanes the one that each lane of the next vector follows.
template <int STEP, int... I>
CONVX_INLINE Shorts last_of(Shorts x, Lanes<I...>) {
#if defined(__clang__)
    return __builtin_shufflevector(x, x, (S - STEP + I % STEP)...);
#else
    return __builtin_shuffle(x, vec<int16_t>{(S - STEP + I % STEP)...});
#endif
}

// to[i] = src[i] + src[i - STEP] + ..., modulo 2^16.
template <int STEP>
void run_along(const uint8_t* src, uint16_t* to, int64_t count) {
    Shorts before{};
    for (int64_t i = 0; i < count; i += L) {
        const Wide both = __builtin_convertvector(load(src + i), Wide);
        Shorts x[2];
        __builtin_memcpy(x, &both, sizeof x);
        CONVX_UNROLL
        for (int v = 0; v < 2; ++v) {
            x[v] = run_on<STEP>(x[v]);
            store(to + i + v * S, x[v] + before);
            if constexpr (S % STEP == 0)
                before += last_of<STEP>(x[v], AllLanes<uint16_t>{});  // sooner known than that of the sum
            else
                before = last_of<STEP>(x[v] + before, AllLanes<uint16_t>{});
        }
    }
}

// Those of many channels follow one that lies in memory.
void run_far(const uint8_t* src, uint16_t* to, int64_t step, int64_t count) {
    for (int64_t i = 0; i < count; ++i) to[i] = static_cast<uint16_t>(src[i] + to[i - step]);
}

void run(const uint8_t* src, uint16_t* sums, int64_t step, int64_t count) {
    for (int64_t i = 0; i < step; ++i) sums[i] = 0;
    if (step == 1) return run_along<1>(src, sums + step, count);
    if (step == 3) return run_along<3>(src, sums + step, count);
    if (step == 4) return run_along<4>(src, sums + step, count);
    run_far(src, sums + step, step, count);
}

constexpr int BLOCK = 4;  // vectors of sums, that are made together

// A window is what its last sum has more than the one before its first.
CONVX_INLINE void means(const uint16_t* before, const uint16_t* last, const Divisor& d, Pixels (&to)[BLOCK / 2]) {
    Shorts sum[BLOCK];
    CONVX_UNROLL
    for (int v = 0; v < BLOCK; ++v) sum[v] = load(last + v * S) - load(before + v * S);
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
    const int64_t count = m.count, reach = m.taps * m.step;
    const uint16_t* const sums = m.sums;
    for (int64_t r = 0; r < m.rows; ++r) {
        uint8_t* const dst = m.dst + r * m.dst_row;
        run(m.src + r * m.src_row, m.sums, m.step, count + reach - m.step);
        Pixels made[BLOCK / 2];
        int64_t i = 0;
        for (; i + BLOCK * S <= count; i += BLOCK * S) {
            means(sums + i, sums + i + reach, divisor, made);
            CONVX_UNROLL
            for (int p = 0; p < BLOCK / 2; ++p) store(dst + i + p * L, made[p]);
        }
        if (i == count) continue;
        means(sums + i, sums + i + reach, divisor, made);
        for (int p = 0; i < count; ++p, i += L) store_few(dst + i, made[p], count - i < L ? count - i : L);
    }
}

}  // namespace

}  // namespace convx::CONVX_ISA
