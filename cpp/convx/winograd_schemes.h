// The schemes F(m x m, r x r) and their weight matrices.
#pragma once

namespace convx::winograd {

enum Variant : int { F4X3, F2X3, F2X5 };

struct Scheme {
    int m, r;         // outputs and kernel taps along one axis
    const double* g;  // G, n x r
    int n() const { return m + r - 1; }
    int points() const { return n() * n(); }
};

const Scheme& scheme_of(int variant);

}  // namespace convx::winograd
