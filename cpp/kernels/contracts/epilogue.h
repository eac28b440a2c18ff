// What follows a sum while it is still in registers: bias and activation.
#pragma once
#include <stdint.h>

namespace convx {

enum class Activation : int32_t { clamp, leaky_relu };

// y = act(sum + bias); "none" is a clamp to [-inf, inf], and NaN passes through either kind.
template <class T>
struct Epilogue {
    const T* bias;  // null, or one value per output channel
    Activation activation;
    T lo, hi;  // clamp bounds; leaky_relu keeps its slope in lo
};

}  // namespace convx
