// Global pooling: each image to one value. The sums of as many images as there are lanes are transposed and added at
// once.
#include "pool_ops.h"

namespace convx::CONVX_ISA {
namespace {

constexpr int CHAINS = 4;  // accumulators: an addition takes 3-4 cycles, two start in one

// The last count % lanes elements. The other lanes are neutral or, where a second time does no harm, repeat others.
template <class T, class Op>
CONVX_INLINE vec<T> rest_of(const T* image, int64_t count, mask<T> is_new) {
    constexpr int L = LANES<T>;
    if (count >= L) {
        const vec<T> v = load(image + count - L);
        if (Op::IDEMPOTENT) return v;
        return is_new ? v : splat(Op::NEUTRAL);
    }
    T few[L];
    store(few, splat(Op::IDEMPOTENT ? *image : Op::NEUTRAL));
    copy_few(few, image, count);
    return load(few);
}

// One value for each lane, still to be reduced across lanes.
template <class T, class Op>
CONVX_INLINE vec<T> by_lanes(const T* image, int64_t count, mask<T> is_new, vec<T>& sum) {
    constexpr int L = LANES<T>;
    vec<T> acc[CHAINS];
    CONVX_UNROLL
    for (int j = 0; j < CHAINS; ++j) acc[j] = splat(Op::NEUTRAL);
    int64_t i = 0;
    for (; i + CHAINS * L <= count; i += CHAINS * L) {
        CONVX_UNROLL
        for (int j = 0; j < CHAINS; ++j) {
            const vec<T> v = load(image + i + j * L);
            if (Op::CHECKED) taint<T>(sum, v);
            acc[j] = Op::of(acc[j], v);
        }
    }
    for (; i + L <= count; i += L) {
        const vec<T> v = load(image + i);
        if (Op::CHECKED) taint<T>(sum, v);
        acc[0] = Op::of(acc[0], v);
    }
    if (i < count) {
        const vec<T> v = rest_of<T, Op>(image, count, is_new);
        if (Op::CHECKED) taint<T>(sum, v);
        acc[1] = Op::of(acc[1], v);
    }
    return Op::of(Op::of(acc[0], acc[1]), Op::of(acc[2], acc[3]));
}

// The images from n on that share a vector of results.
template <class T, class Op>
CONVX_INLINE bool group(const PoolImages<T>& p, int64_t n, mask<T> is_new, vec<T>& result) {
    constexpr int L = LANES<T>;
    vec<T> sum = {};
    alignas(64) T across[L * L];
    for (int64_t l = 0; l < L; ++l) {
        const int64_t image = n + l < p.images ? n + l : p.images - 1;
        store(across + l * L, by_lanes<T, Op>(p.src + image * p.src_image, p.count, is_new, sum));
    }
    vec<T> m[L];
    CONVX_UNROLL
    for (int l = 0; l < L; ++l) m[l] = load(across + l * L);
    transpose<T>(m);
    CONVX_UNROLL
    for (int half = L / 2; half > 0; half /= 2) {
        CONVX_UNROLL
        for (int l = 0; l < half; ++l) m[l] = Op::of(m[l], m[l + half]);
    }
    result = m[0];
    return !Op::CHECKED || !is_tainted<T>(sum);
}

template <class T, class Of>
CONVX_INLINE void all_groups(const PoolImages<T>& p, const Of& of) {
    constexpr int L = LANES<T>;
    const mask<T> is_new = lanes_between<T>(L - p.count % L, L, AllLanes<T>{});
    for (int64_t n = 0; n < p.images; n += L) {
        T few[L];
        store(few, of(n, is_new));
        copy_few(p.dst + n, few, p.images - n < L ? p.images - n : L);
    }
}

}  // namespace

template <class T>
void Float<T>::images_max(const PoolImages<T>& p) {
    all_groups(p, [&](int64_t n, mask<T> is_new) __attribute__((always_inline)) {
        vec<T> result;
        if (!group<T, FiniteMax<T>>(p, n, is_new, result)) group<T, Max<T>>(p, n, is_new, result);
        return result;
    });
}

template <class T>
void Float<T>::images_average(const PoolImages<T>& p) {
    all_groups(p, [&](int64_t n, mask<T> is_new) __attribute__((always_inline)) {
        vec<T> result;
        group<T, Sum<T>>(p, n, is_new, result);
        return result / splat(p.divisor);
    });
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
