// Vectors of the instruction set this file is compiled for, over GCC/Clang vector extensions.
#pragma once
#include <stdint.h>

#include "contracts/epilogue.h"
#include "sets.h"
#include "tile.h"

#define CONVX_INLINE static inline __attribute__((always_inline))
#if defined(__clang__)
#define CONVX_UNROLL _Pragma("clang loop unroll(full)")
#define CONVX_UNROLL_LOOP _Pragma("clang loop unroll_count(4)")  // of many iterations
#else
#define CONVX_UNROLL _Pragma("GCC unroll 32")
#define CONVX_UNROLL_LOOP _Pragma("GCC unroll 4")
#endif

// One row of input after the other: without the barrier g++ loads all rows first and spills them.
#define CONVX_KEEP_ORDER __asm__ volatile("" ::: "memory")

// The operand of an asm statement that is a vector.
#if defined(CONVX_EMULATE_AVX512)
#define CONVX_REGISTER "+m"  // of two registers
#elif defined(__x86_64__)
#define CONVX_REGISTER "+v"
#elif defined(__aarch64__)
#define CONVX_REGISTER "+w"
#else
#define CONVX_REGISTER "+m"
#endif

// Keeps a vector in its register where g++ would rather load it again, and a product out of a fused multiply-add.
#define CONVX_HOLD(v) __asm__("" : CONVX_REGISTER(v))

namespace convx::CONVX_ISA {

template <class T, int N>
struct Vector {
    typedef T type __attribute__((vector_size(N * sizeof(T))));
};
template <class T, int N = LANES<T>>
using vec = typename Vector<T, N>::type;

// Index packs 0, 1, ... lanes - 1 for constant shuffles.
template <int... I>
struct Lanes {};
template <int N, int... I>
struct CountTo : CountTo<N - 1, N - 1, I...> {};
template <int... I>
struct CountTo<0, I...> {
    using type = Lanes<I...>;
};
template <class T, int N = LANES<T>>
using AllLanes = typename CountTo<N>::type;

template <class T, int N = LANES<T>>
CONVX_INLINE vec<T, N> load(const T* p) {
    vec<T, N> v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
}

template <class T, int N = LANES<T>>
CONVX_INLINE void store(T* p, vec<T, N> v) {
    __builtin_memcpy(p, &v, sizeof v);
}

// To the next row by one addition: of an unrolled loop's rows g++ would make a table of offsets on the stack.
template <class T>
CONVX_INLINE void next_row(T*& row, int64_t by) {
    row += by;
    __asm__("" : "+r"(row));
}

// x - 0 keeps every value, -0.0 and NaN included, where x + 0 would not.
template <class T, int N = LANES<T>>
CONVX_INLINE vec<T, N> splat(T x) {
    return x - vec<T, N>{};
}

// A width of vectors, as an argument.
template <int N>
struct Width {
    static constexpr int value = N;
};

// Copies 1 <= n <= lanes elements by two moves of the same power of two that may overlap.
template <class T, int STEP = LANES<T>>
CONVX_INLINE void copy_few(T* dst, const T* src, int64_t n) {
    if constexpr (STEP == 1) {
        *dst = *src;
    } else {
        if (n >= STEP) {
            struct Chunk {
                T value[STEP];
            } head, tail;
            __builtin_memcpy(&head, src, sizeof head);
            __builtin_memcpy(&tail, src + n - STEP, sizeof tail);
            __builtin_memcpy(dst, &head, sizeof head);
            __builtin_memcpy(dst + n - STEP, &tail, sizeof tail);
        } else {
            copy_few<T, STEP / 2>(dst, src, n);
        }
    }
}

// Lanes START, START + 1, ... of a0 b0 a1 b1 ...
template <int START, class T, int N, int... I>
CONVX_INLINE vec<T, N> zip(vec<T, N> a, vec<T, N> b, Lanes<I...>) {
#if defined(__clang__)
    return __builtin_shufflevector(a, b, ((START + I) / 2 + (I % 2) * N)...);
#else
    return __builtin_shuffle(a, b, decltype(a < b){((START + I) / 2 + (I % 2) * N)...});
#endif
}

// One maxps/minps each; the operand order lets a NaN in v through.
template <class T, int N = LANES<T>>
CONVX_INLINE vec<T, N> clamp(vec<T, N> v, vec<T, N> lo, vec<T, N> hi) {
    v = lo > v ? lo : v;
    return hi < v ? hi : v;
}

// The multiply-add of the tiles.
struct Multiply {
    template <int N, class V>
    CONVX_INLINE V add(V sum, V x, V w) {
        return sum + x * w;
    }
};

// Maximum and minimum that are NaN when either operand is.
template <class T>
CONVX_INLINE vec<T> max_nan(vec<T> a, vec<T> b) {
    const vec<T> m = a > b ? a : b;  // b when either is NaN
    return a == a ? m : a;
}
template <class T>
CONVX_INLINE vec<T> min_nan(vec<T> a, vec<T> b) {
    const vec<T> m = a < b ? a : b;
    return a == a ? m : a;
}

// All bits set in lanes [from, to), none in the others.
template <class T>
using mask = decltype(vec<T>{} < vec<T>{});
template <class T, int... I>
CONVX_INLINE mask<T> lanes_between(int64_t from, int64_t to, Lanes<I...>) {
    const vec<T> lane = {T(I)...};
    return (lane >= splat(static_cast<T>(from))) & (lane < splat(static_cast<T>(to)));
}

// Lanes BY, BY + 1, ... of a followed by b.
template <int BY, class T, int... I>
CONVX_INLINE vec<T> moved_down(vec<T> a, vec<T> b, Lanes<I...>) {
#if defined(__clang__)
    return __builtin_shufflevector(a, b, (BY + I)...);
#else
    return __builtin_shuffle(a, b, decltype(a < b){(BY + I)...});
#endif
}

// One step of a transposition: blocks of HALF lanes are exchanged between a and b.
//   a0 a1 | b0 b1  ->  a0 b0 | a1 b1
template <int HALF, class T, int... I>
CONVX_INLINE void exchange(vec<T>& a, vec<T>& b, Lanes<I...>) {
    constexpr int L = LANES<T>;
#if defined(__clang__)
    const vec<T> low = __builtin_shufflevector(a, b, ((I & HALF) ? L + I - HALF : I)...);
    const vec<T> high = __builtin_shufflevector(a, b, ((I & HALF) ? L + I : I + HALF)...);
#else
    using Index = decltype(a < b);
    const vec<T> low = __builtin_shuffle(a, b, Index{((I & HALF) ? L + I - HALF : I)...});
    const vec<T> high = __builtin_shuffle(a, b, Index{((I & HALF) ? L + I : I + HALF)...});
#endif
    a = low;
    b = high;
}

// Within each part of N lanes of N vectors, by log2(N) butterfly steps: lane p*N + i of m[c] becomes lane p*N + c of
// m[i].
template <class T, int N = LANES<T>, int HALF = N / 2>
CONVX_INLINE void transpose(vec<T> (&m)[N]) {
    CONVX_UNROLL
    for (int i = 0; i < N; ++i) {
        if (!(i & HALF)) exchange<HALF, T>(m[i], m[i + HALF], AllLanes<T>{});
    }
    if constexpr (HALF > 1) transpose<T, N, HALF / 2>(m);
}

template <class T>
constexpr bool IS_FLOAT = T(0.5) != T(0);

// A clamp that changes nothing; integers have no infinity.
template <class T>
CONVX_INLINE bool keeps_all(const Epilogue<T>& e) {
    if constexpr (!IS_FLOAT<T>) return false;
    return e.lo == -static_cast<T>(__builtin_inff()) && e.hi == static_cast<T>(__builtin_inff());
}

// The epilogue after the bias: one clamp or one leaky ReLU. For a whole tile it is chosen once: a branch for each
// vector takes longest to compile of all.
template <class T, int N, int ROWS, int VECS>
CONVX_INLINE void activate_tile(vec<T, N> (&acc)[ROWS][VECS], const Epilogue<T>& e) {
    if (IS_FLOAT<T> && e.activation == Activation::leaky_relu) {
        CONVX_UNROLL
        for (int i = 0; i < ROWS; ++i) {
            CONVX_UNROLL
            for (int v = 0; v < VECS; ++v) acc[i][v] = acc[i][v] > vec<T, N>{} ? acc[i][v] : acc[i][v] * e.lo;
        }
    } else if (!keeps_all(e)) {
        const vec<T, N> lo = splat<T, N>(e.lo), hi = splat<T, N>(e.hi);
        CONVX_UNROLL
        for (int i = 0; i < ROWS; ++i) {
            CONVX_UNROLL
            for (int v = 0; v < VECS; ++v) acc[i][v] = clamp<T, N>(acc[i][v], lo, hi);
        }
    }
}

template <class T, int N = LANES<T>>
CONVX_INLINE vec<T, N> activate(vec<T, N> v, const Epilogue<T>& e) {
    if (IS_FLOAT<T> && e.activation == Activation::leaky_relu) return v > vec<T, N>{} ? v : v * e.lo;
    return clamp<T, N>(v, splat<T, N>(e.lo), splat<T, N>(e.hi));
}

// The same for a row of vectors, which is often short: no activation costs nothing.
template <class T, int N, int R>
CONVX_INLINE void activate_all(vec<T, N> (&acc)[R], const Epilogue<T>& e) {
    if (e.activation == Activation::leaky_relu) {
        CONVX_UNROLL
        for (int i = 0; i < R; ++i) acc[i] = acc[i] > vec<T, N>{} ? acc[i] : acc[i] * e.lo;
    } else {
        if (keeps_all(e)) return;
        const vec<T, N> lo = splat<T, N>(e.lo), hi = splat<T, N>(e.hi);
        CONVX_UNROLL
        for (int i = 0; i < R; ++i) acc[i] = clamp<T, N>(acc[i], lo, hi);
    }
}

}  // namespace convx::CONVX_ISA
