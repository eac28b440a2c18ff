// Windows of many rows, by van Herk and Gil-Werman: in blocks of `kernel` rows, a window is the end of one block and
// the beginning of the next. Three operations for each input row, whatever the kernel, and nothing is ever taken out
// again: a sum stays as accurate as a short one, and a NaN stays in its windows.
#include "pool_ops.h"

namespace convx::CONVX_ISA {
namespace {

// VECS vectors of columns, `apart` from each other, from i on; FEW: fewer columns than a vector has lanes.
template <class T, int VECS, bool FEW>
struct Columns {
    const PoolTall<T>& p;
    int64_t i, apart;
    mask<T> keep;

    __attribute__((always_inline)) vec<T> at(int64_t row, int j) const {
        const T* src = p.src + row * p.src_row + i + j * apart;
        if (!FEW || p.src_end - src >= LANES<T>) return load(src);
        T few[LANES<T>] = {};
        copy_few(few, src, p.count);
        return load(few);
    }
};

template <class T, class Op, int VECS, bool FEW>
CONVX_INLINE void take(vec<T> (&acc)[VECS], const Columns<T, VECS, FEW>& c, int64_t row, bool check,
                       vec<T> (&sums)[VECS]) {
    if (row < c.p.skip || row >= c.p.live) return;
    CONVX_UNROLL
    for (int j = 0; j < VECS; ++j) {
        const vec<T> v = c.at(row, j);
        if (VECS > 2) __builtin_prefetch(c.p.src + row * c.p.src_row + c.i + (VECS + j) * LANES<T>);
        if (Op::CHECKED && check) taint<T>(sums[j], v);
        acc[j] = Op::of(acc[j], v);
    }
}

template <class T, class Op, int VECS>
CONVX_INLINE void clear(vec<T> (&acc)[VECS]) {
    CONVX_UNROLL
    for (int j = 0; j < VECS; ++j) acc[j] = splat(Op::NEUTRAL);
}

template <class T, class Op, int VECS, bool FEW>
CONVX_INLINE void windows(const Columns<T, VECS, FEW>& c, vec<T>& sum) {
    constexpr int L = LANES<T>;
    const PoolTall<T>& p = c.p;
    vec<T> acc[VECS], sums[VECS] = {};
    int64_t out = 0;
    for (int64_t block = 0; out < p.rows; block += p.kernel) {
        clear<T, Op, VECS>(acc);
        for (int64_t row = p.kernel - 1; row >= 0; --row) {  // ends of this block
            take<T, Op, VECS, FEW>(acc, c, block + row, true, sums);
            CONVX_UNROLL
            for (int j = 0; j < VECS; ++j) store(p.scratch + (row * VECS + j) * L, acc[j]);
        }
        clear<T, Op, VECS>(acc);
        const bool last = (p.rows - 1) * p.stride < block + p.kernel;
        int64_t next = block + p.kernel;  // beginnings of the next
        for (; out < p.rows && out * p.stride < block + p.kernel; ++out) {
            for (; next < out * p.stride + p.kernel; ++next) take<T, Op, VECS, FEW>(acc, c, next, last, sums);
            const T* end = p.scratch + (out * p.stride - block) * VECS * L;
            CONVX_UNROLL
            for (int j = 0; j < VECS; ++j) {
                const vec<T> v = Op::of(load(end + j * L), acc[j]);
                store(p.dst + out * p.dst_row + c.i + j * c.apart, FEW ? (c.keep ? v : splat(Op::NEUTRAL)) : v);
            }
        }
    }
    CONVX_UNROLL
    for (int j = 0; j < VECS; ++j) sum += sums[j];
}

// Where there are fewer windows than one has rows, four of them at a time: what all have in common, and the rows that
// some have above and below. A row that does not count gives way to the next that does, which is under its windows too.
constexpr int GROUP = 4, GROUP_VECS = 2, MOST_GROUPED = 32;  // windows, vectors of each, rows of one

template <class T>
bool is_grouped(const PoolTall<T>& p) {
    return p.stride == 1 && GROUP <= p.rows && p.rows < p.kernel && p.kernel <= MOST_GROUPED && p.skip < p.kernel &&
           p.rows <= p.live && GROUP_VECS * LANES<T> <= p.count;
}

// What lies under a group of windows, and where they go.
template <class T, class Op>
struct Group {
    const T* src[MOST_GROUPED + GROUP - 1];
    T* dst[GROUP];
    const int64_t kernel;

    Group(const PoolTall<T>& p, int64_t first) : kernel(p.kernel) {
        for (int64_t r = 0; r < kernel + GROUP - 1; ++r) {
            const int64_t row = first + r < p.skip ? p.skip : first + r < p.live ? first + r : p.live - 1;
            src[r] = p.src + row * p.src_row;
        }
        for (int r = 0; r < GROUP; ++r) dst[r] = p.dst + (first + r) * p.dst_row;
    }
    using Vectors = vec<T>[GROUP_VECS];
    static __attribute__((always_inline)) void read(Vectors& x, const T* row, Vectors& sums) {
        CONVX_UNROLL
        for (int v = 0; v < GROUP_VECS; ++v) {
            x[v] = load(row + v * LANES<T>);
            if (Op::CHECKED) taint<T>(sums[v], x[v]);
        }
    }
    static __attribute__((always_inline)) void add(Vectors& acc, const Vectors& x) {
        CONVX_UNROLL
        for (int v = 0; v < GROUP_VECS; ++v) acc[v] = Op::of(acc[v], x[v]);
    }
    static __attribute__((always_inline)) void put(T* row, const Vectors& acc) {
        CONVX_UNROLL
        for (int v = 0; v < GROUP_VECS; ++v) store(row + v * LANES<T>, acc[v]);
    }
    // At columns i.
    __attribute__((always_inline)) void run(int64_t i, Vectors& sums) const {
        Vectors x, acc[GROUP];
        read(acc[GROUP - 1], src[GROUP - 1] + i, sums);
        for (int64_t r = GROUP; r < kernel; ++r) {
            read(x, src[r] + i, sums);
            add(acc[GROUP - 1], x);
        }
        CONVX_UNROLL
        for (int r = GROUP - 2; r >= 0; --r) {
            read(acc[r], src[r] + i, sums);
            add(acc[r], acc[r + 1]);
        }
        put(dst[0] + i, acc[0]);
        Vectors below;
        CONVX_UNROLL
        for (int r = 1; r < GROUP; ++r) {
            read(x, src[kernel + r - 1] + i, sums);
            if (r > 1) add(x, below);
            CONVX_UNROLL
            for (int v = 0; v < GROUP_VECS; ++v) below[v] = x[v];
            add(acc[r], below);
            put(dst[r] + i, acc[r]);
        }
    }
};

// The last rows and columns overlap those before, and so do the first, that all others are whole lines of the cache.
template <class T, class Op>
bool grouped(const PoolTall<T>& p) {
    constexpr int64_t WIDTH = GROUP_VECS * LANES<T>;
    const int64_t last = p.count - WIDTH, lead = int64_t(uintptr_t(p.src) / sizeof(T)) % WIDTH;
    vec<T> sums[GROUP_VECS] = {};
    for (int64_t r = 0; r < p.rows; r += GROUP) {
        const Group<T, Op> group(p, r + GROUP <= p.rows ? r : p.rows - GROUP);
        for (int64_t i = -lead; i < p.count; i += WIDTH) group.run(i < 0 ? 0 : i < last ? i : last, sums);
    }
    return !Op::CHECKED || !is_tainted<T>(sums[0] + sums[1]);
}

}  // namespace

template <class T, class Op>
bool Pool<T, Op>::pool_tall(const PoolTall<T>& p) {
    constexpr int L = LANES<T>, WIDTH = POOL_TALL_VECTORS;
    // Of rare types, and of floats that are not all finite, less code.
    if constexpr (Op::IDEMPOTENT && ((VECTOR_BYTES == POOL_DOWN_BYTES && sizeof(T) < 4) ||
                                     (VECTOR_BYTES >= POOL_DOWN_BYTES && Op::CHECKED && sizeof(T) == 4)))
        if (is_grouped(p)) return grouped<T, Op>(p);
    vec<T> sum = {};
    int64_t i = 0;
    for (; i + WIDTH * L <= p.count; i += WIDTH * L)
        windows<T, Op, WIDTH, false>(Columns<T, WIDTH, false>{p, i, L, mask<T>{}}, sum);
    for (; i + 2 * L <= p.count; i += 2 * L) windows<T, Op, 2, false>(Columns<T, 2, false>{p, i, L, mask<T>{}}, sum);
    if (p.count < L) {
        windows<T, Op, 1, true>(Columns<T, 1, true>{p, 0, 0, lanes_between<T>(0, p.count, AllLanes<T>{})}, sum);
    } else if (i < p.count) {  // overlaps what came before, or itself
        const int64_t first = p.count < 2 * L ? 0 : p.count - 2 * L;
        windows<T, Op, 2, false>(Columns<T, 2, false>{p, first, p.count - L - first, mask<T>{}}, sum);
    }
    return !Op::CHECKED || !is_tainted<T>(sum);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
