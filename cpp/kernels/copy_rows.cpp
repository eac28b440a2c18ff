// Rows of the input into a padded copy: unit stride, that of two to four channels side by side, or any stride.
#include "contracts/rows.h"
#include "every.h"

namespace convx::CONVX_ISA {
namespace {

template <class T>
CONVX_INLINE void copy_unit(T* dst, const T* src, int64_t n) {
    constexpr int L = LANES<T>;
    int64_t i = 0;
    for (; i + L <= n; i += L) store(dst + i, load(src + i));
    if (i < n) copy_few(dst + i, src + i, n - i);
}

// Short rows fast for float32 alone, as most are.
template <class T>
CONVX_INLINE void copy_even(T* dst, const T* src, int64_t n) {
    if constexpr (IS_FLOAT<T> && sizeof(T) == 4)
        copy_second(dst, src, n);
    else
        copy_every<T, 2>(dst, src, n);
}

template <class T>
CONVX_INLINE void fill(T* dst, int64_t n, T value) {
    for (int64_t i = 0; i < n; ++i) dst[i] = value;
}

}  // namespace

template <class T>
void Any<T>::copy_rows(const RowCopy<T>& c) {
    const T* src = c.src;
    T* dst = c.dst;
    for (int64_t r = 0; r < c.rows; ++r, src += c.src_row, dst += c.dst_row) {
        fill(dst, c.left, c.fill);
        T* body = dst + c.left;
        if (c.src_step == 1)
            copy_unit(body, src, c.count);
        else if (c.src_step == 2)
            copy_even(body, src, c.count);
        else if (c.src_step == 3)
            copy_every<T, 3>(body, src, c.count);
        else if (c.src_step == 4)
            copy_every<T, 4>(body, src, c.count);
        else
            for (int64_t i = 0; i < c.count; ++i) body[i] = src[i * c.src_step];
        fill(body + c.count, c.right, c.fill);
    }
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
