// Filters of images of integers: from pixels to floating point, and from sums to pixels.
#pragma once
#include <stdint.h>

namespace convx {

// Rows of a padded copy, as of RowCopy, of T in float or, where `wide`, in double:
// dst[r*dst_row + j] = left <= j < left + count ? src[r*src_row + (j - left)*src_step] : fill,
// r < rows, j < left + count + right
struct PixelRows {
    const void* src;
    void* dst;
    int64_t rows, src_row, dst_row, src_step;
    int64_t left, count, right;
    double fill;
    bool wide;
};

// How a sum becomes an integer: its fraction is cut off and it wraps, as C converts; or the nearest integer, even where
// two are, limited to those of the type.
enum class Integral : int32_t { cut, nearest };

// The number that a rule makes of sums depends on what they are near to: whole numbers, or the middle between two.
constexpr double tie_of(Integral rule) { return rule == Integral::cut ? 0 : 0.5; }

// dst[i*step] = the T that the rule makes of sum i, or for floating point the sum itself; i < count. Sums are readable
// up to the next multiple of SUM_BLOCK. Of sums in float, and of those to be cut where `small`, no size exceeds 2**31;
// sums in float that become the nearest int32 are whole.
constexpr int64_t SUM_BLOCK = 64;
template <class T>
struct SumRow {
    const void* sums;  // of float or, where `wide`, of double
    T* dst;
    int64_t count, step;
    Integral rule;
    bool wide, small;
};

// A term of a sum, x[a] + mirror * x[b] times w. Without a mirror, b = a and mirror = 0.
struct SettleTerm {
    int64_t a, b;
    double mirror, w;
};

// Sums that may lie on the other side of a tie of the rule than the exact order of terms puts them: those within
// `tolerance` of one are added up again in double, term by term, each product rounded before it is added, and what the
// rule makes of that takes their place; where T is double, the sum itself does. sums[q] is the sum over j of terms[j]
// at x + q, q < count. Both are readable, and sums may be written, up to the next multiple of SUM_BLOCK. In float the
// sizes of sums are below 2**22, in double below 2**51, or the tolerance is infinite.
template <class T>
struct Settling {
    T* sums;
    const T* x;
    const SettleTerm* terms;
    int64_t term_count, count;
    T tolerance;
    Integral rule;
    bool mirrored;  // some term has a mirror
};

}  // namespace convx
