// Sums over pixels with the pixels in the lanes: rows of the output's gradient times shifted rows of the input.
#include "contracts/sums.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

// Sums in registers: rows x taps, beside one vector of each row and one of the input.
template <class T>
constexpr bool MANY = MR >= 12 && !FEW_TILES<T>;
constexpr int ROWS = 4, ROW_TAPS = 6, SINGLE_TAPS = 9;
template <class T>
constexpr int PAIR_TAPS = MANY<T> ? 9 : 5;

template <class T, int BY>
CONVX_INLINE void fold(vec<T>& v) {
    v += moved_down<BY, T>(v, v, AllLanes<T>{});
    if constexpr (BY > 1) fold<T, BY / 2>(v);
}

template <class T>
CONVX_INLINE T sum_lanes(vec<T> v) {
    fold<T, LANES<T> / 2>(v);
    return v[0];
}

template <class T, int R, int N>
void tile(const RowDots<T>& d, int64_t row, int64_t tap) {
    constexpr int L = LANES<T>;
    const T* g = d.g + row * d.g_channel;
    const T* x[N];
    CONVX_UNROLL
    for (int j = 0; j < N; ++j) x[j] = d.x + d.tap[tap + j];
    vec<T> acc[R][N];
    CONVX_UNROLL
    for (int k = 0; k < R; ++k) {
        CONVX_UNROLL
        for (int j = 0; j < N; ++j) acc[k][j] = vec<T>{};
    }
    const int64_t whole = d.count / L * L;
    for (int64_t i = 0; i < whole; i += L) {
        vec<T> gv[R];
        CONVX_UNROLL
        for (int k = 0; k < R; ++k) gv[k] = load(g + k * d.g_channel + i);
        CONVX_UNROLL
        for (int j = 0; j < N; ++j) {
            const vec<T> xv = load(x[j] + i);
            CONVX_UNROLL
            for (int k = 0; k < R; ++k) acc[k][j] += gv[k] * xv;
        }
    }
    if (whole < d.count) {  // both masked: behind the end may lie a NaN
        const mask<T> inside = lanes_between<T>(0, d.count - whole, AllLanes<T>{});
        const vec<T> zero{};
        vec<T> gv[R];
        CONVX_UNROLL
        for (int k = 0; k < R; ++k) gv[k] = inside ? load(g + k * d.g_channel + whole) : zero;
        CONVX_UNROLL
        for (int j = 0; j < N; ++j) {
            const vec<T> xv = inside ? load(x[j] + whole) : zero;
            CONVX_UNROLL
            for (int k = 0; k < R; ++k) acc[k][j] += gv[k] * xv;
        }
    }
    T* out = d.out + row * d.out_row + tap;
    CONVX_UNROLL
    for (int k = 0; k < R; ++k) {
        CONVX_UNROLL
        for (int j = 0; j < N; ++j) {
            const T sum = sum_lanes<T>(acc[k][j]);
            out[k * d.out_row + j] = d.first ? sum : out[k * d.out_row + j] + sum;
        }
    }
}

template <class T, int R, int N>
CONVX_INLINE void by_taps(const RowDots<T>& d, int64_t row, int64_t tap, int64_t count) {
    if (count == N) return tile<T, R, N>(d, row, tap);
    if constexpr (N > 1) by_taps<T, R, N - 1>(d, row, tap, count);
}

// R rows by all taps, cut evenly.
template <class T, int R, int MOST>
void some_rows(const RowDots<T>& d, int64_t row) {
    int64_t tap = 0;
    for (int64_t parts = (d.taps + MOST - 1) / MOST; parts > 0; --parts) {
        const int64_t count = (d.taps - tap + parts - 1) / parts;
        by_taps<T, R, MOST>(d, row, tap, count);
        tap += count;
    }
}

}  // namespace

template <class T>
void Float<T>::row_dots(const RowDots<T>& d) {
    int64_t row = 0;
    if constexpr (MANY<T>)
        for (; row + ROWS <= d.rows; row += ROWS) some_rows<T, ROWS, ROW_TAPS>(d, row);
    for (; row + 2 <= d.rows; row += 2) some_rows<T, 2, PAIR_TAPS<T>>(d, row);
    if (row < d.rows) some_rows<T, 1, SINGLE_TAPS>(d, row);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
