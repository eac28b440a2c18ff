// Direct convolution for few channels: lanes are pixels, read where they lie; a few output channels are broadcast.
#include "contracts/direct.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class T, int N, int ROWS, int VECS>
CONVX_INLINE void step(vec<T, N> (&acc)[ROWS][VECS], const T* const (&x)[VECS], int64_t tap, const T* w) {
    vec<T, N> xv[VECS];
    CONVX_UNROLL
    for (int v = 0; v < VECS; ++v) xv[v] = load<T, N>(x[v] + tap);
    CONVX_UNROLL
    for (int i = 0; i < ROWS; ++i) {
        const vec<T, N> wv = splat<T, N>(w[i]);
        CONVX_UNROLL
        for (int v = 0; v < VECS; ++v) acc[i][v] += wv * xv[v];
    }
}

// Tiles of more sums hide a loop; those of fewer are rare.
template <class T, int ROWS, int VECS>
constexpr bool UNROLLS = !FEW_TILES<T> && ROWS * VECS > 8 && ROWS* VECS <= 12;

// `count` terms of the sum; at(i) says where in x the pixels of the i-th lie.
template <class T, int N, int ROWS, int VECS, class At>
CONVX_INLINE void steps(vec<T, N> (&acc)[ROWS][VECS], const T* const (&x)[VECS], const T* w, int64_t count,
                        const At& at) {
    if constexpr (UNROLLS<T, ROWS, VECS>) {
        CONVX_UNROLL_LOOP
        for (int64_t i = 0; i < count; ++i, w += ROWS) step<T, N>(acc, x, at(i), w);
    } else {
        for (int64_t i = 0; i < count; ++i, w += ROWS) step<T, N>(acc, x, at(i), w);
    }
}

template <class T, int N, int ROWS, int VECS>
CONVX_INLINE void accumulate(vec<T, N> (&acc)[ROWS][VECS], const PixelTile<T>& t, const PixelVector* at) {
    const T* x[VECS];
    CONVX_UNROLL
    for (int v = 0; v < VECS; ++v) x[v] = t.x + at[v].x;
    if constexpr (UNROLLS<T, ROWS, VECS>) {
        const auto channel = [&](int64_t c) { return t.x_tap[0] + c * t.x_channel; };
        if (t.taps == 1) return steps<T, N>(acc, x, t.w, t.depth, channel);
    }
    const T* w = t.w;
    for (int64_t c = 0; c < t.depth; ++c, w += t.taps * ROWS) {
        steps<T, N>(acc, x, w, t.taps, [&](int64_t i) { return t.x_tap[i]; });
        CONVX_UNROLL
        for (int v = 0; v < VECS; ++v) x[v] += t.x_channel;
    }
}

template <class T, int N, int ROWS, int VECS>
CONVX_INLINE void add_bias(vec<T, N> (&acc)[ROWS][VECS], const Epilogue<T>& e) {
    CONVX_UNROLL
    for (int i = 0; i < ROWS; ++i) {
        const vec<T, N> bias = splat<T, N>(e.bias ? e.bias[i] : T(-0.0));  // -0.0 is neutral
        CONVX_UNROLL
        for (int v = 0; v < VECS; ++v) acc[i][v] += bias;
    }
}

// A tile with partial vectors that may not be read or written whole goes through a copy of its output.
template <class T, int N>
__attribute__((noinline)) void load_edge(const PixelTile<T>& t, const PixelVector* at, int vectors, T* edge,
                                         const T* from) {
    for (int i = 0; i < t.rows; ++i, from += t.out_channel)
        for (int v = 0; v < vectors; ++v, edge += N) copy_few<T, N>(edge, from + at[v].out, at[v].count);
}
template <class T, int N>
__attribute__((noinline)) void store_edge(const PixelTile<T>& t, const PixelVector* at, int vectors, const T* edge) {
    T* to = t.out;
    for (int i = 0; i < t.rows; ++i, to += t.out_channel)
        for (int v = 0; v < vectors; ++v, edge += N) copy_few<T, N>(to + at[v].out, edge, at[v].count);
}

template <class T, int N, int ROWS, int VECS>
CONVX_INLINE void add_residual(vec<T, N> (&acc)[ROWS][VECS], const PixelTile<T>& t, const PixelVector* at, T* edge,
                               bool whole) {
    const T* const from = t.epilogue.residual_of(t.out);
    if (!whole) load_edge<T, N>(t, at, VECS, edge, from);
    const T* row = from;
    CONVX_UNROLL
    for (int i = 0; i < ROWS; ++i) {
        CONVX_UNROLL
        for (int v = 0; v < VECS; ++v) acc[i][v] += load<T, N>(whole ? row + at[v].out : edge + (i * VECS + v) * N);
        next_row(row, t.out_channel);
    }
}

template <class T, int N, int ROWS, int VECS>
void tile(const PixelTile<T>& t, const PixelVector* at) {
    alignas(64) T edge[ROWS * VECS * N];
    bool whole = true;
    CONVX_UNROLL
    for (int v = 0; v < VECS; ++v) whole &= at[v].count == N || (t.first && at[v].out + N <= t.room);
    vec<T, N> acc[ROWS][VECS];
    if (t.first) {
        CONVX_UNROLL
        for (int i = 0; i < ROWS; ++i) {
            CONVX_UNROLL
            for (int v = 0; v < VECS; ++v) acc[i][v] = vec<T, N>{};
        }
    } else {
        load_edge<T, N>(t, at, VECS, edge, t.out);
        CONVX_UNROLL
        for (int i = 0; i < ROWS; ++i) {
            CONVX_UNROLL
            for (int v = 0; v < VECS; ++v) acc[i][v] = load<T, N>(edge + (i * VECS + v) * N);
        }
    }
    accumulate<T, N, ROWS, VECS>(acc, t, at);
    if (t.last) {
        add_bias<T, N, ROWS, VECS>(acc, t.epilogue);
        if (t.epilogue.has_residual) add_residual<T, N, ROWS, VECS>(acc, t, at, edge, whole);
        activate_tile<T, N, ROWS, VECS>(acc, t.epilogue);
    }
    if (whole) {
        T* row = t.out;
        CONVX_UNROLL
        for (int i = 0; i < ROWS; ++i) {
            CONVX_UNROLL
            for (int v = 0; v < VECS; ++v) store<T, N>(row + at[v].out, acc[i][v]);
            next_row(row, t.out_channel);
        }
    } else {
        CONVX_UNROLL
        for (int i = 0; i < ROWS; ++i) {
            CONVX_UNROLL
            for (int v = 0; v < VECS; ++v) store<T, N>(edge + (i * VECS + v) * N, acc[i][v]);
        }
        store_edge<T, N>(t, at, VECS, edge);
    }
}

// What is left over goes in halves, and not for each number of vectors in a tile of its own.
template <class T, int N, int ROWS, int VECS>
CONVX_INLINE void from(const PixelTile<T>& t, const PixelVector* at, const PixelVector* end) {
    for (; end - at >= VECS; at += VECS) tile<T, N, ROWS, VECS>(t, at);
    if constexpr (VECS > 1) from<T, N, ROWS, (VECS + 1) / 2>(t, at, end);
}

template <class T, int N, int ROWS>
void by_rows(const PixelTile<T>& t) {
    if (t.rows != ROWS) {
        if constexpr (ROWS > 1) by_rows<T, N, ROWS - 1>(t);
        return;
    }
    from<T, N, ROWS, pixel_vectors(PIXEL_REGISTERS, ROWS)>(t, t.vectors, t.vectors + t.vector_count);
}

}  // namespace

template <class T>
void Float<T>::pixel_tile(const PixelTile<T>& t) {
    constexpr int L = LANES<T>;
    if constexpr (HALF_LANES<T> > 0) {
        if (t.lanes < L) return by_rows<T, HALF_LANES<T>, PIXEL_ROWS>(t);
    }
    by_rows<T, L, PIXEL_ROWS>(t);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
