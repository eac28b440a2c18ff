// The direct tile for words of integers. Their sums are whole and get no residual; the finished tile is transposed, so
// that each channel receives a run of pixels.
#include "direct_tile.h"
#include "dot.h"

namespace convx::CONVX_ISA {
namespace {

// Rows of `tile` hold NR<T> channels of one pixel.
template <class T>
void store_transposed(const T* tile, const DirectTile<T>& t) {
    constexpr int L = LANES<T>;
    alignas(64) T block[L * L];
    for (int64_t k = 0; k < t.channels; k += L) {
        const int64_t rows = t.channels - k < L ? t.channels - k : L;
        for (int64_t p0 = 0; p0 < t.pixels; p0 += L) {
            const int64_t pixels = t.pixels - p0 < L ? t.pixels - p0 : L;
            vec<T> m[L];
            CONVX_UNROLL
            for (int p = 0; p < L; ++p) m[p] = p < pixels ? load(tile + (p0 + p) * NR<T> + k) : vec<T>{};
            transpose<T>(m);
            CONVX_UNROLL
            for (int l = 0; l < L; ++l) store(block + l * L, m[l]);
            T* out = t.out + k * t.out_channel + p0;
            for (int64_t l = 0; l < rows; ++l) copy_few(out + l * t.out_channel, block + l * L, pixels);
        }
    }
}

template <class Product>
struct OneTile {
    template <class T, int PIXELS, int VECS>
    static void run(const DirectTile<T>& t) {
        constexpr int L = LANES<T>;
        vec<T> acc[PIXELS][VECS];
        CONVX_UNROLL
        for (int p = 0; p < PIXELS; ++p) {
            CONVX_UNROLL
            for (int j = 0; j < VECS; ++j) acc[p][j] = vec<T>{};
        }
        accumulate<Product>(acc, t, Walk<T>{t.x, t.w, nullptr}, 0);
        alignas(64) T sums[PIXELS * NR<T>];
        pad_bias(sums, t);
        add_bias(acc, sums);
        activate_tile<T, L, PIXELS, VECS>(acc, t.epilogue);
        CONVX_UNROLL
        for (int p = 0; p < PIXELS; ++p) {
            CONVX_UNROLL
            for (int j = 0; j < VECS; ++j) store(sums + p * NR<T> + j * L, acc[p][j]);
        }
        store_transposed(sums, t);
    }
};

}  // namespace

template <class T, class Product>
void Dot<T, Product>::dot_direct_tile(const DirectTile<T>& t) {
    using Tile = OneTile<Product>;
    if constexpr (sizeof(T) == 8)  // products take long, loads are no matter
        in_parts<Tile, T, MR / 3>(t);
    else if constexpr (MR < 12)
        by_pixels<Tile, T, MR>(t);
    else
        whole_or_halves<Tile>(t);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
