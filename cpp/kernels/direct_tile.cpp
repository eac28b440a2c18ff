// The direct tile for floating point.
#include "direct_tile.h"

namespace convx::CONVX_ISA {

template <class T>
void Float<T>::direct_tile(const DirectTile<T>& t) {
    if constexpr (FEW_TILES<T> && MR >= 12)
        whole_or_halves<Multiply, T>(t);
    else
        by_pixels<Multiply, T, MR>(t);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
