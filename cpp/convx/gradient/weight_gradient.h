// The gradient of a convolution with respect to its weight,
//   dw[k, c, r] = sum over n, p of gy[n, k, p] * x[n, g*(C/groups) + c, p*stride + r*dilation - lo],
// and to its bias.
#pragma once
#include <string>
#include <vector>

#include "../runtime/algorithm_table.h"
#include "../runtime/context.h"
#include "../shape/shape.h"
#include "../shape/view.h"

namespace convx::weight_gradient {

template <class T>
struct Gradient {
    const ConvSpec& spec;
    const ConvShape& shape;
    View<const T> x, gy;
    T* dw;  // contiguous (K, C/groups, taps)
};

std::vector<std::string> algorithm_names();  // "auto" first
Summaries algorithm_summaries();

// Throws std::invalid_argument for an unknown name, or one that does not fit the convolution.
void check_algorithm(const std::string& algorithm, const ConvSpec& spec);

// What "auto" takes for finite arrays.
template <class T>
std::string choose(const ConvSpec& spec, const ConvShape& shape);

template <class T>
void run(const Gradient<T>& gradient, const std::string& algorithm);
template <class T>
void run(const Gradient<T>& gradient, const std::string& algorithm, const Context& context);

// db[k] = sum over n, p of gy[n, k, p]; the shape's output axes say how many.
template <class T>
void run_bias(const ConvShape& shape, const View<const T>& gy, T* db);
template <class T>
void run_bias(const ConvShape& shape, const View<const T>& gy, T* db, const Context& context);

}  // namespace convx::weight_gradient
