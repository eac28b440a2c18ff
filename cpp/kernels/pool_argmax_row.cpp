// The largest elements of small windows and where they lie, straight from the rows of the input. As in pool_argmax.cpp,
// the first of equals stays and each NaN replaces what was there.
#include "contracts/argmax.h"
#include "every.h"

namespace convx::CONVX_ISA {
namespace {

template <class T, int... I>
CONVX_INLINE vec<T> count_up(Lanes<I...>) {
    return vec<T>{T(I)...};
}

// Tap TAP of the outputs from x on.
template <class T, int S, int TAP>
CONVX_INLINE vec<T> tap(const T* x) {
    constexpr int L = LANES<T>;
    if constexpr (S == 1) return load(x + TAP);
    if constexpr (TAP == 2) return every_second<0, T, L>(load(x + 2), load(x + 2 + L), AllLanes<T>{});
    return every_second<TAP & 1, T, L>(load(x), load(x + L), AllLanes<T>{});
}

template <class T, int S, int TAP, bool EDGE>
CONVX_INLINE void take(const PoolArgmaxRow<T>& p, const T* x, vec<code_t<T>> column, code_t<T> code, vec<T>& best,
                       vec<code_t<T>>& where) {
    vec<T> v = tap<T, S, TAP>(x);
    if (EDGE) {
        const mask<T> inside = (column + TAP >= code_t<T>(p.from)) & (column + TAP < code_t<T>(p.to));
        v = inside ? v : splat(p.lowest);
    }
    const mask<T> better = (v > best) | (v != v);
    best = better ? v : best;
    where = better ? splat<code_t<T>>(code + TAP) : where;
}

template <class T>
CONVX_INLINE void put(const PoolArgmaxRow<T>& p, int64_t q, int64_t stride, vec<T> best, vec<code_t<T>> where) {
    constexpr int L = LANES<T>, PART = LANES<int64_t>;
    code_t<T> codes[L];
    store(codes, where);
    const vec<int64_t> steps = count_up<int64_t>(AllLanes<int64_t>{}) * stride;
    const int64_t count = p.outputs - q;
    T few[L];
    if (count < L) {
        store(few, best);
        copy_few(p.value + q, few, count);
    } else {
        store(p.value + q, best);
    }
    CONVX_UNROLL
    for (int i = 0; i < L; i += PART) {
        const vec<int64_t> wide = __builtin_convertvector((load<code_t<T>, PART>(codes + i)), vec<int64_t>);
        const vec<int64_t> index = wide + steps + (p.origin + (q + i) * stride);
        if (count >= i + PART) {
            store(p.index + q + i, index);
        } else if (count > i) {
            int64_t few_indices[PART];
            store(few_indices, index);
            copy_few(p.index + q + i, few_indices, count - i);
        }
    }
}

template <class T, int TAPS, int S, bool EDGE>
CONVX_INLINE void one_vector(const PoolArgmaxRow<T>& p, int64_t q) {
    using Code = code_t<T>;
    const vec<Code> column = count_up<Code>(AllLanes<T>{}) * Code(S) + Code(q * S);
    vec<T> best = splat(p.lowest);
    vec<Code> where = {};
    if (EDGE) where = column < Code(p.from) ? Code(p.from) - column : where;
    const T* x = p.src + q * S;
    Code code = 0;
    for (int64_t j = 0; j < p.rows; ++j, x += p.src_row, code += p.row_code) {
        take<T, S, 0, EDGE>(p, x, column, code, best, where);
        take<T, S, 1, EDGE>(p, x, column, code, best, where);
        if constexpr (TAPS == 3) take<T, S, 2, EDGE>(p, x, column, code, best, where);
    }
    put<T>(p, q, S, best, where);
}

template <class T, int TAPS, int S>
CONVX_INLINE void all_outputs(const PoolArgmaxRow<T>& p) {
    constexpr int L = LANES<T>;
    for (int64_t q = 0; q < p.outputs; q += L) {
        if (q + L > p.outputs && p.outputs > L) q = p.outputs - L;  // overlaps the last one
        if (q * S < p.from || (q + L - 1) * S + TAPS > p.to)
            one_vector<T, TAPS, S, true>(p, q);
        else
            one_vector<T, TAPS, S, false>(p, q);
    }
}

}  // namespace

template <class T>
void Argmax<T>::pool_argmax_row(const PoolArgmaxRow<T>& p) {
    if (p.stride == 1) return all_outputs<T, 3, 1>(p);
    if (p.taps == 2) return all_outputs<T, 2, 2>(p);
    all_outputs<T, 3, 2>(p);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
