// Rows added onto others: unit stride on both sides in vectors, any stride one by one.
#include "contracts/rows.h"
#include "simd.h"

namespace convx::CONVX_ISA {

template <class T>
void Float<T>::add_rows(const RowAdd<T>& a) {
    constexpr int L = LANES<T>;
    const T* src = a.src;
    T* dst = a.dst;
    for (int64_t r = 0; r < a.rows; ++r, src += a.src_row, dst += a.dst_row) {
        int64_t i = 0;
        if (a.src_step == 1 && a.dst_step == 1)
            for (; i + L <= a.count; i += L) store(dst + i, load(dst + i) + load(src + i));
        for (; i < a.count; ++i) dst[i * a.dst_step] += src[i * a.src_step];
    }
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
