// The pixel tile for words of integers: lanes are pixels, a few output channels are broadcast. Sums are whole. Fewer
// shapes than the floating-point one, for its size: 1, 2, 4 or 8 rows by one or by VECTORS vectors.
#include "contracts/direct.h"
#include "dot.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class T>
constexpr int MOST = sizeof(T) == 8 ? 2 : 6;  // products of 64 bits take long, loads are no matter
template <class T, int ROWS>
constexpr int VECTORS = pixel_vectors(PIXEL_REGISTERS, ROWS) < MOST<T> ? pixel_vectors(PIXEL_REGISTERS, ROWS) : MOST<T>;

template <class T>
CONVX_INLINE void store_pixels(const PixelTile<T>& t, const PixelVector& at, int64_t row, vec<T> sum) {
    T* const out = t.out + row * t.out_channel + at.out;
    if (at.count == LANES<T> || at.out + LANES<T> <= t.room) return store(out, sum);
    alignas(64) T edge[LANES<T>];
    store(edge, sum);
    copy_few(out, edge, at.count);
}

template <class Op, class T, int ROWS, int VECS>
void dot_pixels(const PixelTile<T>& t, const PixelVector* at) {
    vec<T> acc[ROWS][VECS];
    int64_t offset[VECS];
    CONVX_UNROLL
    for (int v = 0; v < VECS; ++v) {
        offset[v] = at[v].x;
        CONVX_UNROLL
        for (int i = 0; i < ROWS; ++i) acc[i][v] = vec<T>{};
    }
    const T* channel = t.x;
    const T* w = t.w;
    for (int64_t c = 0; c < t.depth; ++c, channel += t.x_channel) {
        for (const int64_t *tap = t.x_tap, *end = tap + t.taps; tap != end; ++tap, w += ROWS) {
            vec<T> x[VECS];
            CONVX_UNROLL
            for (int v = 0; v < VECS; ++v) x[v] = load(channel + *tap + offset[v]);
            CONVX_UNROLL
            for (int i = 0; i < ROWS; ++i) {
                const vec<T> wv = splat(w[i]);
                CONVX_UNROLL
                for (int v = 0; v < VECS; ++v) acc[i][v] = Op::template add<LANES<T>>(acc[i][v], x[v], wv);
            }
        }
    }
    CONVX_UNROLL
    for (int i = 0; i < ROWS; ++i) {
        const vec<T> bias = splat(t.epilogue.bias ? t.epilogue.bias[i] : T(0));
        CONVX_UNROLL
        for (int v = 0; v < VECS; ++v) store_pixels(t, at[v], i, activate<T>(acc[i][v] + bias, t.epilogue));
    }
}

template <class Op, class T, int ROWS>
void dot_rows(const PixelTile<T>& t) {
    if (t.rows != ROWS) {
        if constexpr (ROWS > 1) dot_rows<Op, T, ROWS / 2>(t);
        return;
    }
    constexpr int VECS = VECTORS<T, ROWS>;
    int64_t i = 0;
    for (; i + VECS <= t.vector_count; i += VECS) dot_pixels<Op, T, ROWS, VECS>(t, t.vectors + i);
    for (; i < t.vector_count; ++i) dot_pixels<Op, T, ROWS, 1>(t, t.vectors + i);
}

}  // namespace

template <class T, class Product>
void Dot<T, Product>::dot_pixel_tile(const PixelTile<T>& t) {
    dot_rows<Product, T, DOT_ROWS>(t);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
