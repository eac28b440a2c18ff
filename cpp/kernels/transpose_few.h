// Transpositions of fewer rows or fewer columns than a vector has lanes, as images of a few channels are: whole vectors
// of many elements on the long side, and of the butterfly only the steps that the short side needs.
#pragma once
#include "contracts/rows.h"
#include "every.h"

namespace convx::CONVX_ISA {

// Lane i of part V of a0 b0 c0 a1 b1 c1 ...
template <int V, class T, int... I>
CONVX_INLINE vec<T> zip_three(vec<T> a, vec<T> b, vec<T> c, Lanes<I...>) {
    constexpr int L = LANES<T>;
#if defined(__clang__)
    const vec<T> two = __builtin_shufflevector(a, b, ((V * L + I) / 3 + ((V * L + I) % 3 == 1) * L)...);
    return __builtin_shufflevector(two, c, ((V * L + I) % 3 == 2 ? L + (V * L + I) / 3 : I)...);
#else
    using Index = decltype(a < b);
    const vec<T> two = __builtin_shuffle(a, b, Index{((V * L + I) / 3 + ((V * L + I) % 3 == 1) * L)...});
    return __builtin_shuffle(two, c, Index{((V * L + I) % 3 == 2 ? L + (V * L + I) / 3 : I)...});
#endif
}

// One vector of each of K rows, element by element.
template <class T, int K>
CONVX_INLINE void store_zipped_rows(T* dst, const vec<T> (&m)[K]) {
    constexpr int L = LANES<T>;
    using All = AllLanes<T>;
    if constexpr (K == 2) {
        store(dst, zip<0, T, L>(m[0], m[1], All{}));
        store(dst + L, zip<L, T, L>(m[0], m[1], All{}));
    } else if constexpr (K == 3) {
        store(dst, zip_three<0, T>(m[0], m[1], m[2], All{}));
        store(dst + L, zip_three<1, T>(m[0], m[1], m[2], All{}));
        store(dst + 2 * L, zip_three<2, T>(m[0], m[1], m[2], All{}));
    } else {
        vec<T> low[K / 2], high[K / 2];
        CONVX_UNROLL
        for (int i = 0; i < K / 2; ++i) {
            low[i] = zip<0, T, L>(m[i], m[i + K / 2], All{});
            high[i] = zip<L, T, L>(m[i], m[i + K / 2], All{});
        }
        store_zipped_rows<T, K / 2>(dst, low);
        store_zipped_rows<T, K / 2>(dst + K / 2 * L, high);
    }
}

// Vectors of pixels of K elements into one of each element.
template <class T, int K>
CONVX_INLINE void unzip(vec<T> (&m)[K]) {
    constexpr int L = LANES<T>;
    using All = AllLanes<T>;
    if constexpr (K == 3) {
        const vec<T> a = m[0], b = m[1], c = m[2];
        m[0] = every_third<0, T>(a, b, c, All{});
        m[1] = every_third<1, T>(a, b, c, All{});
        m[2] = every_third<2, T>(a, b, c, All{});
    } else if constexpr (K > 1) {
        vec<T> even[K / 2], odd[K / 2];
        CONVX_UNROLL
        for (int i = 0; i < K / 2; ++i) {
            even[i] = every_second<0, T, L>(m[2 * i], m[2 * i + 1], All{});
            odd[i] = every_second<1, T, L>(m[2 * i], m[2 * i + 1], All{});
        }
        unzip<T, K / 2>(even);
        unzip<T, K / 2>(odd);
        CONVX_UNROLL
        for (int i = 0; i < K / 2; ++i) {
            m[2 * i] = even[i];
            m[2 * i + 1] = odd[i];
        }
    }
}

// Pixels of K elements side by side into K rows.
template <class T, int K>
void unzip_columns(const RowTranspose<T>& t) {
    constexpr int L = LANES<T>;
    for (int64_t r = 0; r < t.rows; r += L) {
        const int64_t at = r + L <= t.rows ? r : t.rows - L;
        vec<T> m[K];
        CONVX_UNROLL
        for (int i = 0; i < K; ++i) m[i] = load(t.src + at * K + i * L);
        unzip<T, K>(m);
        CONVX_UNROLL
        for (int i = 0; i < K; ++i) store(t.dst + i * t.dst_row + at, m[i]);
    }
}

// K rows that become the K elements of pixels side by side.
template <class T, int K>
void zip_rows(const RowTranspose<T>& t) {
    constexpr int L = LANES<T>;
    for (int64_t c = 0; c < t.cols; c += L) {
        const int64_t at = c + L <= t.cols ? c : t.cols - L;
        vec<T> m[K];
        CONVX_UNROLL
        for (int i = 0; i < K; ++i) m[i] = load(t.src + i * t.src_row + at);
        store_zipped_rows<T, K>(t.dst + at * K, m);
    }
}

// At most N rows: a short vector for each pixel. Where pixels lie side by side it runs over into the next one, which is
// yet to come; the last ones must not.
template <class T, int N>
void few_rows(const RowTranspose<T>& t) {
    constexpr int L = LANES<T>;
    const int64_t spare = t.dst_row == t.rows ? (N - 1) / t.rows : t.cols, whole = t.cols - spare;
    for (int64_t c = 0; c < t.cols; c += L) {
        const int64_t at = c + L <= t.cols ? c : t.cols - L;
        vec<T> m[N];
        CONVX_UNROLL
        for (int i = 0; i < N; ++i) m[i] = load(t.src + (i < t.rows ? i : 0) * t.src_row + at);
        transpose<T, N>(m);
        alignas(64) T pixels[N * L];
        CONVX_UNROLL
        for (int i = 0; i < N; ++i) store(pixels + i * L, m[i]);
        T* dst = t.dst + at * t.dst_row;
        CONVX_UNROLL
        for (int i = 0; i < L; ++i, dst += t.dst_row) {
            const T* const pixel = pixels + i % N * L + i / N * N;
            at + i < whole ? store<T, N>(dst, load<T, N>(pixel)) : copy_few<T, N>(dst, pixel, t.rows);
        }
    }
}

// At most N columns. Whole vectors are loaded, over the rows that follow; the last rows of all have none behind them.
template <class T, int N, bool END>
CONVX_INLINE void few_columns_block(const RowTranspose<T>& t, int64_t r, int64_t whole) {
    constexpr int L = LANES<T>;
    vec<T> m[L];
    alignas(64) T edge[L] = {};
    const T* src = t.src + r * t.src_row;
    CONVX_UNROLL
    for (int i = 0; i < L; ++i, src += t.src_row) {
        if (END && r + i >= whole) {
            copy_few(edge, src, t.cols);
            m[i] = load(edge);
        } else {
            m[i] = load(src);
        }
    }
    transpose<T>(m);
    T* dst = t.dst + r;
    CONVX_UNROLL
    for (int i = 0; i < N; ++i, dst += t.dst_row) {
        if (i >= t.cols) break;
        store(dst, m[i]);
    }
}

template <class T, int N>
__attribute__((noinline)) void few_columns_end(const RowTranspose<T>& t, int64_t r, int64_t whole) {
    few_columns_block<T, N, true>(t, r, whole);
}

template <class T, int N>
void few_columns(const RowTranspose<T>& t) {
    constexpr int L = LANES<T>;
    const int64_t whole = t.rows - (L - t.cols + t.src_row - 1) / t.src_row;
    for (int64_t r = 0; r < t.rows; r += L) {
        const int64_t at = r + L <= t.rows ? r : t.rows - L;
        at + L <= whole ? few_columns_block<T, N, false>(t, at, whole) : few_columns_end<T, N>(t, at, whole);
    }
}

// The narrowest of 4, 8 and all lanes that holds `few` elements.
template <class T, class Body>
CONVX_INLINE void by_few(int64_t few, const Body& body) {
    constexpr int L = LANES<T>;
    if constexpr (L > 4) {
        if (few <= 4) return body(Width<4>{});
    }
    if constexpr (L > 8) {
        if (few <= 8) return body(Width<8>{});
    }
    body(Width<L>{});
}

}  // namespace convx::CONVX_ISA
