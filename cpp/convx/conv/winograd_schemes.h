// The schemes F(m x m, r x r), of stride 1 and 2, and their weight matrices.
#pragma once

namespace convx::winograd {

enum Variant : int { F4X3, F2X3, F2X5, F4X3S2 };

// With stride 2 the even inputs of a tile meet the taps 0 and 2, by F(m, 2), and the odd ones tap 1, as they are: the m
// odd points share one row of G and so their weights.
struct Scheme {
    int m, r, stride;                               // outputs and kernel taps along one axis
    int u;                                          // different transformed weights along one axis
    const double* g;                                // G, u x r
    int n() const { return (m - 1) * stride + r; }  // inputs and points of a tile along one axis
    int points() const { return n() * n(); }
    int weights() const { return u * u; }
    int weight_of(int point) const {  // of M[i][j], point = i*n + j
        const int i = point / n(), j = point % n();
        return (i < u ? i : u - 1) * u + (j < u ? j : u - 1);
    }
};

const Scheme& scheme_of(int variant);

}  // namespace convx::winograd
