// Sums of which an order of additions decides what integer they become, added up again in that order.
#include "contracts/image.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

// Keeps a product out of a fused multiply-add.
#if defined(__x86_64__)
#define CONVX_ROUNDED(v) __asm__("" : "+v"(v))
#else
#define CONVX_ROUNDED(v) __asm__("" : "+w"(v))
#endif

template <class T>
constexpr T WHOLE = T(1.5) * static_cast<T>(uint64_t{1} << (sizeof(T) == 4 ? 23 : 52));

// All bits set where a sum is too near to a tie, or is no number.
template <class T>
CONVX_INLINE mask<T> near(vec<T> sum, T tie, T tolerance) {
    const vec<T> moved = sum - tie;
    const vec<T> distance = moved - ((moved + WHOLE<T>)-WHOLE<T>);
    return ~((distance > splat(tolerance)) | (distance < splat(-tolerance)));
}

template <class Mask>
CONVX_INLINE bool any(Mask m) {
    uint64_t words[sizeof(Mask) / 8], all = 0;
    __builtin_memcpy(words, &m, sizeof m);
    CONVX_UNROLL
    for (uint64_t word : words) all |= word;
    return all;
}

constexpr int D = LANES<double>;

template <class T>
CONVX_INLINE vec<double> doubles(const T* x) {
    return __builtin_convertvector((load<T, D>(x)), vec<double>);
}

template <class T, bool MIRRORED>
CONVX_INLINE vec<double> exact(const Settling<T>& s, const T* x) {
    vec<double> total = {};
    for (const SettleTerm *term = s.terms, *end = term + s.term_count; term != end; ++term) {
        vec<double> value = doubles(x + term->a);
        if constexpr (MIRRORED) value += term->mirror * doubles(x + term->b);
        vec<double> product = value * term->w;
        CONVX_ROUNDED(product);
        total += product;
    }
    return total;
}

// In float the result of the rule, since the sum itself could be rounded across the tie.
template <class T>
CONVX_INLINE vec<T, D> kept(vec<double> total, Integral rule) {
    if constexpr (sizeof(T) == sizeof(double)) {
        return total;
    } else {
        const vec<double> whole = rule == Integral::cut ? total : (total + WHOLE<double>)-WHOLE<double>;
        return __builtin_convertvector(__builtin_convertvector(whole, vec<int32_t, D>), vec<T, D>);
    }
}

template <class T, bool MIRRORED>
__attribute__((noinline)) void settle_vectors(const Settling<T>& s, int64_t from, int64_t to) {
    const T tie = static_cast<T>(tie_of(s.rule));
    constexpr int L = LANES<T>;
    for (int64_t i = from; i < to; i += L) {
        const mask<T> here = near<T>(load(s.sums + i), tie, s.tolerance);
        if (!any(here)) continue;
        for (int j = 0; j < L; j += D) {
            bool lane = false;
            for (int k = 0; k < D; ++k) lane |= here[j + k] != 0;
            if (lane) store<T, D>(s.sums + i + j, kept<T>(exact<T, MIRRORED>(s, s.x + i + j), s.rule));
        }
    }
}

}  // namespace

template <class T>
void Float<T>::settle_sums(const Settling<T>& s) {
    constexpr int L = LANES<T>, AT_ONCE = SUM_BLOCK / L < 4 ? SUM_BLOCK / L : 4;
    const T tie = static_cast<T>(tie_of(s.rule));
    for (int64_t i = 0; i < s.count; i += AT_ONCE * L) {
        mask<T> some = {};
        CONVX_UNROLL
        for (int v = 0; v < AT_ONCE; ++v) some |= near<T>(load(s.sums + i + v * L), tie, s.tolerance);
        if (!any(some)) continue;
        const int64_t end = i + AT_ONCE * L;
        s.mirrored ? settle_vectors<T, true>(s, i, end) : settle_vectors<T, false>(s, i, end);
    }
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
