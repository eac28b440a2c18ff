// The direct tile for words of integers.
#include "direct_tile.h"
#include "dot.h"

namespace convx::CONVX_ISA {

template <class T, class Product>
void Dot<T, Product>::dot_direct_tile(const DirectTile<T>& t) {
    if constexpr (MR < 12) {
        by_pixels<Product, T, MR>(t);
    } else {  // two halves take the time of one tile, and need half of the code
        constexpr int HALF = MR / 2;
        if (t.pixels == MR) return by_channels<Product, T, MR>(t);
        if (t.pixels <= HALF) return by_pixels<Product, T, HALF>(t);
        DirectTile<T> half = t;
        half.pixels = (t.pixels + 1) / 2;
        by_pixels<Product, T, HALF>(half);
        half.x += half.pixels;
        half.out += half.pixels * (t.out_channel == 1 ? t.out_pixel : 1);
        half.pixels = t.pixels - half.pixels;
        by_pixels<Product, T, HALF>(half);
    }
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
