// Winograd's products: tiles are broadcast, output channels lie in the lanes. The weights of one point stay in L1 while
// the tiles pass by.
#include "contracts/winograd.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

constexpr int STEPS = 2;  // of the sum at a time: with four, GCC 12 keeps an accumulator in memory
constexpr int LINE = 64;

template <class T>
constexpr int TERM = NR<T> * static_cast<int>(sizeof(T));  // bytes of weights

// Brings the next weights into L2, the same share of them at each term: without a branch, as the loop has few
// instructions to spare beside its multiply-adds.
struct Ahead {
    const char* at;
    int64_t share, tap, panel;  // bytes: at each term, and in between
    template <int BYTES>
    __attribute__((always_inline)) void step() {
        CONVX_UNROLL
        for (int i = 0; i < (BYTES < LINE ? 1 : BYTES / LINE); ++i) __builtin_prefetch(at + i * LINE, 0, 2);
        at += share;
    }
};

template <class T, int ROWS, int VECS>
CONVX_INLINE void add_term(vec<T> (&acc)[ROWS][VECS], const T* const (&v)[ROWS], const T* u, int64_t c) {
    vec<T> uv[VECS];
    CONVX_UNROLL
    for (int j = 0; j < VECS; ++j) uv[j] = load(u + c * NR<T> + j * LANES<T>);
    CONVX_UNROLL
    for (int i = 0; i < ROWS; ++i) {
        const vec<T> vv = splat(v[i][c]);
        CONVX_UNROLL
        for (int j = 0; j < VECS; ++j) acc[i][j] += vv * uv[j];
    }
}

template <class T, int ROWS, int VECS>
__attribute__((noinline)) void tile(const WinogradProducts<T>& p, const T* tiles, T* m, Ahead& next) {
    Ahead ahead = next;
    vec<T> acc[ROWS][VECS];
    CONVX_UNROLL
    for (int i = 0; i < ROWS; ++i) {
        CONVX_UNROLL
        for (int j = 0; j < VECS; ++j) acc[i][j] = vec<T>{};
    }
    const T* v[ROWS];
    CONVX_UNROLL
    for (int i = 0; i < ROWS; ++i) v[i] = tiles + i * p.v_tile;
    const T* u = p.u;
    for (int64_t tap = 0; tap < p.taps; ++tap, u += p.u_tap) {
        int64_t c = 0;
        for (; c + STEPS <= p.channels; c += STEPS) {
            CONVX_UNROLL
            for (int s = 0; s < STEPS; ++s) {
                ahead.step<TERM<T>>();
                add_term<T, ROWS, VECS>(acc, v, u, c + s);
            }
        }
        for (; c < p.channels; ++c) add_term<T, ROWS, VECS>(acc, v, u, c);
        CONVX_UNROLL
        for (int i = 0; i < ROWS; ++i) v[i] += p.v_tap;
        ahead.at += ahead.tap;
    }
    ahead.at += ahead.panel;
    next = ahead;
    if (!p.first) {
        CONVX_UNROLL
        for (int i = 0; i < ROWS; ++i) {
            CONVX_UNROLL
            for (int j = 0; j < VECS; ++j) acc[i][j] += load(m + i * p.m_tile + j * LANES<T>);
        }
    }
    CONVX_UNROLL
    for (int i = 0; i < ROWS; ++i) {
        CONVX_UNROLL
        for (int j = 0; j < VECS; ++j) store(m + i * p.m_tile + j * LANES<T>, acc[i][j]);
    }
}

// Of doubles, which are rarer, and of large tiles, those of 1, 2, 4 and 8 rows alone.
template <class T>
constexpr bool HALVES = sizeof(T) > sizeof(float) && MR > 8;
template <class T>
constexpr int MOST_ROWS = HALVES<T> ? 8 : MR;

template <class T, int ROWS>
void by_rows(const WinogradProducts<T>& p, int64_t rows, const T* v, T* m, Ahead& ahead) {
    if (rows != ROWS) {
        if constexpr (ROWS > 1) by_rows<T, (HALVES<T> ? ROWS / 2 : ROWS - 1)>(p, rows, v, m, ahead);
        return;
    }
    p.cols > LANES<T> ? tile<T, ROWS, 2>(p, v, m, ahead) : tile<T, ROWS, 1>(p, v, m, ahead);
}

}  // namespace

template <class T>
void Float<T>::winograd_products(const WinogradProducts<T>& p) {
    constexpr int64_t MOST = MOST_ROWS<T>;
    const int64_t panels = (p.tiles + MOST - 1) / MOST, rows = p.tiles / panels, longer = p.tiles % panels;
    const int64_t share = p.next ? TERM<T> / panels : 0, some = p.channels / STEPS * STEPS * share;
    const int64_t tap = p.next ? p.u_tap * static_cast<int64_t>(sizeof(T)) : some;
    Ahead ahead{reinterpret_cast<const char*>(p.next ? p.next : p.u), share, tap - some, some - p.taps * tap};
    const T* v = p.v;
    T* m = p.m;
    int64_t most = MOST;
    for (int64_t i = 0, left = p.tiles; left > 0; ++i) {
        if (HALVES<T>)
            while (most > left) most /= 2;
        const int64_t size = HALVES<T> ? most : rows + (i < longer);
        by_rows<T, MOST>(p, size, v, m, ahead);
        left -= size;
        v += size * p.v_tile;
        m += size * p.m_tile;
    }
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
