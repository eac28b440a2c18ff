// The definition, computed as written: seven loops and a double accumulator. Slow, for every shape.
#pragma once
#include "algorithm.h"

namespace convx::reference {

template <class T>
Algorithm<T> row();

}  // namespace convx::reference
