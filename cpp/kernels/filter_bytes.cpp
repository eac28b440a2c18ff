// Bytes of bytes.
#include "byte_few.h"
#include "byte_means.h"
#include "byte_three.h"

namespace convx::CONVX_ISA {
namespace {

void mirrored(const MirroredBytes& f) {
    const bool few = HAS_FMA && f.count >= L;  // elsewhere code is small
    int64_t r = 0;
    if constexpr (HAS_FMA)
        if (few && f.taps == 5)
            for (; r + FILTER_ROWS <= f.rows; r += FILTER_ROWS) some_rows<2, FILTER_ROWS>(rows_of(f, r, FILTER_ROWS));
    for (; r < f.rows; ++r) {
        const MirroredBytes row = rows_of(f, r, 1);
        if constexpr (HAS_FMA) {
            if (few && f.taps == 5) some_rows<2, 1>(row);
            if (few && f.taps == 7) some_rows<3, 1>(row);
            if (few && (f.taps == 5 || f.taps == 7)) continue;
        }
        any_row(row);
    }
}

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
