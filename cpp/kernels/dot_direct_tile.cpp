// The direct tile for words of integers.
#include "direct_tile.h"
#include "dot.h"

namespace convx::CONVX_ISA {

template <class T, class Product>
void Dot<T, Product>::dot_direct_tile(const DirectTile<T>& t) {
    by_pixels<Product, T, MR>(t);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
