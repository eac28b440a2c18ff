// Reductions over the taps of a pooling window; lanes are neighbouring outputs.
#include "contracts/pool.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class T>
CONVX_INLINE vec<T> absolute(vec<T> v) {
    const vec<T> zero = {}, sign = -zero;  // all bits but that of the sign are 0
    return (vec<T>)((mask<T>)v & ~(mask<T>)sign);
}

template <class T>
struct Largest {
    CONVX_INLINE vec<T> term(vec<T> v) { return v; }
    CONVX_INLINE vec<T> of(vec<T> a, vec<T> b) { return max_nan<T>(a, b); }
};

template <class T>
struct Smallest {
    CONVX_INLINE vec<T> term(vec<T> v) { return v; }
    CONVX_INLINE vec<T> of(vec<T> a, vec<T> b) { return min_nan<T>(a, b); }
};

template <class T>
struct Total {
    CONVX_INLINE vec<T> term(vec<T> v) { return v; }
    CONVX_INLINE vec<T> of(vec<T> a, vec<T> b) { return a + b; }
};

template <class T>
struct LargestSize : Largest<T> {
    CONVX_INLINE vec<T> term(vec<T> v) { return absolute<T>(v); }
};

template <class T>
struct TotalSize : Total<T> {
    CONVX_INLINE vec<T> term(vec<T> v) { return absolute<T>(v); }
};

template <class T>
struct TotalSquare : Total<T> {
    CONVX_INLINE vec<T> term(vec<T> v) { return v * v; }
};

template <class T, class Op>
CONVX_INLINE vec<T> terms_at(const Reduce<T>& r, int64_t i) {
    vec<T> acc = Op::term(load(r.src + r.offset[0] + i));
    for (int64_t j = 1; j < r.terms; ++j) acc = Op::of(acc, Op::term(load(r.src + r.offset[j] + i)));
    return acc;
}

// Fewer elements than a vector: each term is copied first.
template <class T, class Op>
CONVX_INLINE void reduce_few(const Reduce<T>& r) {
    T few[LANES<T>] = {};
    copy_few(few, r.src + r.offset[0], r.count);
    vec<T> acc = Op::term(load(few));
    for (int64_t j = 1; j < r.terms; ++j) {
        copy_few(few, r.src + r.offset[j], r.count);
        acc = Op::of(acc, Op::term(load(few)));
    }
    store(few, acc);
    copy_few(r.dst, few, r.count);
}

// The last vector overlaps the one before; dst is never among the terms.
template <class T, class Op>
CONVX_INLINE void reduce(const Reduce<T>& r) {
    constexpr int L = LANES<T>;
    if (r.count < L) {
        if (r.count > 0) reduce_few<T, Op>(r);
        return;
    }
    for (int64_t i = 0; i + L <= r.count; i += L) store(r.dst + i, terms_at<T, Op>(r, i));
    if (r.count % L) store(r.dst + r.count - L, terms_at<T, Op>(r, r.count - L));
}

}  // namespace

template <class T>
void Any<T>::reduce_max(const Reduce<T>& r) {
    reduce<T, Largest<T>>(r);
}

template <class T>
void Any<T>::reduce_min(const Reduce<T>& r) {
    reduce<T, Smallest<T>>(r);
}

template <class T>
void Float<T>::reduce_sum(const Reduce<T>& r) {
    reduce<T, Total<T>>(r);
}

template <class T>
void Float<T>::reduce_abs(const Reduce<T>& r) {
    reduce<T, TotalSize<T>>(r);
}

template <class T>
void Float<T>::reduce_squares(const Reduce<T>& r) {
    reduce<T, TotalSquare<T>>(r);
}

template <class T>
void Float<T>::reduce_abs_max(const Reduce<T>& r) {
    reduce<T, LargestSize<T>>(r);
}

template <class T>
void Float<T>::average(const Average<T>& a) {
    constexpr int L = LANES<T>;
    int64_t i = 0;
    for (; i + L <= a.count; i += L) store(a.sums + i, load(a.sums + i) / (load(a.width + i) * a.height));
    for (; i < a.count; ++i) a.sums[i] /= a.width[i] * a.height;
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
