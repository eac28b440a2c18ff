// A type of pixels, known only at run time.
#pragma once
#include <cstdint>
#include <limits>
#include <type_traits>

#include "../runtime/context.h"

namespace convx::filter {

struct PixelType {
    int64_t size;
    bool is_float, is_signed;
    double largest;  // magnitude
    const PixelKernels& (*kernels)(const Context& context);
    void (*fill)(void* row, int64_t count, double value);
};

template <class T>
constexpr PixelType pixel_type() {
    return {sizeof(T),
            std::is_floating_point_v<T>,
            std::is_signed_v<T>,
            std::is_signed_v<T> ? -static_cast<double>(std::numeric_limits<T>::lowest())
                                : static_cast<double>(std::numeric_limits<T>::max()),
            [](const Context& context) -> const PixelKernels& { return context.pixels<T>(); },
            [](void* row, int64_t count, double value) {
                for (int64_t i = 0; i < count; ++i) static_cast<T*>(row)[i] = static_cast<T>(value);
            }};
}

}  // namespace convx::filter
