// Kernels along one axis, which Winograd takes along H: the axes behind it are one, and so are those before.
#pragma once
#include "../runtime/buffer.h"
#include "algorithm.h"

namespace convx::winograd {

// Where the taps lie along D alone, or along W and apart; else the same.
ConvSpec joined(const ConvSpec& s);
ConvShape joined(const ConvShape& s);

// The input of joined(s). kept: holds its copy, where axes that are joined do not follow each other.
template <class T>
View<const T> joined(const ConvShape& s, const View<const T>& x, const Kernels<T>& k, int threads, Buffer<T>& kept);

}  // namespace convx::winograd
