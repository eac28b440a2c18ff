#include "rank_one.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../../kernels/types.h"

namespace convx {
namespace {

constexpr int64_t MOST_WHOLE = 4096;  // of a row's largest element by its common divisor
constexpr double ROUNDINGS = 8;       // of a weight, a column and a row that were each rounded a few times

// The greatest number of which all elements are whole multiples; 0 if it is very small beside them.
template <class T>
T common_divisor(const T* row, int64_t count, T largest) {
    T divisor = 0;
    for (int64_t j = 0; j < count; ++j)
        for (T rest = std::abs(row[j]); rest > 0;) {
            if (rest * MOST_WHOLE < largest) return 0;
            const T next = divisor > 0 ? std::fmod(divisor, rest) : 0;
            divisor = rest;
            rest = next;
        }
    return divisor;
}

// With the row that `from` is a multiple of: column[i] = w[i][at] / row[at].
template <class T>
void split_by(const T* w, int64_t rows, int64_t columns, const T* from, int64_t at, T divisor, T* column, T* row) {
    for (int64_t j = 0; j < columns; ++j) row[j] = from[j] / divisor;
    for (int64_t i = 0; i < rows; ++i) column[i] = w[i * columns + at] / row[at];
}

template <class T>
bool agrees(const T* w, int64_t rows, int64_t columns, const T* column, const T* row, T tolerance) {
    for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < columns; ++j) {
            const T whole = w[i * columns + j], product = column[i] * row[j];
            const bool same_zero = (whole == 0) == (column[i] == 0 || row[j] == 0);
            if (!same_zero || !(std::abs(whole - product) <= tolerance * std::abs(whole))) return false;
        }
    return true;
}

}  // namespace

template <class T>
bool split_rank_one(const T* w, int64_t rows, int64_t columns, T* column, T* row) {
    const auto smaller = [](T a, T b) { return std::abs(a) < std::abs(b); };
    const int64_t pivot = std::max_element(w, w + rows * columns, smaller) - w, at = pivot % columns;
    const T *const from = w + (pivot - at), largest = std::abs(w[pivot]);
    if (!std::isfinite(largest)) return false;
    if (largest == 0) {
        std::fill_n(column, rows, T(0));
        std::fill_n(row, columns, T(0));
        return std::all_of(w, w + rows * columns, [](T x) { return x == 0; });
    }
    if (const T divisor = common_divisor(from, columns, largest); divisor > 0) {
        split_by(w, rows, columns, from, at, divisor, column, row);
        if (agrees(w, rows, columns, column, row, T(0))) return true;
    }
    split_by(w, rows, columns, from, at, w[pivot], column, row);
    return agrees(w, rows, columns, column, row, T(ROUNDINGS) * std::numeric_limits<T>::epsilon());
}

#define CONVX_INSTANTIATE(T) template bool split_rank_one(const T*, int64_t, int64_t, T*, T*);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx
