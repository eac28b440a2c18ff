// Outputs out of the rows that the inverse transform leaves: every one, or those of a stride.
#include "contracts/fft.h"
#include "simd.h"

namespace convx::CONVX_ISA {

template <class T>
void Float<T>::fft_store(const FftStore<T>& s) {
    constexpr int L = LANES<T>;
    const vec<T> bias = splat(s.epilogue.bias ? *s.epilogue.bias : T(-0.0));
    const T* x = s.x;
    T* out = s.out;
    for (int64_t r = 0; r < s.rows; ++r, x += s.x_row, out += s.out_row)
        for (int64_t i = 0; i < s.count; i += L) {
            const int64_t n = s.count - i < L ? s.count - i : L;
            alignas(64) T some[L] = {};
            if (s.step != 1)
                for (int64_t l = 0; l < n; ++l) some[l] = x[(i + l) * s.step];
            vec<T> y = (s.step == 1 ? load(x + i) : load(some)) + bias;
            if (s.epilogue.has_residual) {
                copy_few(some, s.epilogue.residual_of(out + i), n);
                y += load(some);
            }
            y = activate<T>(y, s.epilogue);
            if (n == L) {
                store(out + i, y);
            } else {
                store(some, y);
                copy_few(out + i, some, n);
            }
        }
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
