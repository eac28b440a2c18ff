// Windows of many rows, by van Herk and Gil-Werman: in blocks of `kernel` rows, a window is the end of one block and the
// beginning of the next. Three operations for each input row, whatever the kernel, and nothing is ever taken out again:
// a sum stays as accurate as a short one, and a NaN stays in its windows.
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

constexpr int WIDTH = 4;  // vectors of columns at a time: chains in flight, and whole cache lines

template <class T, class Op, int VECS>
CONVX_INLINE void take(vec<T> (&acc)[VECS], const PoolTall<T>& p, const T* column, int64_t row, vec<T>& sum) {
    if (row < p.skip || row >= p.live) return;
    const T* src = column + row * p.src_row;
    CONVX_UNROLL
    for (int j = 0; j < VECS; ++j) {
        const vec<T> v = load_once(src + j * LANES<T>);
        if (Op::CHECKED) taint<T>(sum, v);
        acc[j] = Op::of(acc[j], v);
    }
}

template <class T, class Op, int VECS>
CONVX_INLINE void columns(const PoolTall<T>& p, int64_t i, vec<T>& sum) {
    constexpr int L = LANES<T>;
    vec<T> acc[VECS];
    int64_t out = 0;
    for (int64_t block = 0; out < p.rows; block += p.kernel) {
        CONVX_UNROLL
        for (int j = 0; j < VECS; ++j) acc[j] = splat(Op::NEUTRAL);
        for (int64_t row = p.kernel - 1; row >= 0; --row) {  // ends of this block
            take<T, Op, VECS>(acc, p, p.src + i, block + row, sum);
            CONVX_UNROLL
            for (int j = 0; j < VECS; ++j) store(p.scratch + (row * VECS + j) * L, acc[j]);
        }
        CONVX_UNROLL
        for (int j = 0; j < VECS; ++j) acc[j] = splat(Op::NEUTRAL);
        int64_t next = block + p.kernel;  // beginnings of the next
        for (; out < p.rows && out * p.stride < block + p.kernel; ++out) {
            for (; next < out * p.stride + p.kernel; ++next) take<T, Op, VECS>(acc, p, p.src + i, next, sum);
            const T* end = p.scratch + (out * p.stride - block) * VECS * L;
            CONVX_UNROLL
            for (int j = 0; j < VECS; ++j) store(p.dst + out * p.dst_row + i + j * L, Op::of(load(end + j * L), acc[j]));
        }
    }
}

}  // namespace

template <class T, class Op>
bool pool_tall(const PoolTall<T>& p) {
    constexpr int L = LANES<T>;
    vec<T> sum = {};
    int64_t i = 0;
    for (; i + WIDTH * L <= p.count; i += WIDTH * L) columns<T, Op, WIDTH>(p, i, sum);
    for (; i + L <= p.count; i += L) columns<T, Op, 1>(p, i, sum);
    if (i < p.count) columns<T, Op, 1>(p, p.count - L, sum);  // overlaps the last one
    return !Op::CHECKED || !is_tainted<T>(sum);
}

template bool pool_tall<float, FiniteMax<float>>(const PoolTall<float>&);
template bool pool_tall<float, Max<float>>(const PoolTall<float>&);
template bool pool_tall<float, Sum<float>>(const PoolTall<float>&);
template bool pool_tall<double, FiniteMax<double>>(const PoolTall<double>&);
template bool pool_tall<double, Max<double>>(const PoolTall<double>&);
template bool pool_tall<double, Sum<double>>(const PoolTall<double>&);

}  // namespace convx::CONVX_ISA
