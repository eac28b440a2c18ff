// The schemes F(m x m, r x r) and their weight transforms U = G g G'.
#pragma once
#include <cstdint>

namespace convx::winograd {

enum Variant : int { F4X3, F2X3, F2X5 };

struct Scheme {
    int m, r;               // outputs and kernel taps along one axis
    const double (*g)[5];   // G, n x r, in double: rounding happens once, in U
    int n() const { return m + r - 1; }
    int points() const { return n() * n(); }
};
const Scheme& scheme_of(int variant);

// u[(i*n + j)*stride] = (G w G')[i][j]
template <class T>
void transform_weight(const Scheme& scheme, const T* w, T* u, int64_t stride);

}  // namespace convx::winograd
