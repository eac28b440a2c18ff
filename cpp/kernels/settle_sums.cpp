// Sums of which an order of additions decides what integer they become, added up again in that order.
#include "contracts/image.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

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

// CHAINS vectors of sums from i on: an addition waits for the one before it, and others fill the time.
template <class T, bool MIRRORED, int CHAINS>
__attribute__((noinline)) void add_up(const Settling<T>& s, int64_t i) {
    const T* const x = s.x + i;
    vec<double> total[CHAINS] = {};
    for (const SettleTerm *term = s.terms, *end = term + s.term_count; term != end; ++term) {
        CONVX_UNROLL
        for (int c = 0; c < CHAINS; ++c) {
            vec<double> value = doubles(x + term->a + c * D);
            if constexpr (MIRRORED) value += term->mirror * doubles(x + term->b + c * D);
            vec<double> product = value * term->w;
            CONVX_HOLD(product);
            total[c] += product;
        }
    }
    CONVX_UNROLL
    for (int c = 0; c < CHAINS; ++c) store<T, D>(s.sums + i + c * D, kept<T>(total[c], s.rule));
}

template <class T>
CONVX_INLINE bool any_near(const T* sums, const Settling<T>& s, T tie) {
    vec<T, D> moved = load<T, D>(sums) - tie;
    moved -= (moved + WHOLE<T>)-WHOLE<T>;
    const auto far = (moved > s.tolerance) | (moved < -s.tolerance);
    return any(~far);
}

constexpr int CHAINS = 4;

// Single vectors where few need it.
template <class T, bool MIRRORED>
__attribute__((noinline)) void settle_block(const Settling<T>& s, int64_t from, int64_t to) {
    const T tie = static_cast<T>(tie_of(s.rule));
    for (int64_t i = from; i < to; i += CHAINS * D) {
        bool here[CHAINS];
        int count = 0;
        for (int c = 0; c < CHAINS; ++c) count += here[c] = any_near<T>(s.sums + i + c * D, s, tie);
        if (count > 1) {
            add_up<T, MIRRORED, CHAINS>(s, i);
            continue;
        }
        for (int c = 0; c < CHAINS; ++c)
            if (here[c]) add_up<T, MIRRORED, 1>(s, i + c * D);
    }
}

}  // namespace

template <class T>
void Float<T>::settle_sums(const Settling<T>& s) {
    constexpr int L = LANES<T>, BLOCK = CHAINS * D, VECTORS = BLOCK / L;
    static_assert(SUM_BLOCK % BLOCK == 0, "what may be written behind a row");
    const T tie = static_cast<T>(tie_of(s.rule));
    for (int64_t i = 0; i < s.count; i += BLOCK) {
        mask<T> some = {};
        CONVX_UNROLL
        for (int v = 0; v < VECTORS; ++v) some |= near<T>(load(s.sums + i + v * L), tie, s.tolerance);
        if (any(some)) s.mirrored ? settle_block<T, true>(s, i, i + BLOCK) : settle_block<T, false>(s, i, i + BLOCK);
    }
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
