// The largest element of each window and where it lies. Lanes are neighbouring outputs, taps come in the order of the
// window: the first of equals stays, each NaN replaces what was there.
#include "contracts/argmax.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

// What is known of one vector of outputs.
template <class T>
struct Best {
    vec<T> value;
    vec<code_t<T>> code;
};

template <class T>
CONVX_INLINE void take(Best<T>& best, vec<T> v, vec<code_t<T>> code) {
    const mask<T> better = (v > best.value) | (v != v);
    best.value = better ? v : best.value;
    best.code = better ? code : best.code;
}

template <class T, int TAPS>
CONVX_INLINE void take_rows(Best<T>& best, const PoolArgmax<T>& p, int64_t q) {
    for (int64_t j = 0; j < p.row_count; ++j) {
        const T* row = p.rows[j] + q;
        const code_t<T> code = p.row_code[j];
        if constexpr (TAPS > 0) {
            CONVX_UNROLL
            for (int t = 0; t < TAPS; ++t) take<T>(best, load(row + p.tap[t]), splat<code_t<T>>(code + p.tap_code[t]));
        } else {
            for (int64_t t = 0; t < p.taps; ++t)
                take<T>(best, load(row + p.tap[t]), splat<code_t<T>>(code + p.tap_code[t]));
        }
    }
}

// The indices of outputs q, q + 1, ...; those that took no element of this call, whose code is -1, keep theirs.
template <class T>
CONVX_INLINE void put_indices(int64_t* index, const PoolArgmax<T>& p, int64_t q, vec<code_t<T>> code) {
    constexpr int PART = LANES<int64_t>;
    code_t<T> codes[LANES<T>];
    store(codes, code);
    CONVX_UNROLL
    for (int i = 0; i < LANES<T>; i += PART) {
        const vec<int64_t> wide = __builtin_convertvector((load<code_t<T>, PART>(codes + i)), vec<int64_t>);
        const vec<int64_t> found = wide + load(p.start + q + i) + p.origin;
        store(index + i, p.fresh ? found : wide < 0 ? load(index + i) : found);
    }
}

template <class T, int TAPS>
CONVX_INLINE void all_outputs(const PoolArgmax<T>& p) {
    constexpr int L = LANES<T>;
    for (int64_t q = 0; q < p.outputs; q += L) {
        const int64_t count = p.outputs - q;
        T few[L] = {};
        if (!p.fresh && count < L) copy_few(few, p.value + q, count);
        Best<T> best{splat(p.lowest), p.fresh ? load(p.first + q) : splat<code_t<T>>(-1)};
        if (!p.fresh) best.value = count < L ? load(few) : load(p.value + q);
        take_rows<T, TAPS>(best, p, q);
        if (count >= L) {
            store(p.value + q, best.value);
            put_indices<T>(p.index + q, p, q, best.code);
            continue;
        }
        int64_t few_indices[L] = {};
        if (!p.fresh)
            for (int64_t i = 0; i < count; ++i) few_indices[i] = p.index[q + i];
        put_indices<T>(few_indices, p, q, best.code);
        store(few, best.value);
        copy_few(p.value + q, few, count);
        for (int64_t i = 0; i < count; ++i) p.index[q + i] = few_indices[i];
    }
}

}  // namespace

template <class T>
void Argmax<T>::pool_argmax(const PoolArgmax<T>& p) {
    if (p.taps == 2) return all_outputs<T, 2>(p);
    if (p.taps == 3) return all_outputs<T, 3>(p);
    all_outputs<T, 0>(p);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
