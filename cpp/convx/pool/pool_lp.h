// Lp pooling, (sum |x|^p)^(1/p): what pool_general.cpp does not share with a maximum or an average.
#pragma once
#include "pool_paths.h"

namespace convx::pool {

// How a window is reduced: its rows, then its columns.
template <class T>
struct Halves {
    void (*rows)(const Reduce<T>&);
    void (*columns)(const Reduce<T>&);
    bool power;  // the rows hold |x|^p already
};

namespace lp {

template <class T>
Halves<T> halves(const PoolCall<T>& call);

// x[i] = |x[i]|^p
template <class T>
void power(T* x, double p, int64_t count);

// x[i] = x[i]^(1/p); nothing for p = 1 and p = infinity.
template <class T>
void root(T* x, double p, int64_t count);

}  // namespace lp
}  // namespace convx::pool
