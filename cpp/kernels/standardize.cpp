// Rows less their mean, times factors, plus what is added.
#include "contracts/statistics.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class T, bool SCALED, bool ADDED>
CONVX_INLINE vec<T> value(vec<T> x, vec<T> mean, vec<T> rest, vec<T> factor, vec<T> scale, vec<T> bias) {
    vec<T> v = ((x - mean) - rest) * factor;
    if (SCALED) v *= scale;
    return ADDED ? v + bias : v;
}

template <class T>
CONVX_INLINE vec<T> load_few(const T* x, int64_t n) {
    alignas(64) T few[LANES<T>] = {};
    copy_few(few, x, n);
    return load(few);
}

// Scale and bias are those of the row or, EACH, of its elements.
template <class T, bool EACH, bool SCALED, bool ADDED>
__attribute__((noinline)) void row(const Standardize<T>& s) {
    constexpr int L = LANES<T>;
    const vec<T> mean = splat(s.mean), rest = splat(s.rest), factor = splat(s.factor);
    vec<T> scale = {}, bias = {};
    if (SCALED && !EACH) scale = splat(*s.scale);
    if (ADDED && !EACH) bias = splat(*s.bias);
    int64_t i = 0;
    for (; i + L <= s.count; i += L) {
        if (SCALED && EACH) scale = load(s.scale + i);
        if (ADDED && EACH) bias = load(s.bias + i);
        store(s.y + i, value<T, SCALED, ADDED>(load(s.x + i), mean, rest, factor, scale, bias));
    }
    const int64_t few = s.count - i;
    if (few == 0) return;
    if (SCALED && EACH) scale = load_few(s.scale + i, few);
    if (ADDED && EACH) bias = load_few(s.bias + i, few);
    alignas(64) T last[L];
    store(last, value<T, SCALED, ADDED>(load_few(s.x + i, few), mean, rest, factor, scale, bias));
    copy_few(s.y + i, last, few);
}

template <class T, bool EACH>
CONVX_INLINE void by_what_there_is(const Standardize<T>& s) {
    if (s.scale && s.bias) return row<T, EACH, true, true>(s);
    if (s.scale) return row<T, EACH, true, false>(s);
    if (s.bias) return row<T, EACH, false, true>(s);
    row<T, EACH, false, false>(s);
}

}  // namespace

template <class T>
void Float<T>::standardize(const Standardize<T>& s) {
    s.step ? by_what_there_is<T, true>(s) : by_what_there_is<T, false>(s);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
