// What Winograd's last transform has made of a row of tiles, [row of outputs][pixel][lane], goes to where the outputs
// lie.
#pragma once
#include "contracts/winograd.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

constexpr int MOST_PIXELS = 32;  // of a row

// A block with its residual, and the activation, which waited for that: rows of channels or, channels last, of pixels.
template <class T>
__attribute__((noinline)) void store_sum(const WinogradOutput<T>& w, const T* pixels, T* out, int64_t rows,
                                         int64_t count) {
    constexpr int L = LANES<T>;
    const bool last = w.out_channel == 1;
    const int64_t line = last ? w.out_pixel : w.out_channel, lines = last ? count : rows, length = last ? rows : count;
    vec<T> m[L];
    CONVX_UNROLL
    for (int i = 0; i < L; ++i) m[i] = load(pixels + i * L);
    if (!last) transpose<T>(m);
    alignas(64) T block[L * L];
    CONVX_UNROLL
    for (int i = 0; i < L; ++i) store(block + i * L, m[i]);
    const T* const residual = w.epilogue.residual_of(out);
    for (int64_t i = 0; i < lines; ++i) {
        alignas(64) T added[L] = {};
        copy_few(added, residual + i * line, length);
        store(added, activate<T>(load(block + i * L) + load(added), w.epilogue));
        copy_few(out + i * line, added, length);
    }
}

// A lanes x lanes block of [pixel][channel] to `rows` channels of `count` pixels.
template <class T>
__attribute__((noinline)) void store_block(const WinogradOutput<T>& w, const T* pixels, T* out, int64_t rows,
                                           int64_t count) {
    constexpr int L = LANES<T>;
    if (w.epilogue.has_residual) return store_sum(w, pixels, out, rows, count);
    if (w.out_channel == 1) {
        for (int64_t i = 0; i < count; ++i) copy_few(out + i * w.out_pixel, pixels + i * L, rows);
        return;
    }
    vec<T> m[L];
    CONVX_UNROLL
    for (int i = 0; i < L; ++i) m[i] = load(pixels + i * L);
    transpose<T>(m);
    if (rows == L && count == L) {
        const int64_t channel = w.out_channel;
        CONVX_UNROLL
        for (int i = 0; i < L; ++i) store(out + i * channel, m[i]);
        return;
    }
    alignas(64) T block[L * L];
    CONVX_UNROLL
    for (int i = 0; i < L; ++i) store(block + i * L, m[i]);
    for (int64_t i = 0; i < rows; ++i) copy_few(out + i * w.out_channel, block + i * L, count);
}

template <class T>
void store_rows(const WinogradOutput<T>& w, const T* pixels, T* out, int64_t channels, int64_t count) {
    constexpr int L = LANES<T>;
    for (int64_t i = 0; i < w.height; ++i)
        for (int64_t q = 0; q < count; q += L)
            store_block(w, pixels + (i * MOST_PIXELS + q) * L, out + i * w.out_row + q * w.out_pixel, channels,
                        count - q < L ? count - q : L);
}

// While they are made. Channels last, the lines of a tile are few and long.
template <class T>
CONVX_INLINE void prefetch_rows(const WinogradOutput<T>& w, const T* out, int64_t channels, int64_t count) {
    constexpr int64_t LINE = 64 / sizeof(T);
    if (!w.far_out || w.out_channel == 1) return;
    for (int64_t k = 0; k < channels; ++k, out += w.out_channel) {
        const T* row = out;
        for (int64_t i = 0; i < w.height; ++i, row += w.out_row) {
            for (int64_t q = 0; q < count; q += LINE) __builtin_prefetch(row + q, 1);
            __builtin_prefetch(row + count - 1, 1);
        }
    }
}

}  // namespace
}  // namespace convx::CONVX_ISA
