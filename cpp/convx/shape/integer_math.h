// Division that rounds up, what is made of it, and whole numbers for estimates. a >= 0, b > 0 throughout.
#pragma once
#include <cstdint>

namespace convx {

constexpr int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// The next multiple of `step`.
constexpr int64_t round_up(int64_t a, int64_t step) { return ceil_div(a, step) * step; }

// The size of the parts when `total` is cut into as few of at most `most` as do, all nearly equal: the last is no
// sliver.
constexpr int64_t even_part(int64_t total, int64_t most) { return ceil_div(total, ceil_div(total, most)); }

inline double number(int64_t n) { return static_cast<double>(n); }

}  // namespace convx
