// GEMM micro-kernel: im2col has pixels in the lanes and broadcasts output channels, Winograd the other way round.
#include "contracts/gemm.h"
#include "copy_block.h"
#include "few_columns.h"

namespace convx::CONVX_ISA {
namespace {

// Where the next step's operands lie.
template <class T>
struct Operands {
    const T *a, *b;
    int64_t lda, ldb;
};

// Where one tile of a call lies, and what it is to have cached.
template <class T>
struct Place {
    const T *a, *b;
    T* c;
    const T* bias;
    T* packed;
    const T* ahead;
    int64_t ahead_count, cols;
    bool fetches_c;
};

// What a step does beside its products.
template <class T>
struct Nothing {
    template <int VECS>
    CONVX_INLINE void with(Nothing&, const vec<T> (&)[VECS]) {}
};
template <class T>
struct Pack {
    T* to;
    template <int VECS>
    CONVX_INLINE void with(Pack& self, const vec<T> (&b)[VECS]) {
        CONVX_UNROLL
        for (int j = 0; j < VECS; ++j) store(self.to + j * LANES<T>, b[j]);
        self.to += NR<T>;
    }
};
template <class T>
struct Ahead {
    const T* at;
    int64_t row;
    template <int VECS>
    CONVX_INLINE void with(Ahead& self, const vec<T> (&)[VECS]) {
        constexpr int LINE = 64 / static_cast<int>(sizeof(T));
        CONVX_UNROLL
        for (int j = NR<T> > LINE ? LINE : NR<T>; j <= NR<T>; j += LINE) __builtin_prefetch(self.at + j - 1);
        self.at += self.row;
    }
};

template <class T, int ROWS, int VECS, class Beside>
CONVX_INLINE void step(vec<T> (&acc)[ROWS][VECS], Operands<T>& o, Beside& beside) {
    vec<T> bv[VECS];
    CONVX_UNROLL
    for (int j = 0; j < VECS; ++j) bv[j] = load(o.b + j * LANES<T>);
    Beside::with(beside, bv);
    CONVX_UNROLL
    for (int i = 0; i < ROWS; ++i) {
        const vec<T> av = splat(o.a[i]);
        CONVX_UNROLL
        for (int j = 0; j < VECS; ++j) acc[i][j] += av * bv[j];
    }
    o.a += o.lda;
    o.b += o.ldb;
}

template <class T, int ROWS, int VECS, class Beside>
CONVX_INLINE void steps(vec<T> (&acc)[ROWS][VECS], Operands<T>& o, int64_t count, Beside beside) {
    if constexpr (ROWS * VECS > 12) {  // enough to hide a loop behind
        for (int64_t k = 0; k < count; ++k) step(acc, o, beside);
    } else {
        CONVX_UNROLL_LOOP
        for (int64_t k = 0; k < count; ++k) step(acc, o, beside);
    }
}

// Rows of b lie where the taps of a channel do, one channel behind the other.
template <class T, int ROWS, int VECS>
CONVX_INLINE void pack_steps(vec<T> (&acc)[ROWS][VECS], const GemmTile<T>& t, const Place<T>& p) {
    Pack<T> pack{p.packed};
    // By value: what is stored might be t, for all that g++ knows.
    const int64_t depth = t.depth, lda = t.lda, ldb = t.ldb;
    if (t.taps == 1) {
        Operands<T> o{p.a, p.b + *t.tap, lda, ldb};
        for (int64_t k = 0; k < depth; ++k) step(acc, o, pack);  // unrolled, it would wait for pixels that are far
        return;
    }
    const int64_t *const first_tap = t.tap, *const last_tap = first_tap + t.taps, *tap = first_tap + t.first_tap;
    const T *a = p.a, *channel = p.b;
    for (int64_t k = 0; k < depth; ++k, a += lda) {
        Operands<T> o{a, channel + *tap, 0, 0};
        step(acc, o, pack);
        if (++tap == last_tap) {
            tap = first_tap;
            channel += ldb;
        }
    }
}

template <class T, int ROWS, int VECS>
CONVX_INLINE void accumulate(vec<T> (&acc)[ROWS][VECS], const GemmTile<T>& t, const Place<T>& p) {
    Operands<T> o{p.a, p.b, t.lda, t.ldb};
    if constexpr (VECS * LANES<T> == NR<T>) {
        if (p.packed) return pack_steps(acc, t, p);
        if (p.ahead_count > 0) steps(acc, o, p.ahead_count, Ahead<T>{p.ahead, t.ahead_row});
    }
    steps(acc, o, t.depth - (VECS * LANES<T> == NR<T> ? p.ahead_count : 0), Nothing<T>{});
}

template <class T, int ROWS, int VECS>
CONVX_INLINE void add_residual(vec<T> (&acc)[ROWS][VECS], const GemmTile<T>& t, const Place<T>& p, T* edge) {
    const T* from = t.epilogue.residual_of(p.c);
    int64_t row = t.ldc;
    if (p.cols < VECS * LANES<T>) {
        copy_block(edge, VECS * LANES<T>, from, row, ROWS, p.cols);
        from = edge;
        row = VECS * LANES<T>;
    }
    CONVX_UNROLL
    for (int i = 0; i < ROWS; ++i) {
        CONVX_UNROLL
        for (int j = 0; j < VECS; ++j) acc[i][j] += load(from + j * LANES<T>);
        next_row(from, row);
    }
}

template <class T, int ROWS, int VECS>
CONVX_INLINE void finish(vec<T> (&acc)[ROWS][VECS], const GemmTile<T>& t, const Place<T>& p, T* edge) {
    const Epilogue<T>& e = t.epilogue;
    CONVX_UNROLL
    for (int i = 0; i < ROWS; ++i) {
        const vec<T> bias = splat(p.bias ? p.bias[i] : T(-0.0));  // -0.0 is neutral
        CONVX_UNROLL
        for (int j = 0; j < VECS; ++j) acc[i][j] += bias;
    }
    if (e.has_residual) add_residual<T, ROWS, VECS>(acc, t, p, edge);
    activate_tile<T, LANES<T>, ROWS, VECS>(acc, e);
}

// While the sum is made.
template <class T, int WRITES>
CONVX_INLINE void prefetch_rows(const T* from, int64_t ldc, int64_t cols, int rows) {
    CONVX_UNROLL
    for (int i = 0; i < rows; ++i) {
        __builtin_prefetch(from, WRITES);
        __builtin_prefetch(from + cols - 1, WRITES);
        next_row(from, ldc);
    }
}

template <class T, int ROWS, int VECS>
CONVX_INLINE void tile(const GemmTile<T>& t, const Place<T>& p) {
    constexpr int L = LANES<T>;
    alignas(64) T edge[ROWS * VECS * L];
    const bool partial = p.cols < VECS * L;
    T* const c = partial ? edge : p.c;
    const int64_t ldc = partial ? VECS * L : t.ldc;
    vec<T> acc[ROWS][VECS];
    if (t.last && t.epilogue.has_residual) prefetch_rows<T, 0>(t.epilogue.residual_of(p.c), t.ldc, p.cols, ROWS);
    if (t.first) {
        if (p.fetches_c) prefetch_rows<T, 1>(p.c, t.ldc, p.cols, ROWS);
        CONVX_UNROLL
        for (int i = 0; i < ROWS; ++i) {
            CONVX_UNROLL
            for (int j = 0; j < VECS; ++j) acc[i][j] = vec<T>{};
        }
    } else {
        if (partial) copy_block(edge, ldc, p.c, t.ldc, ROWS, p.cols);
        if (p.fetches_c) prefetch_rows<T, 1>(p.c + ROWS * t.ldc, t.ldc, p.cols, ROWS);
        const T* row = c;
        CONVX_UNROLL
        for (int i = 0; i < ROWS; ++i) {
            CONVX_UNROLL
            for (int j = 0; j < VECS; ++j) acc[i][j] = load(row + j * L);
            next_row(row, ldc);
        }
    }
    accumulate<T, ROWS, VECS>(acc, t, p);
    if (t.last) finish<T, ROWS, VECS>(acc, t, p, edge);
    T* row = c;
    CONVX_UNROLL
    for (int i = 0; i < ROWS; ++i) {
        CONVX_UNROLL
        for (int j = 0; j < VECS; ++j) store(row + j * L, acc[i][j]);
        next_row(row, ldc);
    }
    if (partial) copy_block(p.c, t.ldc, edge, ldc, ROWS, p.cols);
}

// A panel of rows with one panel of columns after the other.
template <class T, int ROWS>
CONVX_INLINE void along(const GemmTile<T>& t, Place<T> p) {
    p.cols = t.more > 0 ? NR<T> : t.cols;
    for (int64_t more = t.more; p.cols > LANES<T>;) {
        tile<T, ROWS, 2>(t, p);
        if (more-- == 0) return;
        p.b += t.b_panel;
        p.c += NR<T>;
        if (p.packed) p.packed += t.depth * NR<T>;
        if (p.ahead) p.ahead += NR<T>;
        if (more == 0) p.cols = t.cols;
    }
    tile<T, ROWS, 1>(t, p);
}

template <class T, class Body>
CONVX_INLINE void for_each_panel(const GemmTile<T>& t, int32_t rows, const Body& body) {
    Place<T> p{t.a, t.b, t.c, t.epilogue.bias, t.packed, t.ahead, 0, 0, t.far_c};
    int64_t left = t.ahead_count;
    for (int64_t below = t.below;; --below) {
        p.ahead_count = left < t.ahead_each ? left : t.ahead_each;
        if (below == 0 && !t.first) p.fetches_c = t.far_below;
        body(p);
        if (below == 0) return;
        p.a += t.a_panel;
        p.c += rows * t.ldc;
        if (p.bias) p.bias += rows;
        if (p.ahead) p.ahead += p.ahead_count * t.ahead_row;
        left -= p.ahead_count;
    }
}

// All tiles in one function: a call of it takes as long as ten steps.
template <class T, int ROWS>
void all_panels(const GemmTile<T>& t) {
    for_each_panel(t, ROWS, [&](const Place<T>& p) __attribute__((always_inline)) { along<T, ROWS>(t, p); });
}

template <class T, int ROWS>
void by_rows(const GemmTile<T>& t) {
    if (t.rows == ROWS) return all_panels<T, ROWS>(t);
    if constexpr (ROWS > 1) by_rows<T, ROWS - 1>(t);
}

template <class T>
void halves(const GemmTile<T>& t, const Place<T>& p) {
    GemmTile<T> half = t;
    half.below = 0;
    half.rows = (t.rows + 1) / 2;
    half.a = p.a;
    half.c = p.c;
    half.epilogue.bias = p.bias;
    half.far_below = p.fetches_c;
    half.ahead = p.ahead;
    half.ahead_count = half.ahead_each = p.ahead_count;
    by_rows<T, MR / 2>(half);
    half.a += half.rows;
    half.c += half.rows * t.ldc;
    if (half.epilogue.bias) half.epilogue.bias += half.rows;
    if (t.packed) {  // by the first half
        half.b = t.packed;
        half.ldb = NR<T>;
        half.b_panel = t.depth * NR<T>;
        half.packed = nullptr;
    }
    half.ahead_count = 0;
    half.rows = t.rows - half.rows;
    by_rows<T, MR / 2>(half);
}

// Halves of a tile, which take about the time of it, need a part of the code.
template <class T>
void whole_or_halves(const GemmTile<T>& t) {
    if (t.rows == MR) return all_panels<T, MR>(t);
    if (t.rows <= MR / 2) return by_rows<T, MR / 2>(t);
    for_each_panel(t, t.rows, [&](const Place<T>& p) { halves(t, p); });
}

}  // namespace

template <class T>
void Float<T>::gemm_tile(const GemmTile<T>& t) {
    if constexpr (FEW_COLUMNS<T> > 0) {
        if (has_few_columns(t)) return few_columns(t);
    }
    if constexpr (FEW_TILES<T> && MR >= 12)
        whole_or_halves(t);
    else
        by_rows<T, MR>(t);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
