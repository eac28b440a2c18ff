// One tile through one transform: for tests against the literal matrices.
#pragma once
#include <vector>

#include "../../kernels/kernels.h"
#include "winograd_schemes.h"

namespace convx::winograd {

enum class Stage { weight, input, output };

struct Sides {
    int h, w;
};
Sides before(const Scheme& scheme, Stage stage);  // of a tile
Sides after(const Scheme& scheme, Stage stage);
template <class T>
std::vector<T> transform(const Scheme& scheme, Stage stage, const T* tile);

}  // namespace convx::winograd
