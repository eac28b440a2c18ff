// Bytes of bytes.
#include "byte_means.h"
#include "byte_sums.h"
#include "byte_three.h"

namespace convx::CONVX_ISA {
namespace {

void all(const FilterBytes& f) {
    switch (f.way) {
        case ByteWay::mirrored:
            return mirrored(static_cast<const MirroredBytes&>(f));
        case ByteWay::three:
            return three_rows(static_cast<const ThreeBytes&>(f));
        case ByteWay::means_down:
            return means_down(static_cast<const ByteMeansDown&>(f));
        case ByteWay::means_along:
            return means_along(static_cast<const ByteMeansAlong&>(f));
    }
}

}  // namespace

// One for all types: its contract has the only one.
template <class T>
void Pixel<T>::filter_bytes(const FilterBytes& f) {
    all(f);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
