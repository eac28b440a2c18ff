// What follows a sum while it is still in registers: bias, residual and activation.
#pragma once
#include <stdint.h>

namespace convx {

enum class Activation : int32_t { clamp, leaky_relu };

// y = act((sum + bias) + residual); "none" is a clamp to [-inf, inf], and NaN passes through either kind.
template <class T>
struct Epilogue {
    const T* bias;  // null, or one value per output channel
    Activation activation;
    T lo, hi;  // clamp bounds; leaky_relu keeps its slope in lo

    // A residual is laid out as the output, so many bytes away from it.
    bool has_residual = false;
    intptr_t to_residual = 0;

    const T* residual_of(const T* out) const {
        return reinterpret_cast<const T*>(reinterpret_cast<uintptr_t>(out) + static_cast<uintptr_t>(to_residual));
    }
};

}  // namespace convx
