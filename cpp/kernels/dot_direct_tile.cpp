// The direct tile for words of integers.
#include "direct_tile.h"
#include "dot.h"

namespace convx::CONVX_ISA {

template <class T, class Product>
void Dot<T, Product>::dot_direct_tile(const DirectTile<T>& t) {
    if constexpr (sizeof(T) == 8)  // products take long, loads are no matter
        in_parts<Product, T, MR / 3>(t);
    else if constexpr (MR < 12)
        by_pixels<Product, T, MR>(t);
    else
        whole_or_halves<Product, T>(t);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
