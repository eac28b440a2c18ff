#include "winograd_weights.h"

namespace convx::winograd {
namespace {

// Row of point p: (1, p, p^2, ...) / prod_{q != p} (p - q) over the finite points; the last row belongs to infinity.
// Points 0, +-3/4, +-3/2: a^2 b^2 = 81/64, 2 a^2 (a^2 - b^2) = -243/128, 2 b^2 (b^2 - a^2) = 243/32.
constexpr double N0 = 64.0 / 81, NA = -128.0 / 243, NB = 32.0 / 243, A = 0.75, B = 1.5;
constexpr double SIX_POINTS[6][5] = {
    {N0, 0, 0, 0, 0},
    {NA, NA * A, NA* A* A, NA* A* A* A, NA* A* A* A* A},
    {NA, -NA * A, NA* A* A, -NA* A* A* A, NA* A* A* A* A},
    {NB, NB * B, NB* B* B, NB* B* B* B, NB* B* B* B* B},
    {NB, -NB * B, NB* B* B, -NB* B* B* B, NB* B* B* B* B},
    {0, 0, 0, 0, 1},
};
constexpr double SIX_POINTS_3[6][5] = {
    {N0, 0, 0, 0, 0},
    {NA, NA * A, NA* A* A, 0, 0},
    {NA, -NA * A, NA* A* A, 0, 0},
    {NB, NB * B, NB* B* B, 0, 0},
    {NB, -NB * B, NB* B* B, 0, 0},
    {0, 0, 1, 0, 0},
};
// Points 0, +-1.
constexpr double FOUR_POINTS[4][5] = {
    {-1, 0, 0, 0, 0},
    {0.5, 0.5, 0.5, 0, 0},
    {0.5, -0.5, 0.5, 0, 0},
    {0, 0, 1, 0, 0},
};

constexpr Scheme SCHEMES[] = {{4, 3, SIX_POINTS_3}, {2, 3, FOUR_POINTS}, {2, 5, SIX_POINTS}};

}  // namespace

const Scheme& scheme_of(int variant) { return SCHEMES[variant]; }

template <class T>
void transform_weight(const Scheme& s, const T* w, T* u, int64_t stride) {
    double half[6][5] = {};
    for (int i = 0; i < s.n(); ++i)
        for (int j = 0; j < s.r; ++j)
            for (int t = 0; t < s.r; ++t) half[i][j] += s.g[i][t] * static_cast<double>(w[t * s.r + j]);
    for (int i = 0; i < s.n(); ++i)
        for (int j = 0; j < s.n(); ++j, u += stride) {
            double sum = 0;
            for (int t = 0; t < s.r; ++t) sum += half[i][t] * s.g[j][t];
            *u = static_cast<T>(sum);
        }
}

template void transform_weight(const Scheme&, const float*, float*, int64_t);
template void transform_weight(const Scheme&, const double*, double*, int64_t);

}  // namespace convx::winograd
