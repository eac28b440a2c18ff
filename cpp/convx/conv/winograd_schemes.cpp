#include "winograd_schemes.h"

namespace convx::winograd {
namespace {

// Row of point p: (1, p, p^2, ...) / prod_{q != p} (p - q) over the finite points; the last row belongs to infinity.
// Points 0, +-a, +-b with a = 3/4, b = 3/2: a^2 b^2 = 81/64, 2 a^2 (a^2 - b^2) = -243/128, 2 b^2 (b^2 - a^2) = 243/32.
constexpr double N0 = 64.0 / 81, NA = -128.0 / 243, NB = 32.0 / 243, A = 0.75, B = 1.5;
constexpr double A2 = A * A, A3 = A2 * A, A4 = A3 * A, B2 = B * B, B3 = B2 * B, B4 = B3 * B;

constexpr double G_F4X3[] = {
    N0, 0,       0,        //
    NA, NA * A,  NA * A2,  //
    NA, -NA * A, NA * A2,  //
    NB, NB * B,  NB * B2,  //
    NB, -NB * B, NB * B2,  //
    0,  0,       1,
};
constexpr double G_F2X5[] = {
    N0, 0,       0,       0,        0,        //
    NA, NA * A,  NA * A2, NA * A3,  NA * A4,  //
    NA, -NA * A, NA * A2, -NA * A3, NA * A4,  //
    NB, NB * B,  NB * B2, NB * B3,  NB * B4,  //
    NB, -NB * B, NB * B2, -NB * B3, NB * B4,  //
    0,  0,       0,       0,        1,
};
// Points 0, +-1.
constexpr double G_F2X3[] = {
    -1,  0,    0,    //
    0.5, 0.5,  0.5,  //
    0.5, -0.5, 0.5,  //
    0,   0,    1,
};

// Even taps: points +-a, +-b with a = 1/2, b = 5/4, where 2 a (a^2 - b^2) = -21/16 and 2 b (b^2 - a^2) = 105/32.
constexpr double NC = -16.0 / 21, ND = 32.0 / 105, C = 0.5, D = 1.25;
constexpr double G_F4X3S2[] = {
    NC,  0, NC * C,  //
    -NC, 0, NC * C,  //
    ND,  0, ND * D,  //
    -ND, 0, ND * D,  //
    0,   0, 1,       //
    0,   1, 0,
};

constexpr Scheme SCHEMES[] = {{4, 3, 1, 6, G_F4X3}, {2, 3, 1, 4, G_F2X3}, {2, 5, 1, 6, G_F2X5}, {4, 3, 2, 6, G_F4X3S2}};

}  // namespace

const Scheme& scheme_of(int variant) { return SCHEMES[variant]; }

}  // namespace convx::winograd
