// The gradient of a convolution with respect to its weight,
//   dw[k, c, r] = sum over n, p of gy[n, k, p] * x[n, g*(C/groups) + c, p*stride + r*dilation - lo],
// and to its bias.
#pragma once
#include <string>
#include <vector>

#include "../../kernels/kernels.h"
#include "../shape.h"
#include "../view.h"

namespace convx::weight_gradient {

template <class T>
struct Call {
    const ConvShape& shape;
    View<const T> x, gy;
    T* dw;  // contiguous (K, C/groups, taps)
    const Kernels<T>& kernels;
    int threads;
};

std::vector<std::string> algorithm_names();  // "auto" first

// Throws std::invalid_argument for an unknown name, or one that does not fit the convolution.
void check_algorithm(const std::string& algorithm, const ConvSpec& spec);

// What "auto" takes for finite arrays.
template <class T>
std::string choose(const ConvShape& shape, const Kernels<T>& kernels);

template <class T>
void run(const Call<T>& call, const std::string& algorithm);

// db[k] = sum over n, p of gy[n, k, p]; the shape's output axes say how many.
template <class T>
void run_bias(const ConvShape& shape, const View<const T>& gy, T* db, const Kernels<T>& kernels, int threads);

}  // namespace convx::weight_gradient
