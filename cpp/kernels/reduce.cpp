// Reductions over the taps of a pooling window; lanes are neighbouring outputs.
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class T>
struct Max {
    CONVX_INLINE vec<T> of(vec<T> a, vec<T> b) { return max_nan<T>(a, b); }
    CONVX_INLINE T of(T a, T b) {
        const T m = a > b ? a : b;
        return a == a ? m : a;
    }
};

template <class T>
struct Sum {
    CONVX_INLINE vec<T> of(vec<T> a, vec<T> b) { return a + b; }
    CONVX_INLINE T of(T a, T b) { return a + b; }
};

template <class T, class Op>
CONVX_INLINE void reduce(const Reduce<T>& r) {
    constexpr int L = LANES<T>;
    int64_t i = 0;
    for (; i + L <= r.count; i += L) {
        vec<T> acc = load(r.src + r.offset[0] + i);
        for (int64_t j = 1; j < r.terms; ++j) acc = Op::of(acc, load(r.src + r.offset[j] + i));
        store(r.dst + i, acc);
    }
    for (; i < r.count; ++i) {
        T acc = r.src[r.offset[0] + i];
        for (int64_t j = 1; j < r.terms; ++j) acc = Op::of(acc, r.src[r.offset[j] + i]);
        r.dst[i] = acc;
    }
}

}  // namespace

template <class T>
void reduce_max(const Reduce<T>& r) {
    reduce<T, Max<T>>(r);
}

template <class T>
void reduce_sum(const Reduce<T>& r) {
    reduce<T, Sum<T>>(r);
}

template <class T>
void average(T* sums, const T* width, T height, int64_t count) {
    constexpr int L = LANES<T>;
    int64_t i = 0;
    for (; i + L <= count; i += L) store(sums + i, load(sums + i) / (load(width + i) * height));
    for (; i < count; ++i) sums[i] /= width[i] * height;
}

template void reduce_max(const Reduce<float>&);
template void reduce_max(const Reduce<double>&);
template void reduce_sum(const Reduce<float>&);
template void reduce_sum(const Reduce<double>&);
template void average(float*, const float*, float, int64_t);
template void average(double*, const double*, double, int64_t);

}  // namespace convx::CONVX_ISA
