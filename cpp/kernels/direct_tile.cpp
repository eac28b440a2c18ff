// The direct tile for floating point.
#include "direct_tile.h"

namespace convx::CONVX_ISA {

template void direct_tile<float, Multiply>(const DirectTile<float>&);
template void direct_tile<double, Multiply>(const DirectTile<double>&);

}  // namespace convx::CONVX_ISA
