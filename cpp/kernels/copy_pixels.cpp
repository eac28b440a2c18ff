// Pixels of few channels, some distance apart, moved together: a short vector each, which runs over into the next one.
#include "contracts/rows.h"
#include "every.h"

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

// Every second pixel of P elements, by whole vectors as long as they and what they bring lie among the pixels.
template <class T, int P>
CONVX_INLINE bool copy_second(const PixelCopy<T>& c) {
    constexpr int L = LANES<T>, PIXELS = L / P;
    if constexpr (PIXELS >= 2) {
        if (c.pixel != P || c.step != 2 * P) return false;
        int64_t i = 0;
        for (; i + PIXELS + L / P < c.count; i += PIXELS) {
            const T* const src = c.src + 2 * i * P;
            store(c.dst + i * P, second_pixels<P, T>(load(src), load(src + L), AllLanes<T>{}));
        }
        copy_short<T, (P * int(sizeof(T)) > 16 ? 32 : 16) / int(sizeof(T))>(
            {c.src + 2 * i * P, c.dst + i * P, c.count - i, P, 2 * P});
        return true;
    }
    return false;
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
    if (copy_second<T, 2>(c) || copy_second<T, 3>(c) || copy_second<T, 4>(c)) return;
    if (c.pixel <= LANES<T>) return by_pixel<T, 16 / sizeof(T)>(c);
    for (int64_t i = 0; i < c.count; ++i)
        __builtin_memcpy(c.dst + i * c.pixel, c.src + i * c.step, c.pixel * sizeof(T));
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
