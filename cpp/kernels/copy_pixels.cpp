// Pixels of few channels, some distance apart, moved together: a short vector each, which runs over into the next one.
#include "contracts/rows.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class T, int N>
CONVX_INLINE void copy_short(const PixelCopy<T>& c) {
    const T* src = c.src;
    T* dst = c.dst;
    const int64_t last = c.count - (N - 1) / c.pixel - 1;  // behind which a vector might reach beyond the pixels
    int64_t i = 0;
    CONVX_UNROLL_LOOP
    for (; i < last; ++i, src += c.step, dst += c.pixel) store<T, N>(dst, load<T, N>(src));
    for (; i < c.count; ++i, src += c.step, dst += c.pixel) copy_few<T, N>(dst, src, c.pixel);
}

template <class T, int N>
CONVX_INLINE void by_pixel(const PixelCopy<T>& c) {
    if constexpr (N < LANES<T>) {
        if (c.pixel > N) return by_pixel<T, 2 * N>(c);
    }
    copy_short<T, N>(c);
}

}  // namespace

template <class T>
void Float<T>::copy_pixels(const PixelCopy<T>& c) {
    if (c.pixel <= LANES<T>) return by_pixel<T, 16 / sizeof(T)>(c);
    for (int64_t i = 0; i < c.count; ++i)
        __builtin_memcpy(c.dst + i * c.pixel, c.src + i * c.step, c.pixel * sizeof(T));
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
